// Called by tests/chaos/notification_outbox.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { freeNumbers, until } from "../support/ports.mjs";
import { PostgresCluster } from "../support/postgres.mjs";
import { Process } from "../support/process.mjs";
import { build, root } from "../support/suite.mjs";
import { TextProvider, seeded } from "../support/text_provider.mjs";

// Time of the queue runs so much faster: a lease of two minutes is two seconds.
const SCALE = 60;
// A try that asked booking before a cancellation may end after it: that long, in milliseconds, machine pauses included.
const UNDER_WAY = 3000;
const MINUTE = 60_000;

const { values: flags } = parseArgs({
  options: {
    engine: { type: "string", default: "sqlite" },
    messages: { type: "string", default: "50000" },
    kills: { type: "string", default: "50" },
    seed: { type: "string", default: "1" },
    output: { type: "string", short: "o", default: "text" },
  },
});
const wanted = { messages: Number(flags.messages), kills: Number(flags.kills), seed: Number(flags.seed) };
if (!["sqlite", "postgresql"].includes(flags.engine) || !(wanted.messages > 0) || !(wanted.kills >= 0)) {
  console.error("notification_outbox: --engine is sqlite or postgresql, --messages and --kills are numbers");
  process.exit(2);
}

const say = (text) => (flags.output === "json" ? console.error(text) : console.log(text));
const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const random = seeded(wanted.seed);
const epoch = Date.now();
const queueTime = () => epoch + (Date.now() - epoch) * SCALE;

// What the visits are: the truth that notification asks for, and when each was changed.
class Booking {
  visits = new Map();

  constructor() {
    this.server = http.createServer((request, response) => {
      const visit = this.visits.get(request.url.split("/").at(-1));
      response.end(JSON.stringify({ version: visit.version, state: visit.state }));
    });
  }

  listen() {
    return new Promise((done) => this.server.listen(0, "127.0.0.1", () => done(this.server.address().port)));
  }

  // The event that tells of the change.
  change(id, change) {
    const before = this.visits.get(id) ?? { version: 0, ended: new Map() };
    if (before.version > 0) before.ended.set(before.version, Date.now());
    const visit = { ...before, ...change, version: before.version + 1 };
    this.visits.set(id, visit);
    const { ended, ...event } = visit;
    return { id, ...event, start: Math.round(visit.start * 1000) };
  }
}

// The process that plans; it answers each line by a line.
class Planner {
  #waiting = new Map();

  constructor(args) {
    this.child = spawn(path.join(build, "bin/lumbar_notification_worker"), [...args, "plan"], { stdio: ["pipe", "pipe", "inherit"] });
    createInterface({ input: this.child.stdout }).on("line", (line) => {
      const { asked, answer } = JSON.parse(line);
      this.#waiting.get(asked.number)(answer);
      this.#waiting.delete(asked.number);
    });
  }

  async ask(question) {
    for (;;) {
      const number = (this.number = (this.number ?? 0) + 1);
      const answer = await new Promise((done) => {
        this.#waiting.set(number, done);
        this.child.stdin.write(JSON.stringify({ ...question, number }) + "\n");
      });
      if (answer !== null) return answer;
    }
  }
}

class Run {
  killed = 0;
  cancelled = 0;
  moved = 0;

  async prepare(data) {
    this.provider = new TextProvider({ errors: 0.2, lost: 0.1, seed: wanted.seed, now: () => new Date(queueTime()) });
    this.booking = new Booking();
    const [provider, booking] = [await this.provider.listen(), await this.booking.listen()];
    this.args = ["--database", await this.#database(data), "--epoch-millis", `${epoch}`, "--scale", `${SCALE}`];
    this.sending = [...this.args, "--provider", `http://127.0.0.1:${provider}`, "--booking", `http://127.0.0.1:${booking}`,
      "--templates-dir", path.join(root, "services/notification/templates"), "send"];
    this.planner = new Planner(this.args);
    await this.planner.ask({ do: "measure" });
    this.replicas = [0, 1].map((index) => this.#start(index, data));
    this.data = data;
  }

  async #database(data) {
    if (flags.engine === "sqlite") return `sqlite://${path.join(data, "notification.db")}`;
    const [port] = await freeNumbers(1);
    const cluster = new PostgresCluster(path.join(data, "postgresql"), port);
    cluster.initialize();
    const { command, args } = cluster.server;
    this.postgres = new Process("postgresql", command, args, path.join(data, "postgresql.log"));
    await until(() => cluster.ready, 20_000, "PostgreSQL isn't ready");
    cluster.createDatabase("notification");
    return cluster.url("notification");
  }

  #start(index, data) {
    return new Process(`replica ${index}`, path.join(build, "bin/lumbar_notification_worker"), this.sending, path.join(data, `replica-${index}.log`));
  }

  // Visits are booked, and a fifth each is cancelled or moved a little later.
  async plan() {
    // A confirmation and a reminder each.
    const count = Math.ceil(wanted.messages / 2);
    const pace = Math.max(1, Math.round(count / 400));
    const pending = [];
    for (let number = 0; number < count; number += 1) {
      const id = `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
      // Its last four digits are none that the provider misbehaves for.
      const phone = `+1${2_000_000_056 + number * 100}`;
      pending.push(this.#live(id, phone));
      if (number % pace === 0) await sleep(Math.max(20, (wanted.kills * 1200) / 400 / 2));
    }
    await Promise.all(pending);
    this.planned = true;
  }

  async #live(id, phone) {
    const visitIn = (minutes) => queueTime() + minutes * MINUTE;
    await this.planner.ask(this.booking.change(id, { state: "BOOKED", phone, start: visitIn(70 + random() * 60) }));
    const fate = random();
    if (fate > 0.4) return;
    await sleep(random() * 8000);
    const move = fate < 0.2;
    this[move ? "moved" : "cancelled"] += 1;
    await this.planner.ask(this.booking.change(id, move ? { start: visitIn(70 + random() * 60) } : { state: "CANCELLED" }));
  }

  async kill() {
    while (!this.settled && (this.killed < wanted.kills || !this.planned)) {
      await sleep(400 + random() * 800);
      const index = random() < 0.5 ? 0 : 1;
      await this.replicas[index].kill();
      this.killed += 1;
      this.replicas[index] = this.#start(index, this.data);
    }
  }

  async settle() {
    for (let quiet = 0; quiet < 3; ) {
      const queued = await this.planner.ask({ do: "measure" });
      const replayed = queued === 0 ? await this.planner.ask({ do: "replay" }) : 0;
      this.replayed = (this.replayed ?? 0) + replayed;
      quiet = queued === 0 && replayed === 0 ? quiet + 1 : 0;
      await sleep(300);
    }
    this.settled = true;
  }

  async stop() {
    await Promise.all((this.replicas ?? []).map((replica) => replica.stop()));
    this.planner?.child.stdin.end();
    this.provider?.server.close();
    this.provider?.server.closeAllConnections();
    this.booking?.server.close();
    this.booking?.server.closeAllConnections();
    await this.postgres?.stop();
  }
}

// What is wrong, by what the provider took and what the queue says.
function judge(run, messages) {
  const taken = new Map();
  for (const text of run.provider.taken) {
    const name = `messages/${new URL(text.callback).searchParams.get("message")}`;
    taken.set(name, [...(taken.get(name) ?? []), text]);
  }
  const found = { lost: [], afterCancel: [], duplicates: [], unsettled: [], unknownSent: [], longestUnderWay: 0 };
  const states = {};
  for (const [name, appointment, version, kind, state, reason] of messages) {
    states[reason === "" ? state : `${state} ${reason}`] = (states[reason === "" ? state : `${state} ${reason}`] ?? 0) + 1;
    const texts = taken.get(name) ?? [];
    taken.delete(name);
    const visit = run.booking.visits.get(appointment.split("/")[1]);
    const current = version === visit.version;
    if (state === "MESSAGE_STATE_QUEUED" || state === "MESSAGE_STATE_DEAD") found.unsettled.push(name);
    if (state === "MESSAGE_STATE_SENT" && texts.length === 0) found.lost.push(name);
    // Of what is true to the end, only a reminder whose time had passed may be dropped.
    if (current && state === "MESSAGE_STATE_DROPPED" && reason !== "VISIT_BEGUN") found.lost.push(name);
    if (texts.length > 1) found.duplicates.push(name);
    if (texts.length > 0 && state === "MESSAGE_STATE_DROPPED") found.unknownSent.push(name);
    const ended = visit.ended.get(version);
    for (const text of texts) {
      const late = ended === undefined ? 0 : text.at - ended;
      found.longestUnderWay = Math.max(found.longestUnderWay, late);
      if (late > UNDER_WAY) found.afterCancel.push(`${name} ${kind} ${late} ms`);
    }
  }
  for (const name of taken.keys()) found.lost.push(`${name} was sent and isn't known`);
  // Every visit has its messages: a confirmation and a reminder, or a cancellation, of its last version.
  const told = new Set(messages.map(([, appointment, version, kind]) => `${appointment} ${version} ${kind}`));
  for (const [id, visit] of run.booking.visits) {
    const kinds = visit.state === "CANCELLED" ? ["CANCELLATION"] : ["CONFIRMATION", "REMINDER_1H"];
    for (const kind of kinds) {
      const wantedMessage = `appointments/${id} ${visit.version} MESSAGE_KIND_${kind}`;
      if (!told.has(wantedMessage)) found.lost.push(`${wantedMessage} was never planned`);
    }
  }
  return { found, states };
}

const data = mkdtempSync(path.join(os.tmpdir(), "lumbar-outbox-"));
const run = new Run();
let failed = true;
try {
  await run.prepare(data);
  const began = Date.now();
  const killing = run.kill();
  await run.plan();
  say(`planned ${run.booking.visits.size} visits, cancelled ${run.cancelled}, moved ${run.moved} (${((Date.now() - began) / 1000).toFixed(0)} s)`);
  await run.settle();
  await killing;
  const messages = await run.planner.ask({ do: "list" });
  const { found, states } = judge(run, messages);
  const { provider } = run;
  const result = {
    engine: flags.engine, seconds: Math.round((Date.now() - began) / 1000), messages: messages.length, kills: run.killed,
    tries: provider.tries, taken: provider.taken.length, takenUnanswered: provider.unanswered, failed: provider.failed,
    asked: provider.asked, replayed: run.replayed, states, lost: found.lost.length, sentAfterCancel: found.afterCancel.length,
    duplicates: found.duplicates.length, unsettled: found.unsettled.length, sentAndDropped: found.unknownSent.length,
    longestUnderWayMillis: found.longestUnderWay,
  };
  failed = result.lost + result.sentAfterCancel + result.duplicates + result.unsettled > 0 || run.killed < wanted.kills;
  if (flags.output === "json") console.log(JSON.stringify(result));
  else for (const [name, value] of Object.entries(result)) say(`${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`);
  for (const [name, list] of Object.entries(found)) if (Array.isArray(list) && list.length > 0) say(`${name}, the first: ${list.slice(0, 3).join("; ")}`);
  say(failed ? "notification_outbox: FAILED" : "notification_outbox: nothing lost, nothing after a cancellation, nothing twice");
} finally {
  await run.stop();
  if (!failed || process.env.LUMBAR_KEEP !== "1") rmSync(data, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
