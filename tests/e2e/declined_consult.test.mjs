// A clinician can't have a booked visit after all: the patient, who watches, keeps the place and is offered others' times.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { until } from "../support/ports.mjs";
import { running } from "../support/running.mjs";
import { latestOf, ok, reasonOf, soreRunner } from "../support/walk.mjs";

const here = running();
const asked = (body = {}) => ({ requestId: randomUUID(), ...body });

// Follows a consult by server-sent events: until(condition) resolves to the first consult that meets it.
async function watch(suite, name, token, lastEventId) {
  const stop = new AbortController();
  const headers = { authorization: `Bearer ${token}`, ...(lastEventId ? { "last-event-id": lastEventId } : {}) };
  const response = await fetch(`${suite.url}/v1/${name}:watch`, { headers, signal: stop.signal });
  const seen = [];
  const watching = { status: response.status, seen, id: undefined, close: () => stop.abort() };
  const reading = (async () => {
    let text = "";
    for await (const bytes of response.body) {
      text += Buffer.from(bytes).toString();
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const event = text.slice(0, end);
        text = text.slice(end + 2);
        watching.id = /^id: (.+)$/m.exec(event)?.[1] ?? watching.id;
        const { consult } = JSON.parse(/^data: (.+)$/m.exec(event)[1]);
        if (consult) seen.push(consult);
      }
    }
  })();
  reading.catch(() => {});
  watching.until = (condition) => until(() => seen.find(condition), 10_000, `saw only ${seen.map(({ state }) => state)}`);
  return watching;
}

test("a declined consult keeps its place and goes to somebody else", async () => {
  const { suite } = here;
  const patient = suite.token("patients/declined", "patient");
  const staff = suite.token("staff/front-desk", "staff");
  const contact = { ...soreRunner.contact, email: "declined@example.com" };
  const offered = await ok(suite, "POST", "/v1/consults", { token: patient, body: asked({ ...soreRunner, contact }) });
  const offer = latestOf(offered.offers);
  const choice = asked({ clinician: offer.clinician, startTime: offer.startTime });
  const booked = await ok(suite, "POST", `/v1/${offered.name}:chooseSlot`, { token: patient, body: choice });
  const watching = await watch(suite, offered.name, patient);
  await watching.until(({ state }) => state === "CONSULT_STATE_BOOKED");

  const clinician = suite.token(offer.clinician, "clinician");
  const other = suite.token("clinicians/nobody-here", "clinician");
  const worklist = await ok(suite, "GET", "/v1/consults", { token: clinician });
  assert.deepEqual(worklist.consults.map(({ name }) => name), [booked.name]);
  assert.equal((await ok(suite, "GET", "/v1/consults", { token: other })).consults, undefined);
  assert.equal(reasonOf((await suite.http("GET", `/v1/${booked.name}`, { token: other })).body), "NOT_YOURS");
  assert.equal((await watch(suite, booked.name, other)).status, 403);
  const decline = (token) => ["POST", `/v1/${booked.name}:decline`, { token, body: asked({ reason: "on leave" }) }];
  assert.equal(reasonOf((await suite.http(...decline(other))).body), "NOT_YOURS");
  assert.equal(reasonOf((await suite.http(...decline(patient))).body), "ROLE_NOT_ALLOWED");

  // Whoever has declined has no part in it any more, and is shown that alone.
  const answer = await ok(suite, ...decline(clinician));
  assert.equal(answer.state, "CONSULT_STATE_OFFERED");
  assert.deepEqual([answer.patient, answer.contact, answer.presentation, answer.assessment, answer.offers], Array(5).fill(undefined));
  const again = await ok(suite, "GET", `/v1/${booked.name}`, { token: staff });
  assert.ok(again.offers.length > 0 && again.offers.every((one) => one.clinician !== offer.clinician));
  assert.equal(again.createTime, offered.createTime);
  assert.equal(again.assessment.actByTime, offered.assessment.actByTime);
  assert.ok(again.routingNotes.some((note) => note.clinician === offer.clinician && note.reason === "DECLINED"));
  assert.equal(reasonOf((await suite.http(...decline(clinician))).body), "NOT_DECLINABLE");

  const visit = await ok(suite, "GET", `/v1/${booked.appointment}`, { token: staff });
  assert.equal(visit.state, "APPOINTMENT_STATE_CANCELLED");
  assert.deepEqual([visit.cancellation.waiver, visit.cancellation.feeDue], ["FEE_WAIVER_PRACTICE", undefined]);
  const told = await watching.until(({ state }) => state === "CONSULT_STATE_OFFERED");
  assert.match(told.guidance, /can't see you/);
  assert.equal(told.declines, undefined);
  const letter = () => suite.mails().find((text) => text.includes("declined@example.com") && text.replaceAll(/=?\r?\n/g, "").includes("is canceled"));
  await until(letter, 10_000, "the patient wasn't told");

  // Whoever was cut off goes on from there.
  watching.close();
  const resumed = await watch(suite, booked.name, patient, watching.id);
  const next = latestOf(again.offers);
  const second = asked({ clinician: next.clinician, startTime: next.startTime });
  assert.equal((await ok(suite, "POST", `/v1/${booked.name}:chooseSlot`, { token: patient, body: second })).state, "CONSULT_STATE_BOOKED");
  await resumed.until(({ state, chosenSlot }) => state === "CONSULT_STATE_BOOKED" && chosenSlot.clinician === next.clinician);
  resumed.close();
});

test("staff and clinicians list what waits and what is whose, the most urgent first", async () => {
  const { suite } = here;
  const staff = suite.token("staff/front-desk", "staff");
  const ask = (subject, wanted) => ok(suite, "POST", "/v1/consults", { token: suite.token(subject, "patient"), body: asked(wanted) });
  // Nobody of the sample is licensed there.
  const waiting = await ask("patients/guam", { ...soreRunner, contact: { ...soreRunner.contact, state: "GU" } });
  const offered = await ask("patients/later", soreRunner);
  const list = async (query, token = staff) => (await ok(suite, "GET", `/v1/consults?${query}`, { token })).consults?.map(({ name }) => name) ?? [];
  assert.ok((await list("view=CONSULT_VIEW_STAFF_QUEUE&order=CONSULT_ORDER_URGENCY")).includes(waiting.name));
  const both = await list("states=CONSULT_STATE_OFFERED&states=CONSULT_STATE_ESCALATED&order=CONSULT_ORDER_URGENCY");
  assert.ok(both.includes(waiting.name) && both.includes(offered.name));
  const token = suite.token("clinicians/maya-chen", "clinician");
  await ok(suite, "POST", `/v1/${waiting.name}:accept`, { token, body: asked() });
  assert.ok(!(await list("view=CONSULT_VIEW_STAFF_QUEUE")).includes(waiting.name));
  assert.ok((await list("", token)).includes(waiting.name));
  assert.ok((await list("view=CONSULT_VIEW_WORKLIST&clinician=clinicians/maya-chen")).includes(waiting.name));
  const asTool = suite.lumbar("consult", "list", "--server", suite.url, "--token", token, "--view", "worklist", "--order", "urgency");
  assert.match(asTool, new RegExp(waiting.name));
});

test("the command line watches a consult until it is over", async () => {
  const { suite } = here;
  const token = suite.token("patients/quits", "patient");
  const offered = await ok(suite, "POST", "/v1/consults", { token, body: asked(soreRunner) });
  await ok(suite, "POST", `/v1/${offered.name}:cancel`, { token, body: asked() });
  assert.match(suite.lumbar("consult", "watch", offered.name, "--server", suite.url, "--token", token), /cancelled/);
});
