// Waiting for a time, over the public port, and watching what comes of it, over the internal one.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { client, status, watch } from "../support/grpc.mjs";
import { until } from "../support/ports.mjs";
import { running } from "../support/running.mjs";
import { numbPatient, ok, reasonOf, soreRunner } from "../support/walk.mjs";

const here = running();
const visitType = "virtual-back-pain";

async function assess(suite, patient, presentation) {
  const triage = client(suite, "triage");
  const token = suite.token("services/portal", "service");
  const { assessment } = await triage.call("assess", { presentation, patient, sign: true }, { token });
  triage.close();
  return assessment.signedAssessment;
}

// A patient who wants exactly the time of `slot`.
async function wish(suite, patient, slot, presentation = soreRunner.presentation) {
  return {
    requestId: randomUUID(),
    visitType,
    signedAssessment: await assess(suite, patient, presentation),
    contact: { ...soreRunner.contact, email: `${patient.split("/")[1]}@example.com` },
    clinicians: [slot.clinician],
    earliestTime: slot.startTime,
    latestTime: slot.startTime,
  };
}

// One that doesn't begin too soon to be offered.
const offerable = (slots) => slots.find(({ startTime }) => Date.parse(startTime) > Date.now() + 3_600_000);

async function offerTo(suite, name, token) {
  let entry;
  await until(
    async () => {
      const answer = await suite.http("GET", `/v1/${name}`, { token });
      // The gateway may still be looking for a service that was just restarted.
      entry = answer.body;
      return answer.status === 200 && entry.state === "WAITLIST_STATE_OFFERED";
    },
    10_000,
    `nothing was offered to ${name}`,
  );
  return entry;
}

const mailTo = (suite, address) => suite.mails().find((mail) => mail.includes(`To: `) && mail.includes(address));

test("a time that comes free goes to the next who waits, survives a crash, and can be booked", async () => {
  const { suite } = here;
  const [first, second] = ["patients/first", "patients/second"];
  const token = { [first]: suite.token(first, "patient"), [second]: suite.token(second, "patient") };
  const search = { patientState: "CA", patientAgeYears: 34, visitType, pageSize: 200 };
  const { slots } = await ok(suite, "POST", "/v1/slots:search", { token: token[first], body: search });
  const slot = offerable(slots);
  const seen = watch(suite, {}, suite.token("staff/desk", "staff"));
  await seen.next();

  const waiting = await ok(suite, "POST", "/v1/waitlistEntries", { token: token[first], body: await wish(suite, first, slot) });
  const offered = await offerTo(suite, waiting.name, token[first]);
  assert.equal(offered.offer.slot.startTime, slot.startTime);
  await until(() => mailTo(suite, "first@example.com"), 10_000, "no mail of the offer");
  const accepted = await ok(suite, "POST", `/v1/${waiting.name}:accept`, { token: token[first], body: { requestId: randomUUID() } });
  const booked = await ok(suite, "POST", `/v1/${accepted.hold.name}:confirm`, { token: token[first], body: { requestId: randomUUID() } });
  assert.equal((await seen.change()).appointment.name, booked.name);

  const later = await ok(suite, "POST", "/v1/waitlistEntries", { token: token[second], body: await wish(suite, second, slot) });
  assert.equal((await ok(suite, "GET", `/v1/${later.name}`, { token: token[second] })).state, "WAITLIST_STATE_WAITING");
  await ok(suite, "POST", `/v1/${booked.name}:cancel`, { token: token[first], body: { requestId: randomUUID() } });
  const { appointment: cancelled } = await seen.change();
  assert.deepEqual([cancelled.name, cancelled.version, cancelled.state], [booked.name, "2", "APPOINTMENT_STATE_CANCELLED"]);
  await offerTo(suite, later.name, token[second]);

  await suite.processes.get("booking").kill();
  assert.equal((await seen.end()).code, status.UNAVAILABLE);
  await suite.startService("booking");
  const kept = await offerTo(suite, later.name, token[second]);
  const rival = { requestId: randomUUID(), clinician: slot.clinician, visitType, startTime: slot.startTime, contact: soreRunner.contact, signedAssessment: await assess(suite, first, soreRunner.presentation) };
  assert.equal(reasonOf((await suite.http("POST", "/v1/holds", { token: token[first], body: rival })).body), "SLOT_TAKEN");
  const again = watch(suite, { resumeToken: seen.token }, suite.token("staff/desk", "staff"));
  const { hold } = await ok(suite, "POST", `/v1/${later.name}:accept`, { token: token[second], body: { requestId: randomUUID(), etag: kept.etag } });
  const other = await ok(suite, "POST", `/v1/${hold.name}:confirm`, { token: token[second], body: { requestId: randomUUID() } });
  let change = await again.change();
  while (change.appointment.name === booked.name) change = await again.change();
  assert.equal(change.appointment.name, other.name, "after what came again, the new one");
  again.close();
});

test("an emergency can't wait", async () => {
  const { suite } = here;
  const patient = "patients/numb";
  const token = suite.token(patient, "patient");
  const slot = { clinician: "clinicians/maya-chen", startTime: new Date(Date.now() + 86_400_000).toISOString() };
  const body = await wish(suite, patient, slot, numbPatient.presentation);
  assert.equal(reasonOf((await suite.http("POST", "/v1/waitlistEntries", { token, body })).body), "EMERGENCY_NOT_BOOKABLE");
});

test("nobody sees another's place", async () => {
  const { suite } = here;
  const { slots } = await ok(suite, "POST", "/v1/slots:search", {
    token: suite.token("patients/curious", "patient"),
    body: { patientState: "CA", patientAgeYears: 34, visitType, pageSize: 200 },
  });
  const patient = "patients/private";
  const { name } = await ok(suite, "POST", "/v1/waitlistEntries", { token: suite.token(patient, "patient"), body: await wish(suite, patient, offerable(slots)) });
  const other = suite.token("patients/curious", "patient");
  assert.equal(reasonOf((await suite.http("GET", `/v1/${name}`, { token: other })).body), "NOT_YOURS");
  assert.deepEqual(await ok(suite, "GET", "/v1/waitlistEntries", { token: other }), {});
  const left = await ok(suite, "POST", `/v1/${name}:leave`, { token: suite.token(patient, "patient"), body: { requestId: randomUUID() } });
  assert.equal(left.state, "WAITLIST_STATE_LEFT");
});
