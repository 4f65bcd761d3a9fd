// What becomes of a booked visit, over the public port.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { until } from "../support/ports.mjs";
import { running } from "../support/running.mjs";
import { ok, reasonOf, soreRunner, walkBooked } from "../support/walk.mjs";

const here = running();

const messagesOf = (suite, appointment) =>
  ok(suite, "GET", `/v1/messages?appointment=${appointment}`, { token: suite.token("staff/front-desk", "staff") });

test("a moved visit has its reminders at the new time, and its old time is free again", async () => {
  const { suite } = here;
  const { consult, appointment, token } = await walkBooked(suite);
  const search = {
    patientState: soreRunner.contact.state,
    patientAgeYears: soreRunner.contact.ageYears,
    visitType: appointment.slot.visitType,
    clinician: appointment.slot.clinician,
  };
  const free = async () => (await ok(suite, "POST", "/v1/slots:search", { token, body: search })).slots.map(({ startTime }) => startTime);
  const [startTime] = await free();
  assert.ok(startTime < appointment.slot.startTime);
  const body = { requestId: randomUUID(), startTime, etag: appointment.etag };
  const moved = await ok(suite, "POST", `/v1/${appointment.name}:reschedule`, { token, body });
  assert.equal(moved.slot.startTime, startTime);
  assert.equal(moved.version, "2");
  assert.equal((await ok(suite, "GET", `/v1/${consult.name}`, { token })).chosenSlot.startTime, startTime);
  const now = await free();
  assert.ok(now.includes(appointment.slot.startTime) && !now.includes(startTime));

  const stale = await suite.http("POST", `/v1/${appointment.name}:reschedule`, { token, body: { ...body, requestId: randomUUID() } });
  assert.equal(reasonOf(stale.body), "ETAG_MISMATCH");
  await until(
    async () => {
      const { messages } = await messagesOf(suite, appointment.name);
      const old = messages.filter(({ appointmentVersion }) => appointmentVersion === "1");
      return old.every(({ state }) => state !== "MESSAGE_STATE_QUEUED") && old.length < messages.length;
    },
    10_000,
    "the reminders didn't move",
  );
});

test("a visit's price is quoted, with the day for the estimate when no insurance is used", async () => {
  const { suite } = here;
  const token = suite.token("patients/alex", "patient");
  const insured = await ok(suite, "GET", "/v1/prices:quote?visitType=virtual-back-pain&insured=true", { token });
  assert.deepEqual(insured, { amount: { currencyCode: "USD", units: "25" }, insured: true });
  const startTime = new Date(Date.now() + 30 * 86_400_000).toISOString();
  const own = await ok(suite, "GET", `/v1/prices:quote?visitType=virtual-back-pain&startTime=${startTime}`, { token });
  assert.equal(own.amount.units, "100");
  assert.ok(own.goodFaithEstimate.dueDate.year >= 2026);
  assert.match(own.goodFaithEstimate.text, /Good Faith Estimate by/);
});
