// What npm twilio and npm standardwebhooks sign, for comparison with ours: a line of JSON in, a line with the signature out.
import readline from "node:readline";
import { Webhook } from "standardwebhooks";
import webhooks from "twilio/lib/webhooks/webhooks.js";

// As a server's form parser gives them: a name that comes twice has a list.
function parameters(form) {
  const found = {};
  for (const [name, value] of form) found[name] = name in found ? [].concat(found[name], value) : value;
  return found;
}

const signers = {
  twilio: ({ token, url, form }) => webhooks.getExpectedTwilioSignature(token, url, parameters(form)),
  webhook: ({ secret, id, seconds, body }) => new Webhook(secret).sign(id, new Date(seconds * 1000), body),
};

for await (const line of readline.createInterface({ input: process.stdin })) {
  const wanted = JSON.parse(line);
  console.log(signers[wanted.by](wanted));
}
