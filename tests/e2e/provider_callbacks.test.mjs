// What a text provider tells at the public port: believed with its signature only, and shown to staff.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import webhooks from "twilio/lib/webhooks/webhooks.js";
import { until } from "../support/ports.mjs";
import { running } from "../support/running.mjs";
import { ACCOUNT, TOKEN } from "../support/text_provider.mjs";
import { ok, reasonOf, walkBooked } from "../support/walk.mjs";

const PUBLIC = "https://clinic.example";

const here = running((folder) => {
  const file = path.join(folder, "twilio.token");
  writeFileSync(file, TOKEN, { mode: 0o600 });
  return {
    notification: {
      LUMBAR_SMS_PROVIDERS: `name=twilio,account=${ACCOUNT},token-file=${file},from=+15005550006,url=http://127.0.0.1:9`,
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

test("a signed callback takes a message forward, and nothing else does", async () => {
  const { suite } = here;
  await walkBooked(suite);
  const token = suite.token("staff/desk", "staff");
  const messages = async () => (await ok(suite, "GET", "/v1/messages", { token })).messages;
  const sent = await until(async () => (await messages()).find(({ state }) => state === "MESSAGE_STATE_SENT"), 10_000, "nothing was sent");
  const route = `/v1/providers/twilio:status?message=${sent.name.split("/")[1]}`;
  const standing = async () => (await ok(suite, "GET", `/v1/${sent.name}`, { token })).state;
  const delivered = { MessageSid: "SM1", MessageStatus: "delivered", To: "+12125550123" };

  for (const signature of ["", "forged", webhooks.getExpectedTwilioSignature("another", PUBLIC + route, delivered)]) {
    const refused = await tell(route, delivered, signature);
    assert.equal(refused.status, 401);
    assert.equal(reasonOf(JSON.parse(refused.text)), "CALLBACK_NOT_SIGNED");
  }
  assert.equal(await standing(), "MESSAGE_STATE_SENT");

  const taken = await tell(route, delivered);
  assert.deepEqual([taken.status, taken.type], [200, "text/xml; charset=utf-8"]);
  assert.match(taken.text, /<Response\/>$/);
  assert.equal(await standing(), "MESSAGE_STATE_DELIVERED");
  assert.equal((await tell(route, { ...delivered, MessageStatus: "failed" })).status, 200, "a late word is taken");
  assert.equal(await standing(), "MESSAGE_STATE_DELIVERED", "and changes nothing");
});

test("the providers' route takes no JSON for a form, and no other path takes a form", async () => {
  assert.equal((await tell("/v1/providers/nobody:status?message=1", { MessageSid: "SM1" })).status, 401);
  assert.equal((await tell("/v1/triage:assess", { a: "b" })).status, 415);
});
