// Booking dies at every point between the steps of every change and of the relay; the same request_id then gets the one
// answer, and nothing is lost, done twice or left behind.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { client, serve, status } from "../support/grpc.mjs";
import { until } from "../support/ports.mjs";
import { Cluster } from "./cluster.mjs";
import { BEYOND, CrashFile, dieEverywhere } from "./crashing.mjs";

const CLINICIAN = "clinicians/crash";
const MINUTES = 60_000;
const STEP = 20 * MINUTES;
const REPLICA = "booking-a";

class CrashTest {
  async start(engine) {
    this.data = mkdtempSync(path.join(os.tmpdir(), "lumbar-crash-"));
    this.cluster = await Cluster.prepare({ data: this.data, engine, program: "lumbar-booking-crashing", holdSeconds: 600, alone: true });
    this.told = new Map();
    this.refusals = 0;
    this.endSink = await serve("notification", `127.0.0.1:${this.cluster.sink}`, { recordAppointmentEvent: (request) => this.#take(request) });
    this.crash = new CrashFile(path.join(this.data, "crash"));
    await this.cluster.start();
    await this.#restart();
    this.staff = this.cluster.suite.token("staff/crash", "staff");
    this.nextStart = (Math.floor(Date.now() / (24 * 60 * MINUTES)) + 2) * 24 * 60 * MINUTES;
    await this.#addClinician();
  }

  async stop() {
    this.endSink?.();
    await this.cluster?.stop();
    rmSync(this.data, { recursive: true, force: true });
  }

  #take({ event }) {
    if (this.refusals > 0) {
      --this.refusals;
      throw Object.assign(new Error("told to refuse"), { code: status.UNAVAILABLE });
    }
    const { name, version } = event.appointment;
    if (!this.told.has(name)) this.told.set(name, []);
    this.told.get(name).push(Number(version));
    return { messages: [] };
  }

  async #restart() {
    await this.cluster.suite.processes.get(REPLICA).kill();
    await this.cluster.startBooking(REPLICA, { LUMBAR_CRASH_FILE: this.crash.file });
  }

  async #addClinician() {
    const hours = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"].map((day) => ({ day, start: {}, end: { hours: 24 } }));
    const valid = { validFrom: { seconds: 1_500_000_000 }, validTo: { seconds: 4_000_000_000 } };
    const clinician = {
      displayName: "Crash",
      timeZone: "UTC",
      weeklyHours: hours,
      licences: [{ state: "NY", type: "DO", number: "1", status: "LICENCE_STATUS_ACTIVE", ...valid }],
      visitTypes: [{ code: "visit", duration: { seconds: 900 }, bufferAfter: { seconds: 300 } }],
    };
    await this.call("createClinician", { requestId: randomUUID(), clinicianId: "crash", clinician }, "clinicians");
  }

  // On a connection of its own, so that none waits for a server that was dead.
  async call(method, request, service = "booking") {
    const booking = client({ target: () => `127.0.0.1:${this.cluster.replicas[0].grpc}` }, service);
    try {
      return await booking.call(method, request, { token: this.staff });
    } finally {
      booking.close();
    }
  }

  freshStart() {
    this.nextStart += STEP;
    return { seconds: Math.floor(this.nextStart / 1000) };
  }

  count(sql) {
    return Number(this.cluster.query(sql));
  }

  async idle() {
    await until(() => this.count("SELECT COUNT(*) FROM outbox") === 0, 10_000, "an event isn't delivered");
  }

  async hold() {
    const contact = { displayName: "A", email: "a@example.org", timeZone: "UTC", state: "NY", ageYears: 44 };
    const wanted = { requestId: randomUUID(), patient: `patients/${randomUUID()}`, clinician: CLINICIAN, visitType: "visit", startTime: this.freshStart(), contact, overrideReason: "test" };
    return { wanted, hold: async () => (await this.call("createHold", wanted)).hold };
  }
  async booked() {
    const { name } = await (await this.hold()).hold();
    const { appointment } = await this.call("confirmHold", { requestId: randomUUID(), name });
    await this.idle();
    return appointment;
  }
  // A visit whose begin is long past, as the clock would bring it.
  async begun() {
    const { name } = await this.booked();
    const past = ["start_time", "end_time"].reduce((body, field) => `replace(${body}, '"${field}":"2', '"${field}":"1')`, "body");
    this.cluster.query(`UPDATE appointment SET body = ${past} WHERE name = '${name}'`);
    return name;
  }

  // What is owned must be owned wholly, and by nobody who is gone.
  checkTicks(where) {
    const live = "FROM appointment WHERE body NOT LIKE '%STATE_CANCELLED%'";
    const owned = "SELECT COUNT(*) FROM tick WHERE tick.owner = name AND tick.tick BETWEEN first_tick AND last_tick";
    assert.equal(this.count(`SELECT COUNT(*) ${live} AND (${owned}) <> last_tick - first_tick + 1`), 0, `${where}: a visit lacks ticks`);
    assert.equal(this.count(`SELECT COUNT(*) FROM hold WHERE state = 1 AND (${owned}) <> last_tick - first_tick + 1`), 0, `${where}: a hold lacks ticks`);
    const owners = [live, "FROM hold WHERE state = 1"].map((rows) => `NOT EXISTS (SELECT 1 ${rows} AND name = tick.owner AND tick.tick BETWEEN first_tick AND last_tick)`);
    assert.equal(this.count(`SELECT COUNT(*) FROM tick WHERE ${owners.join(" AND ")}`), 0, `${where}: a tick is left behind`);
  }

  // Each version was told, none before the one before it.
  checkTold(name, where) {
    const versions = this.told.get(name) ?? [];
    const last = this.count(`SELECT version FROM appointment WHERE name = '${name}'`);
    assert.deepEqual([...new Set(versions)], Array.from({ length: last }, (_, i) => i + 1), `${where}: told ${versions}`);
    assert.deepEqual([...versions].sort((a, b) => a - b), versions, `${where}: out of order`);
  }
}

// Each prepares something and returns a call that changes it; what follows from the call, the relay, belongs to it.
const SCENARIOS = {
  createHold: async (here) => ({ method: "createHold", request: (await here.hold()).wanted }),
  confirmHold: async (here) => ({ method: "confirmHold", request: { name: (await (await here.hold()).hold()).name } }),
  "confirmHold, refused by the sink": async (here) => ({ ...(await SCENARIOS.confirmHold(here)), refusals: 1 }),
  releaseHold: async (here) => ({ method: "releaseHold", request: { name: (await (await here.hold()).hold()).name } }),
  rescheduleAppointment: async (here) => ({ method: "rescheduleAppointment", request: { name: (await here.booked()).name, startTime: here.freshStart() } }),
  cancelAppointment: async (here) => ({ method: "cancelAppointment", request: { name: (await here.booked()).name } }),
  completeAppointment: async (here) => ({ method: "completeAppointment", request: { name: await here.begun() } }),
  markNoShow: async (here) => ({ method: "markNoShow", request: { name: await here.begun() } }),
};

async function prepare(here, scenario) {
  const { method, request, refusals = 0 } = await scenario(here);
  here.refusals = refusals;
  return { method, request: { requestId: randomUUID(), ...request } };
}

// The points that the scenario passes when nothing happens to it.
async function pointsOf(here, scenario) {
  const { method, request } = await prepare(here, scenario);
  here.crash.arm(BEYOND);
  await here.call(method, request);
  await here.idle();
  // The last point is after the commit that emptied the outbox.
  await until(() => here.crash.passed().at(-1) === "after COMMIT", 5_000, "the relay stands still");
  return here.crash.disarm();
}

const keys = (here, { requestId }) => here.count(`SELECT COUNT(*) FROM idempotency WHERE request_id = '${requestId}'`);

async function dieAt(here, scenario, points, number) {
  const where = `point ${number}, ${points[number - 1]}`;
  const { method, request } = await prepare(here, scenario);
  const dead = here.cluster.suite.processes.get(REPLICA);
  here.crash.arm(number);
  const first = await here.call(method, request).catch(() => undefined);
  await until(() => dead.exited, 10_000, `${where}: booking lives on`).catch((error) => {
    throw new Error(`${error.message}; passed ${here.crash.disarm()}\n${dead.tail()}`);
  });
  assert.equal(dead.exited.status, "SIGKILL", where);
  assert.equal(here.crash.disarm().at(-1), points[number - 1], `${where}: died elsewhere`);
  assert.equal(keys(here, request), number > points.indexOf("before COMMIT") + 1 ? 1 : 0, `${where}: done before its commit, or undone after it`);
  // What the dead process had claimed is free when its lease ends.
  here.cluster.query("UPDATE outbox SET lease_time = 0, due_time = 0");
  await here.cluster.startBooking(REPLICA, { LUMBAR_CRASH_FILE: here.crash.file });
  const answer = await here.call(method, request);
  if (first) assert.deepEqual(answer, first, `${where}: another answer than before the death`);
  assert.deepEqual(await here.call(method, request), answer, `${where}: another answer to a repeat`);
  assert.equal(keys(here, request), 1, where);
  await here.idle();
  here.checkTicks(where);
  if (answer.appointment) here.checkTold(answer.appointment.name, where);
}

export const crashPoints = (engine) => dieEverywhere({ engine, here: new CrashTest(), scenarios: SCENARIOS, least: 6, pointsOf, dieAt });
