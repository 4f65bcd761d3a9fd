// The gateway dies at every point between the steps of a consult. Whoever asks again with the same request_id, and whoever
// doesn't, finds the consult where it must be: nobody is booked twice, no time stays held, nothing is forgotten.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { until } from "../support/ports.mjs";
import { Suite } from "../support/suite.mjs";
import { numbPatient, soreRunner } from "../support/walk.mjs";
import { BEYOND, CrashFile, dieEverywhere } from "./crashing.mjs";

class ConsultTest {
  async start(engine) {
    this.data = mkdtempSync(path.join(os.tmpdir(), "lumbar-consult-"));
    this.suite = await Suite.prepare({ data: this.data, database: engine });
    this.suite.programs.gateway = "lumbar-gateway-crashing";
    this.crash = new CrashFile(path.join(this.data, "crash"));
    await this.suite.start({ env: { gateway: this.environment } });
    await this.suite.loadClinicians();
    this.staff = this.suite.token("staff/crash", "staff");
  }

  get environment() {
    return { LUMBAR_CRASH_FILE: this.crash.file };
  }

  async stop() {
    await this.suite?.stop();
    rmSync(this.data, { recursive: true, force: true });
  }

  // Resolves to the body of a good answer; rejects with what a bad one said. `token` is the staff's if left out.
  async post(route, body, token = this.staff) {
    const answer = await this.suite.http("POST", route, { token, body });
    if (answer.status !== 200) throw new Error(`${route}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
  async get(route) {
    const answer = await this.suite.http("GET", route, { token: this.staff });
    assert.equal(answer.status, 200, route);
  }
  // As a client that asks again while it is told that nobody is there.
  async postAgain(route, body, token) {
    let answer, failure;
    const asked = async () => {
      answer = await this.post(route, body, token).catch((error) => void (failure = error));
      return answer !== undefined;
    };
    await until(asked, 15_000, "nobody answers").catch(() => assert.fail(failure));
    return answer;
  }

  query(service, sql) {
    const url = this.suite.postgres?.url(service);
    const [command, ...args] = url ? ["psql", "-At", "-c", sql, url] : ["sqlite3", "-cmd", ".timeout 5000", path.join(this.data, `${service}.db`), sql];
    return execFileSync(command, args, { encoding: "utf8" }).trim();
  }
  count(service, sql) {
    return Number(this.query(service, sql));
  }

  async requested(wanted = soreRunner) {
    const patient = `patients/${randomUUID()}`;
    return { route: "/v1/consults", request: { requestId: randomUUID(), patient, ...wanted }, patient };
  }
  async offered() {
    const { route, request, patient } = await this.requested();
    return { consult: await this.post(route, request), patient };
  }
  async chosen() {
    const { consult, patient } = await this.offered();
    const { clinician, startTime } = consult.offers.at(-1);
    return { route: `/v1/${consult.name}:chooseSlot`, request: { requestId: randomUUID(), clinician, startTime }, patient };
  }
  async cancelled() {
    const { route, request, patient } = await this.chosen();
    const { name } = await this.post(route, request);
    return { route: `/v1/${name}:cancel`, request: { requestId: randomUUID() }, patient, read: `/v1/${name}` };
  }
  async declined() {
    const { route, request, patient } = await this.chosen();
    const { name, chosenSlot } = await this.post(route, request);
    const token = this.suite.token(chosenSlot.clinician, "clinician");
    return { route: `/v1/${name}:decline`, request: { requestId: randomUUID(), reason: "on leave" }, patient, token };
  }

  // Offers that begin now, as it were; `age` makes it so.
  async overdue() {
    const { consult, patient } = await this.offered();
    const past = (message) => message.offers.forEach((offer) => (offer.start_time = PAST));
    return { patient, name: consult.name, age: () => this.rewrite(consult.name, past) };
  }
  // The same of a visit that took place.
  async visited() {
    const { route, request, patient } = await this.chosen();
    const { name } = await this.post(route, request);
    this.query("booking", `UPDATE appointment SET body = REPLACE(body, 'STATE_BOOKED', 'STATE_COMPLETED') WHERE body LIKE '%"${patient}"%'`);
    const past = (message) => Object.assign(message.chosen_slot, { start_time: PAST, end_time: PAST });
    return { patient, name, age: () => this.rewrite(name, past) };
  }
  rewrite(name, change) {
    const message = JSON.parse(this.query("gateway", `SELECT message FROM consult WHERE name = '${name}'`));
    change(message);
    this.query("gateway", `UPDATE consult SET message = '${JSON.stringify(message).replaceAll("'", "''")}', due_time = 1, lease_end = 0 WHERE name = '${name}'`);
  }

  // What stands in the databases once the consult is settled.
  check(patient, visits, where) {
    assert.equal(this.count("gateway", `SELECT COUNT(*) FROM consult WHERE patient = '${patient}'`), 1, `${where}: consults`);
    const live = `FROM appointment WHERE body LIKE '%"${patient}"%' AND body NOT LIKE '%STATE_CANCELLED%'`;
    assert.equal(this.count("booking", `SELECT COUNT(*) ${live}`), visits, `${where}: visits`);
    assert.equal(this.count("booking", `SELECT COUNT(*) FROM hold WHERE state = 1 AND patient = '${patient}'`), 0, `${where}: a time is still held`);
  }
}

const PAST = "2026-01-01T00:00:00Z";
// Nobody of the sample is licensed there.
const nowhere = { ...soreRunner, contact: { ...soreRunner.contact, state: "GU" } };

// Each prepares something and returns the call that is cut off, where the consult must end, and how many visits there are then.
const SCENARIOS = {
  "a request": { prepare: (here) => here.requested(), state: "OFFERED", visits: 0 },
  "a request that is for the staff": { prepare: (here) => here.requested(nowhere), state: "ESCALATED", visits: 0, alerts: 1 },
  "an emergency": { prepare: (here) => here.requested(numbPatient), state: "EMERGENCY", visits: 0 },
  "a choice": { prepare: (here) => here.chosen(), state: "BOOKED", visits: 1 },
  "a decline": { prepare: (here) => here.declined(), state: "OFFERED", visits: 0 },
  "a cancellation": { prepare: (here) => here.cancelled(), state: "CANCELLED", visits: 0 },
  "offers that are over": { prepare: (here) => here.overdue(), state: "EXPIRED", visits: 0, byItself: true },
  "a visit that is over": { prepare: (here) => here.visited(), state: "COMPLETED", visits: 1, byItself: true },
};
// What the turn of the resumer that ends a consult passes: it looks for who must be helped, claims what is over, ends it, and
// looks again.
const LOOK = ["before BEGIN", "before SELECT FROM consult", "before COMMIT", "after COMMIT"];
const CHANGE = ["before INSERT INTO consult_change", "before UPDATE consult", "before COMMIT", "after COMMIT"];
const ENDING_TURN = [...LOOK, "before BEGIN", "before SELECT FROM consult", ...CHANGE, "before BEGIN", ...CHANGE, "before BEGIN"];

async function passedBy(here, { prepare }) {
  const { route, request, token } = await prepare(here);
  here.crash.arm(BEYOND);
  await here.post(route, request, token);
  return here.crash.disarm();
}

// The resumer has points of its own and a turn every two seconds: a call that passes the same points twice met none.
async function pointsOf(here, scenario) {
  if (scenario.byItself) return ENDING_TURN.slice(LOOK.length);
  let before;
  for (let tries = 0; tries < 10; ++tries) {
    const points = await passedBy(here, scenario);
    if (points.join() === before?.join()) return points;
    before = points;
  }
  return assert.fail("no two calls pass the same points");
}

// Where another turn of the resumer comes in between, it died at one of its points: that is survived, too, and tried again.
async function dieAt(here, scenario, points, number) {
  const die = scenario.byItself ? dieInATurn : dieOnce;
  let died;
  for (let tries = 0; tries < 5 && died !== points[number - 1]; ++tries) died = await die(here, scenario, points, number);
  assert.equal(died, points[number - 1], `point ${number}: died elsewhere each time`);
}

// Nobody asks: the resumer comes to it, and whoever follows the dead one. Resolves to the point at which it died, if that was in
// the turn that ends the consult.
async function dieInATurn(here, { prepare, state, visits }, points, number) {
  const { patient, name, age } = await prepare(here);
  const dead = here.suite.processes.get("gateway");
  age();
  const turn = ENDING_TURN.slice(0, LOOK.length + number);
  here.crash.arm(turn.length);
  await until(() => dead.exited, 15_000, `point ${number}: the gateway lives on`);
  const passed = here.crash.disarm().join();
  const where = `point ${number}, ${points[number - 1]}`;
  assert.equal(dead.exited.status, "SIGKILL", where);
  const ended = `SELECT COUNT(*) FROM consult WHERE name = '${name}' AND message LIKE '%STATE_${state}%'`;
  const isPast = turn.length > ENDING_TURN.lastIndexOf("after COMMIT");
  const isMet = passed === turn.join() && here.count("gateway", ended) === Number(isPast);
  here.query("gateway", "UPDATE consult SET lease_end = 0");
  await here.suite.startService("gateway", here.environment);
  await until(() => here.count("gateway", ended) === 1, 15_000, `${where}: it doesn't end`);
  here.check(patient, visits, where);
  return isMet ? points[number - 1] : `outside of it, after ${passed}`;
}

// Resolves to the point at which it died.
async function dieOnce(here, { prepare, state, visits, alerts = 0 }, points, number) {
  const where = `point ${number}, ${points[number - 1]}`;
  const { route, request, patient, token, read } = await prepare(here);
  const dead = here.suite.processes.get("gateway");
  here.crash.arm(number);
  const first = await here.post(route, request, token).catch(() => undefined);
  await until(() => dead.exited, 10_000, `${where}: the gateway lives on`);
  assert.equal(dead.exited.status, "SIGKILL", where);
  const died = here.crash.disarm().at(-1);
  // What the dead process had claimed is free when its lease ends.
  here.query("gateway", "UPDATE consult SET lease_end = 0");
  await here.suite.startService("gateway", here.environment);
  // Whoever asked is gone, too: what was begun goes on by itself, what wasn't is as if it had never been asked.
  if (number % 2 === 0) {
    const unfinished = `SELECT COUNT(*) FROM consult WHERE patient = '${patient}' AND (message LIKE '%STATE_HELD%' OR message LIKE '%STATE_DECLINED%')`;
    await until(() => here.count("gateway", unfinished) === 0, 15_000, `${where}: nobody goes on`);
  }
  // Somebody reads it before, who learns what became of its visit.
  if (read) await here.get(read);
  const answer = await here.postAgain(route, request, token);
  assert.equal(answer.state, `CONSULT_STATE_${state}`, where);
  if (first) assert.equal(answer.name, first.name, where);
  assert.deepEqual(await here.postAgain(route, request, token), answer, `${where}: another answer to a repeat`);
  here.check(patient, visits, where);
  assert.equal(here.count("notification", `SELECT COUNT(*) FROM message WHERE appointment = '${answer.name}'`), alerts, `${where}: alerts`);
  return died;
}

export const consultPoints = (engine) => dieEverywhere({ engine, here: new ConsultTest(), scenarios: SCENARIOS, least: 4, pointsOf, dieAt });
