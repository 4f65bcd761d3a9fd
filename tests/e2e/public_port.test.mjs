// The public port, driven by fetch and curl as anybody's frontend would.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { running } from "../support/running.mjs";
import { numbPatient, ok, reasonOf, soreRunner, walkBooked, walkEmergency } from "../support/walk.mjs";

const here = running();

test("a consult ends with a booked visit, reminders queued and a confirmation in the mailbox", async () => {
  const { appointment } = await walkBooked(here.suite);
  const staff = here.suite.token("staff/front-desk", "staff");
  const { messages } = await ok(here.suite, "GET", `/v1/messages?appointment=${appointment.name}`, { token: staff });
  const kinds = messages.map((message) => message.kind);
  assert.ok(kinds.includes("MESSAGE_KIND_CONFIRMATION"));
  const reminders = messages.filter(({ kind }) => kind.startsWith("MESSAGE_KIND_REMINDER"));
  assert.ok(reminders.length > 0, JSON.stringify(messages));
  assert.ok(reminders.every(({ state }) => state === "MESSAGE_STATE_QUEUED"));
});

test("an emergency is told to get help and booked by no route", async () => {
  const { suite } = here;
  const { token } = await walkEmergency(suite);
  const assessed = await ok(suite, "POST", "/v1/triage:assess", {
    token,
    body: { presentation: numbPatient.presentation, patient: "patients/sam", sign: true },
  });
  assert.ok(["LEVEL_EMERGENCY", "LEVEL_EMERGENCY_AMBULANCE"].includes(assessed.level));
  const search = { patientState: "CA", patientAgeYears: 34, visitType: "virtual-back-pain" };
  const { slots } = await ok(suite, "POST", "/v1/slots:search", { token, body: search });
  const hold = {
    requestId: randomUUID(),
    clinician: slots[0].clinician,
    visitType: slots[0].visitType,
    startTime: slots[0].startTime,
    contact: numbPatient.contact,
  };
  const signed = await suite.http("POST", "/v1/holds", { token, body: { ...hold, signedAssessment: assessed.signedAssessment } });
  assert.equal(signed.status, 400);
  assert.equal(reasonOf(signed.body), "EMERGENCY_NOT_BOOKABLE");
  const bare = await suite.http("POST", "/v1/holds", { token, body: { ...hold, requestId: randomUUID() } });
  assert.equal(reasonOf(bare.body), "ASSESSMENT_REQUIRED");
  const override = { ...hold, requestId: randomUUID(), overrideReason: "I insist" };
  const overridden = await suite.http("POST", "/v1/holds", { token, body: override });
  assert.equal(reasonOf(overridden.body), "OVERRIDE_STAFF_ONLY");
});

test("another patient's assessment is no ticket", async () => {
  const { suite } = here;
  const theirs = await ok(suite, "POST", "/v1/triage:assess", {
    token: suite.token("patients/one", "patient"),
    body: { presentation: soreRunner.presentation, patient: "patients/one", sign: true },
  });
  const token = suite.token("patients/two", "patient");
  const { slots } = await ok(suite, "POST", "/v1/slots:search", {
    token,
    body: { patientState: "CA", patientAgeYears: 34, visitType: "virtual-back-pain" },
  });
  const { body } = await suite.http("POST", "/v1/holds", {
    token,
    body: { requestId: randomUUID(), ...pick(slots[0]), contact: soreRunner.contact, signedAssessment: theirs.signedAssessment },
  });
  assert.equal(reasonOf(body), "ASSESSMENT_OTHER_PATIENT");
});

const pick = ({ clinician, visitType, startTime }) => ({ clinician, visitType, startTime });

test("a patient sees nobody else's consult", async () => {
  const { suite } = here;
  const { consult } = await walkEmergency(suite);
  const { status, body } = await suite.http("GET", `/v1/${consult.name}`, { token: suite.token("patients/eve", "patient") });
  assert.equal(status, 403);
  assert.equal(reasonOf(body), "NOT_YOURS");
});

test("a repeated request gives the same consult, the same id with another body an error", async () => {
  const { suite } = here;
  const token = suite.token("patients/again", "patient");
  const body = { requestId: randomUUID(), ...soreRunner };
  const first = await ok(suite, "POST", "/v1/consults", { token, body });
  const again = await ok(suite, "POST", "/v1/consults", { token, body });
  assert.equal(again.name, first.name);
  const other = await suite.http("POST", "/v1/consults", { token, body: { ...body, contact: { ...body.contact, state: "NY" } } });
  assert.equal(other.status, 400);
  assert.equal(reasonOf(other.body), "REQUEST_ID_REUSED");
});

test("errors are AIP-193 JSON that names the field", async () => {
  const { suite } = here;
  const token = suite.token("patients/alex", "patient");
  const { status, body } = await suite.http("POST", "/v1/consults", {
    token,
    body: { requestId: "not-a-uuid", ...soreRunner },
  });
  assert.equal(status, 400);
  assert.equal(body.error.status, "INVALID_ARGUMENT");
  const fields = body.error.details.flatMap((detail) => detail.fieldViolations ?? []).map(({ field }) => field);
  assert.ok(fields.some((field) => /request_?id/i.test(field)), JSON.stringify(body));
});

test("nobody without a token books anything", async () => {
  const { status, body } = await here.suite.http("POST", "/v1/consults", { body: { requestId: randomUUID(), ...soreRunner } });
  assert.equal(status, 401);
  assert.equal(reasonOf(body), "TOKEN_MISSING");
});

test("broken JSON is refused in words", async () => {
  const token = here.suite.token("patients/alex", "patient");
  for (const text of ["{", '{"a":1}', '{"requestId": 07}', "[]", '"x"', '{"requestId":"a",}']) {
    const { status, body } = await here.suite.http("POST", "/v1/consults", { token, body: text });
    assert.equal(status, 400, text);
    assert.ok(body.error.message.length > 10);
  }
});

test("curl reads the health and an article", () => {
  const curl = (route) => execFileSync("curl", ["-sS", "--max-time", "10", here.suite.url + route], { encoding: "utf8" });
  assert.equal(JSON.parse(curl("/healthz")).status, "serving");
  const { articles } = JSON.parse(curl("/v1/articles"));
  assert.ok(articles.length >= 6);
  assert.match(JSON.parse(curl(`/v1/${articles[0].name}`)).bodyHtml, /<h2 id=/);
});

test("changes of appointments come as server-sent events, and go on where they were cut", async () => {
  const { suite } = here;
  const headers = { authorization: `Bearer ${suite.token("staff/front-desk", "staff")}` };
  const listen = async (lastEventId, enough) => {
    const stop = new AbortController();
    const response = await fetch(`${suite.url}/v1/appointments:watch`, {
      headers: { ...headers, ...(lastEventId ? { "last-event-id": lastEventId } : {}) },
      signal: stop.signal,
    });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    let text = "";
    for await (const bytes of response.body) {
      text += Buffer.from(bytes).toString();
      if (await enough(text)) break;
    }
    stop.abort();
    return text;
  };
  const first = await listen(undefined, (text) => text.includes("\n\n"));
  const [, id] = /^id: (.+)$/m.exec(first);
  const { appointment } = await walkBooked(suite);
  await listen(id, (text) => text.includes(appointment.name));
});
