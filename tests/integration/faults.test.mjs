// Parts of the running suite are killed, stopped and cut off; what was acknowledged stays, and nothing is done twice.
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { client, status } from "../support/grpc.mjs";
import { until } from "../support/ports.mjs";
import { running } from "../support/running.mjs";
import { numbPatient, ok, soreRunner, walkBooked, walkEmergency } from "../support/walk.mjs";

const here = running();
const presentation = soreRunner.presentation;

// The gateway's channel to a service that came back tries again within two seconds.
async function untilReached(suite, route, body) {
  const token = suite.token("patients/probe", "patient");
  const reached = async () => (await suite.http("POST", route, { token, body })).status === 200;
  await until(reached, 5_000, `${route} isn't reached again`);
}

async function holdFor(suite, patient) {
  const triage = client(suite, "triage");
  const booking = client(suite, "booking");
  const token = suite.token("services/portal", "service");
  const search = { patientState: "CA", patientAgeYears: 34, visitType: "virtual-back-pain", pageSize: 200 };
  const { slots } = await booking.call("searchSlots", search, { token });
  const { assessment } = await triage.call("assess", { presentation, patient, sign: true }, { token });
  const { clinician, visitType, startTime } = slots.at(-2);
  const wanted = { requestId: randomUUID(), patient, clinician, visitType, startTime, contact: soreRunner.contact, signedAssessment: assessment.signedAssessment };
  const { hold } = await booking.call("createHold", wanted, { token });
  triage.close();
  booking.close();
  return { token, wanted, hold };
}

test("booking killed between hold and confirm loses neither", async () => {
  const { suite } = here;
  const { token, wanted, hold } = await holdFor(suite, "patients/unlucky");
  assert.equal(await suite.processes.get("booking").kill(), "SIGKILL");
  await suite.startService("booking");
  const booking = client(suite, "booking");
  const again = await booking.call("createHold", wanted, { token });
  assert.deepEqual(again.hold, hold, "the same request_id must give the same hold");
  const confirm = { requestId: randomUUID(), name: hold.name };
  const { appointment } = await booking.call("confirmHold", confirm, { token });
  assert.equal(await suite.processes.get("booking").kill(), "SIGKILL");
  await suite.startService("booking");
  const replayed = await booking.call("confirmHold", confirm, { token });
  assert.deepEqual(replayed.appointment, appointment);
  const listed = await booking.call("listAppointments", { patient: "patients/unlucky" }, { token });
  assert.equal(listed.appointments.length, 1);
  booking.close();
  await untilReached(suite, "/v1/slots:search", { patientState: "CA", patientAgeYears: 34, visitType: "virtual-back-pain" });
});

// Holds and confirms one slot after the other until booking is gone; returns what it was told is done.
async function bookUntilCut(booking, token, patient, slots, assessment) {
  // One mailbox for all would have had its share of messages for the hour.
  const contact = { ...soreRunner.contact, email: `${patient.split("/")[1]}@example.com` };
  const told = [];
  try {
    for (const { clinician, visitType, startTime } of slots) {
      const wanted = { requestId: randomUUID(), patient, clinician, visitType, startTime, contact, signedAssessment: assessment };
      const { hold } = await booking.call("createHold", wanted, { token });
      const confirm = { requestId: randomUUID(), name: hold.name };
      const { appointment } = await booking.call("confirmHold", confirm, { token });
      told.push({ wanted, hold, confirm, appointment });
    }
  } catch (error) {
    assert.equal(error.code, status.UNAVAILABLE, error.message);
    return { told, cut: true };
  }
  return { told, cut: false };
}

test("booking killed among 32 who book at once loses nothing of what it answered", async () => {
  const { suite } = here;
  const token = suite.token("services/portal", "service");
  const booking = client(suite, "booking");
  const triage = client(suite, "triage");
  const search = { patientState: "CA", patientAgeYears: 34, visitType: "virtual-back-pain", pageSize: 200 };
  const { slots } = await booking.call("searchSlots", search, { token });
  const patients = Array.from({ length: 32 }, (_, i) => `patients/at-once-${i}`);
  const assessed = await Promise.all(patients.map((patient) => triage.call("assess", { presentation, patient, sign: true }, { token })));
  triage.close();
  const clients = patients.map((patient, i) => bookUntilCut(booking, token, patient, slots.filter((_, slot) => slot % 32 === i), assessed[i].assessment.signedAssessment));
  // In the middle of it: some were answered, and some wait for the same commit.
  await until(async () => (await booking.call("listAppointments", { pageSize: 100 }, { token })).appointments.length > 40, 15_000, "nobody books");
  assert.equal(await suite.processes.get("booking").kill(), "SIGKILL");
  const ends = await Promise.all(clients);
  assert.ok(ends.some(({ cut }) => cut), "the kill came too late");
  await suite.startService("booking");
  for (const { told } of ends) {
    for (const { wanted, hold, confirm, appointment } of told) {
      assert.deepEqual((await booking.call("createHold", wanted, { token })).hold, hold);
      assert.deepEqual((await booking.call("confirmHold", confirm, { token })).appointment, appointment);
      assert.deepEqual((await booking.call("getAppointment", { name: appointment.name }, { token })).appointment, appointment);
    }
  }
  booking.close();
  await untilReached(suite, "/v1/slots:search", search);
});

test("the gateway killed in the middle of a booking books after its restart, once", async () => {
  const { suite } = here;
  const token = suite.token("patients/patient-one", "patient");
  const consult = await ok(suite, "POST", "/v1/consults", { token, body: { requestId: randomUUID(), ...soreRunner } });
  const { clinician, startTime } = consult.offers.at(-1);
  // Booking hangs, so that the gateway dies while it waits for the hold.
  await suite.processes.get("booking").pause();
  const chosen = suite.http("POST", `/v1/${consult.name}:chooseSlot`, { token, body: { requestId: randomUUID(), clinician, startTime } });
  chosen.catch(() => "cut off by the kill");
  const state = async () => (await ok(suite, "GET", `/v1/${consult.name}`, { token })).state;
  await until(async () => (await state()) === "CONSULT_STATE_HELD", 5_000, "the choice wasn't taken down");
  assert.equal(await suite.processes.get("gateway").kill(), "SIGKILL");
  suite.processes.get("booking").resume();
  await suite.startService("gateway");
  await until(async () => (await state()) === "CONSULT_STATE_BOOKED", 60_000, "the consult wasn't resumed");
  const { appointments } = await ok(suite, "GET", "/v1/appointments", { token });
  assert.equal(appointments.length, 1);
});

test("redis killed and stopped under load fails no reader", async () => {
  const { suite } = here;
  const { articles } = await ok(suite, "GET", "/v1/articles", {});
  const failures = [];
  let reads = 0;
  let reading = true;
  const readers = Array.from({ length: 8 }, async (_, reader) => {
    for (let i = reader; reading; ++i) {
      const { status } = await suite.http("GET", `/v1/${articles[i % articles.length].name}`);
      ++reads;
      if (status !== 200) failures.push(status);
    }
  });
  const readSome = async (count) => {
    const target = reads + count;
    await until(() => reads >= target, 15_000, "readers are stuck");
  };
  await readSome(200);
  await suite.processes.get("redis").pause();
  await readSome(200);
  suite.processes.get("redis").resume();
  await readSome(100);
  await suite.processes.get("redis").kill();
  await readSome(200);
  await suite.startRedis();
  await readSome(200);
  reading = false;
  await Promise.all(readers);
  assert.deepEqual(failures, [], `${failures.length} of ${reads} reads failed`);
});

test("triage down: staff get the consult, and the patient is told what to do", async () => {
  const { suite } = here;
  await suite.processes.get("triage").kill();
  const token = suite.token("patients/waiting", "patient");
  const consult = await ok(suite, "POST", "/v1/consults", { token, body: { requestId: randomUUID(), ...numbPatient } });
  assert.equal(consult.state, "CONSULT_STATE_ESCALATED");
  assert.equal(consult.escalationReason, "TRIAGE_UNAVAILABLE");
  assert.match(consult.guidance, /911/);
  await suite.startService("triage");
  await untilReached(suite, "/v1/triage:assess", { presentation });
});

test("a cancelled visit's reminders are dropped", async () => {
  const { suite } = here;
  const { appointment, token } = await walkBooked(suite);
  await ok(suite, "POST", `/v1/${appointment.name}:cancel`, { token, body: { requestId: randomUUID() } });
  const staff = suite.token("staff/front-desk", "staff");
  await until(
    async () => {
      const { messages } = await ok(suite, "GET", `/v1/messages?appointment=${appointment.name}`, { token: staff });
      const reminders = messages.filter(({ kind }) => kind.startsWith("MESSAGE_KIND_REMINDER"));
      const told = messages.some(({ kind, state }) => kind === "MESSAGE_KIND_CANCELLATION" && state === "MESSAGE_STATE_SENT");
      return told && reminders.every(({ state, reason }) => state === "MESSAGE_STATE_DROPPED" && reason === "APPOINTMENT_CANCELLED");
    },
    10_000,
    "reminders are still queued",
  );
});

test("SIGTERM ends every service with 0, and nothing a patient said is in a log", async () => {
  const { suite } = here;
  await walkEmergency(suite);
  await suite.http("POST", "/v1/consults", {
    token: suite.token("patients/alex", "patient"),
    body: { requestId: randomUUID(), ...soreRunner, contact: { ...soreRunner.contact, email: "broken canary@" } },
  });
  const ends = await suite.stop();
  for (const [name, status] of ends) if (!["mail", "redis"].includes(name)) assert.equal(status, 0, `${name} ended with ${status}`);
  const canaries = [/alex\.rivera/i, /sam\.okafor/i, /Alex Rivera/, /Sam Okafor/, /broken canary/, /saddle_numbness/];
  const files = [...readdirSync(path.join(suite.data, "logs")).map((file) => `logs/${file}`), ...readdirSync(suite.data).filter((file) => file.endsWith(".audit.log"))];
  assert.ok(files.length >= 10, files.join());
  for (const file of files) {
    if (file === "logs/mail.log") continue;
    const text = readFileSync(path.join(suite.data, file), "utf8");
    for (const canary of canaries) assert.doesNotMatch(text, canary, file);
  }
});

test("the audit logs hold over every kill, by the heads that were logged", () => {
  const { suite } = here;
  for (const service of ["triage", "content", "booking", "notification", "gateway"]) {
    const file = path.join(suite.data, `${service}.audit.log`);
    const events = readFileSync(path.join(suite.data, "logs", `${service}.log`), "utf8").split("\n").filter((line) => line.includes('"audit_head"')).map((line) => JSON.parse(line));
    const heads = events.map(({ sequence, hash }) => `${sequence}:${hash}`);
    const verdict = JSON.parse(suite.lumbar("audit", "verify", file, ...heads.flatMap((head) => ["--head", head]), "-o", "json"));
    assert.equal(verdict.ok, true, service);
    assert.equal(heads.at(-1), `${verdict.head.sequence}:${verdict.head.hash}`, `${service} logs its head when it stops`);
    assert.equal(headOf(readFileSync(file, "utf8")), verdict.head.hash, `${service}, by others' means`);
  }
});

// The hash of a log's last line, as common/telemetry/audit_chain.h describes the format.
function headOf(log) {
  let head = "0".repeat(64);
  let torn = "";
  for (const line of log.split("\n").slice(0, -1)) {
    const [, hashed, hash] = /^(\{"sequence":\d+,.*),"hash":"([0-9a-f]{64})"\}$/.exec(line) ?? [];
    if (hash === undefined) {
      torn += `${line}\n`;
      continue;
    }
    assert.equal(createHash("sha256").update(head + torn + hashed).digest("hex"), hash, line);
    [head, torn] = [hash, ""];
  }
  return head;
}
