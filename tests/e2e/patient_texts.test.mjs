// What patients text to the clinic: from the provider's signed form at the public port to the care team's answer.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import webhooks from "twilio/lib/webhooks/webhooks.js";
import { metricsPage } from "../support/metrics.mjs";
import { until } from "../support/ports.mjs";
import { running } from "../support/running.mjs";
import { ACCOUNT, TOKEN, TextProvider } from "../support/text_provider.mjs";
import { ok, reasonOf } from "../support/walk.mjs";

const PUBLIC = "https://clinic.example";
const ROUTE = "/v1/providers/twilio:text";

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

let count = 0;

// A text as the provider tells of it; resolves to the TwiML that it is answered with.
async function text(from, body, { sid = `SM${(count += 1)}`, forged = false, media = 0 } = {}) {
  const form = { MessageSid: sid, From: from, To: "+15005550006", Body: body, NumMedia: `${media}` };
  const signature = webhooks.getExpectedTwilioSignature(forged ? "another" : TOKEN, PUBLIC + ROUTE, form);
  const answer = await fetch(here.suite.url + ROUTE, {
    method: "POST",
    headers: { "X-Twilio-Signature": signature },
    body: new URLSearchParams(form),
  });
  return { status: answer.status, type: answer.headers.get("content-type"), twiml: await answer.text() };
}

const staff = () => here.suite.token("staff/desk", "staff");
async function conversations(query = "") {
  const { entries = [] } = await ok(here.suite, "GET", `/v1/conversations${query}`, { token: staff() });
  return entries;
}
const of = async (number) => (await conversations()).find((one) => one.number === number);

test("an emergency is sent to 911 at once, and staff is told that it waits", async () => {
  const { status, type, twiml } = await text("+12125550111", "I can't pee since this morning & my legs go numb");
  assert.deepEqual([status, type], [200, "text/xml; charset=utf-8"]);
  assert.match(twiml, /<Response><Message>Lumbar Demo Clinic: .*Call 911 now/);
  const found = await of("+12125550111");
  assert.equal(found.urgency, "CONVERSATION_URGENCY_EMERGENCY");
  const mail = await until(() => here.suite.mails().find((one) => one.includes("An emergency text waits")), 10_000, "nobody was alerted");
  assert.match(mail, /^To:.*desk@clinic\.example/m);
  assert.ok(mail.replaceAll("=\n", "").includes(found.name));
  assert.doesNotMatch(mail, /pee|5550111/);

  const spanish = await text("+12125550112", "No puedo orinar desde ayer");
  assert.match(spanish.twiml, /Llame al 911 ahora/);
  assert.equal((await conversations())[0].urgency, "CONVERSATION_URGENCY_EMERGENCY", "emergencies come first");
});

test("an ordinary text is answered by a person, whose answer travels to the telephone", async () => {
  const { suite } = here;
  const first = await text("+12125550121", "Can I come at 3?");
  assert.match(first.twiml, /we got your text.*recibimos su texto/s, "nobody knows who it is");
  assert.match((await text("+12125550121", "Or at 4?")).twiml, /<Response\/>$/, "only the first is acknowledged");
  const waiting = await of("+12125550121");
  const token = staff();
  const assigned = await ok(suite, "POST", `/v1/${waiting.name}:assign`, { token, body: { requestId: randomUUID(), assignee: "staff/desk" } });
  assert.equal(assigned.assignee, "staff/desk");
  const body = { requestId: randomUUID(), text: "Yes, at 4. Ask for Maya.", etag: waiting.etag };
  const stale = await suite.http("POST", `/v1/${waiting.name}:reply`, { token, body });
  assert.deepEqual([stale.status, reasonOf(stale.body)], [409, "ETAG_MISMATCH"]);
  await ok(suite, "POST", `/v1/${waiting.name}:reply`, { token, body: { ...body, requestId: randomUUID(), etag: assigned.etag } });
  const sent = await until(() => provider.taken.find(({ to }) => to === "+12125550121"), 10_000, "the answer wasn't sent");
  assert.equal(sent.body, "Yes, at 4. Ask for Maya.");
  const delivery = async () => (await ok(suite, "GET", `/v1/${waiting.name}`, { token })).texts[0].delivery;
  await until(async () => (await delivery()) === "MESSAGE_STATE_SENT", 10_000, "it isn't shown as sent");
  const closed = await ok(suite, "POST", `/v1/${waiting.name}:close`, { token, body: { requestId: randomUUID() } });
  assert.equal(closed.state, "CONVERSATION_STATE_CLOSED");
  assert.match((await text("+12125550121", "Thanks")).twiml, /we got your text/);
  assert.equal((await of("+12125550121")).state, "CONVERSATION_STATE_WAITING");
});

test("STOP holds until START, and forbids an answer", async () => {
  const { suite } = here;
  await text("+12125550131", "Can I come at 3?");
  assert.match((await text("+12125550131", "Stop please")).twiml, /no more texts/);
  const { name } = await of("+12125550131");
  const body = { requestId: randomUUID(), text: "Yes" };
  const refused = await suite.http("POST", `/v1/${name}:reply`, { token: staff(), body });
  assert.deepEqual([refused.status, reasonOf(refused.body)], [400, "OPTED_OUT"]);
  assert.match((await text("+12125550131", "START")).twiml, /again/);
  await ok(suite, "POST", `/v1/${name}:reply`, { token: staff(), body });
});

test("a repeat gets the same answer and is kept once; a forged one is neither", async () => {
  const first = await text("+12125550141", "hello", { sid: "SMsame" });
  assert.equal((await text("+12125550141", "hello", { sid: "SMsame" })).twiml, first.twiml);
  assert.equal((await of("+12125550141")).textCount, 1);
  assert.equal((await text("+12125550142", "I can't pee", { forged: true })).status, 401);
  assert.equal(await of("+12125550142"), undefined);
});

test("only the care team reads what patients write, and no log or metric has it", async () => {
  const { suite } = here;
  const { name } = await of("+12125550111");
  for (const [subject, role] of [["patients/alex", "patient"], ["services/booking", "service"], ["admin/1", "admin"]]) {
    const { status } = await suite.http("GET", `/v1/${name}`, { token: suite.token(subject, role) });
    assert.equal(status, 403, role);
  }
  assert.equal((await suite.http("GET", `/v1/${name}`)).status, 401);
  await ok(suite, "GET", `/v1/${name}`, { token: suite.token("clinicians/maya-chen", "clinician") });

  const metrics = await metricsPage(suite.ports.notification.metrics);
  assert.match(metrics, /notification_texts_received_total\{[^}]*kind="emergency"[^}]*\} 2/);
  const written = [metrics];
  for (const service of ["notification", "gateway", "triage"]) {
    written.push(readFileSync(path.join(suite.data, "logs", `${service}.log`), "utf8"));
    written.push(readFileSync(path.join(suite.data, `${service}.audit.log`), "utf8"));
  }
  for (const file of written) assert.doesNotMatch(file, /555-?01[1-4]\d|can't pee|orinar|Ask for Maya/);
});

test("without triage nothing counts as harmless", async () => {
  await here.suite.processes.get("triage").stop();
  assert.match((await text("+12125550151", "I can't pee")).twiml, /911/);
  assert.equal((await of("+12125550151")).urgency, "CONVERSATION_URGENCY_UNSCANNED");
});
