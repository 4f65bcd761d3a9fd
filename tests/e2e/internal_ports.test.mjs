// The internal gRPC ports, driven by a client that nobody here wrote.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { client, status } from "../support/grpc.mjs";
import { running } from "../support/running.mjs";
import { soreRunner } from "../support/walk.mjs";

const here = running();

// snake_case, as @grpc/proto-loader wants it without keepCase, is camelCase: the same as the public JSON.
const presentation = soreRunner.presentation;

test("an internal service asks for a triage score", async () => {
  const triage = client(here.suite, "triage");
  const token = here.suite.token("services/portal", "service");
  const { assessment } = await triage.call("assess", { presentation }, { token });
  assert.equal(assessment.level, "LEVEL_CONSULTATION");
  assert.equal(assessment.rulesSha256.length, 64);
  assert.ok(assessment.safetyNet.includes("911"));
  triage.close();
});

test("every service refuses a call without a token", async () => {
  for (const [service, method, request] of [
    ["triage", "assess", { presentation }],
    ["booking", "searchSlots", {}],
    ["notification", "listMessages", {}],
    ["gateway", "listConsults", {}],
  ]) {
    const stub = client(here.suite, service);
    await assert.rejects(stub.call(method, request), { code: status.UNAUTHENTICATED, reason: "TOKEN_MISSING" });
    stub.close();
  }
});

test("a patient may not speak for booking to notification", async () => {
  const stub = client(here.suite, "notification");
  const token = here.suite.token("patients/alex", "patient");
  await assert.rejects(stub.call("recordAppointmentEvent", { requestId: randomUUID() }, { token }), {
    code: status.PERMISSION_DENIED,
    reason: "ROLE_NOT_ALLOWED",
  });
  stub.close();
});

test("64 clients want one slot and exactly one gets it", async () => {
  const { suite } = here;
  const triage = client(suite, "triage");
  const booking = client(suite, "booking");
  const service = suite.token("services/portal", "service");
  const search = { patientState: "CA", patientAgeYears: 34, visitType: "virtual-back-pain", pageSize: 200 };
  const { slots } = await booking.call("searchSlots", search, { token: service });
  const slot = slots.at(-1);
  const wanting = await Promise.all(
    Array.from({ length: 64 }, async (_, i) => {
      const patient = `patients/racer-${i}`;
      const { assessment } = await triage.call("assess", { presentation, patient, sign: true }, { token: service });
      return { patient, signedAssessment: assessment.signedAssessment };
    }),
  );
  const outcomes = await Promise.allSettled(
    wanting.map((who) =>
      booking.call(
        "createHold",
        { requestId: randomUUID(), ...who, clinician: slot.clinician, visitType: slot.visitType, startTime: slot.startTime, contact: soreRunner.contact },
        { token: service },
      ),
    ),
  );
  const reasons = outcomes.filter(({ status: outcome }) => outcome === "rejected").map(({ reason }) => reason.reason);
  assert.equal(outcomes.filter(({ status: outcome }) => outcome === "fulfilled").length, 1, JSON.stringify(reasons));
  assert.deepEqual([...new Set(reasons)], ["SLOT_TAKEN"]);
  triage.close();
  booking.close();
});
