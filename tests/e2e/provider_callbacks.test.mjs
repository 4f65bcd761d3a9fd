// What a text provider tells at the public port: believed with its signature only, and shown to staff.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import webhooks from "twilio/lib/webhooks/webhooks.js";
import { until } from "../support/ports.mjs";
import { running } from "../support/running.mjs";
import { ACCOUNT, TOKEN, TextProvider } from "../support/text_provider.mjs";
import { ok, reasonOf, walkBooked } from "../support/walk.mjs";

const PUBLIC = "https://clinic.example";

const provider = new TextProvider();
const port = await provider.listen();
after(() => {
  provider.server.close();
  provider.server.closeAllConnections();
});

const here = running((folder) => {
  const file = path.join(folder, "twilio.token");
  writeFileSync(file, TOKEN, { mode: 0o600 });
  return {
    notification: {
      LUMBAR_SMS_PROVIDERS: `name=twilio,account=${ACCOUNT},token-file=${file},from=+15005550006,url=http://127.0.0.1:${port}`,
      LUMBAR_PUBLIC_URL: PUBLIC,
    },
  };
});

async function tell(route, form, signature = webhooks.getExpectedTwilioSignature(TOKEN, PUBLIC + route, form)) {
  const answer = await fetch(here.suite.url + route, {
    method: "POST",
    headers: { "X-Twilio-Signature": signature },
    body: new URLSearchParams(form),
  });
  return { status: answer.status, type: answer.headers.get("content-type"), text: await answer.text() };
}

const staff = () => here.suite.token("staff/desk", "staff");
const standing = async (name) => (await ok(here.suite, "GET", `/v1/${name}`, { token: staff() })).state;

// A text that the provider took: what it calls it, the message, and where it tells of it.
async function answered() {
  const { suite } = here;
  const wrote = { MessageSid: "SMin", From: "+12125550123", To: "+15005550006", Body: "Can I come at 3?", NumMedia: "0" };
  assert.equal((await tell("/v1/providers/twilio:text", wrote)).status, 200);
  const { entries } = await ok(suite, "GET", "/v1/conversations", { token: staff() });
  await ok(suite, "POST", `/v1/${entries[0].name}:reply`, { token: staff(), body: { requestId: randomUUID(), text: "Yes." } });
  const { sid, callback } = await until(() => provider.taken[0], 10_000, "nothing was sent");
  const { origin, pathname, search, searchParams } = new URL(callback);
  assert.equal(origin, PUBLIC);
  const name = `messages/${searchParams.get("message")}`;
  await until(async () => (await standing(name)) === "MESSAGE_STATE_SENT", 10_000, "it isn't shown as sent");
  return { sid, name, route: pathname + search };
}

test("a signed callback takes a text forward, and nothing else does", async () => {
  const { sid, name, route } = await answered();
  const delivered = { MessageSid: sid, MessageStatus: "delivered", To: "+12125550123" };

  for (const signature of ["", "forged", webhooks.getExpectedTwilioSignature("another", PUBLIC + route, delivered)]) {
    const refused = await tell(route, delivered, signature);
    assert.equal(refused.status, 401);
    assert.equal(reasonOf(JSON.parse(refused.text)), "CALLBACK_NOT_SIGNED");
  }
  const another = { ...delivered, MessageSid: "SManother", MessageStatus: "undelivered" };
  assert.equal((await tell(route, another)).status, 200, "of an earlier try, it may be");
  assert.equal(await standing(name), "MESSAGE_STATE_SENT");

  const taken = await tell(route, delivered);
  assert.deepEqual([taken.status, taken.type], [200, "text/xml; charset=utf-8"]);
  assert.match(taken.text, /<Response\/>$/);
  assert.equal(await standing(name), "MESSAGE_STATE_DELIVERED");
  assert.equal((await tell(route, { ...delivered, MessageStatus: "failed" })).status, 200, "a late word is taken");
  assert.equal(await standing(name), "MESSAGE_STATE_DELIVERED", "and changes nothing");
});

test("a text provider says nothing of an e-mail", async () => {
  const { suite } = here;
  const { appointment } = await walkBooked(suite);
  const { messages } = await ok(suite, "GET", `/v1/messages?appointment=${appointment.name}`, { token: staff() });
  const { name } = messages.find(({ state }) => state === "MESSAGE_STATE_SENT");
  const delivered = { MessageSid: "SM1", MessageStatus: "delivered", To: "+12125550123" };
  assert.equal((await tell(`/v1/providers/twilio:status?message=${name.split("/")[1]}`, delivered)).status, 200);
  assert.equal(await standing(name), "MESSAGE_STATE_SENT");
});

test("the providers' route takes no JSON for a form, and no other path takes a form", async () => {
  assert.equal((await tell("/v1/providers/nobody:status?message=1", { MessageSid: "SM1" })).status, 401);
  assert.equal((await tell("/v1/triage:assess", { a: "b" })).status, 415);
});
