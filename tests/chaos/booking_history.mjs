// Called by tests/chaos/booking_history.
import { execFile } from "node:child_process";
import { appendFileSync, copyFileSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { build } from "../support/suite.mjs";
import { Cluster } from "./cluster.mjs";

const REQUIRED = { operations: 40_000, kills: 15 };
const FAULTS_PER_SECOND = 0.62;

const { values: flags } = parseArgs({
  options: {
    engine: { type: "string" },
    seconds: { type: "string", default: "60" },
    minutes: { type: "string" },
    clients: { type: "string", default: "32" },
    seed: { type: "string" },
    output: { type: "string", short: "o", default: "text" },
    copy: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
  },
});
const seconds = flags.minutes ? 60 * Number(flags.minutes) : Number(flags.seconds);
const seed = Number(flags.seed ?? Date.now() % 1_000_000);
const engines = flags.engine ? [flags.engine] : ["sqlite", "postgresql"];
const wrong = [
  [engines.every((engine) => ["sqlite", "postgresql"].includes(engine)), "--engine is sqlite or postgresql"],
  [Number.isInteger(seconds) && seconds >= 5 && seconds <= 7200, "--seconds is a number from 5 to 7200"],
  [Number.isInteger(Number(flags.clients)) && flags.clients >= 1 && flags.clients <= 256, "--clients is a number from 1 to 256"],
  [Number.isInteger(seed) && seed >= 0, "--seed is a number"],
  [["text", "json"].includes(flags.output), "-o is text or json"],
].find(([right]) => !right);
if (wrong) {
  console.error(`booking_history: ${wrong[1]}`);
  process.exit(2);
}

const interruption = new AbortController();
for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => interruption.abort(new Error(`stopped by ${name}`)));

const say = (text) => (flags.output === "json" ? console.error(text) : console.log(text));
const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const now = () => Math.round((performance.timeOrigin + performance.now()) * 1000);

// Numbers in [0, 1), the same for the same seed (Park and Miller).
function randomFrom(start) {
  let state = (start % 2147483646) + 1;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

// Every other fault is a kill, the others break connections; spread over the run, the last of them early enough to be lived with.
class Faults {
  constructor(cluster, random) {
    Object.assign(this, { cluster, random, kills: 0, cuts: 0, records: [] });
  }

  async run() {
    const count = Math.max(2, Math.round(seconds * FAULTS_PER_SECOND));
    const start = performance.now();
    for (let i = 0; i < count && !interruption.signal.aborted; ++i) {
      const due = start + ((i + 0.5) * (seconds - 2) * 1000) / count;
      await sleep(Math.max(0, due - performance.now()));
      await (i % 2 === 0 ? this.#kill(i / 2) : this.#cut());
    }
  }

  #any(list) {
    return list[Math.floor(this.random() * list.length)];
  }

  async #kill(turn) {
    const names = this.cluster.replicas.map(({ name }) => name);
    if (this.cluster.suite.postgres) names.push("postgresql");
    const target = names[turn % names.length];
    await this.#record("kill", target, () => this.cluster.kill(target));
    ++this.kills;
  }

  async #cut() {
    const target = this.#any(this.cluster.routes);
    const what = this.#any(["cut", "cut", "stall", "half"]);
    const milliseconds = what === "cut" ? 0 : 200 + Math.floor(this.random() * 900);
    await this.#record(what, target, async () => {
      this.cluster.break(what, target, milliseconds);
      await sleep(milliseconds);
    });
    ++this.cuts;
  }

  async #record(what, target, act) {
    const fault = { type: "fault", what, target, at: now() };
    await act();
    this.records.push({ ...fault, until: now() });
  }
}

function judge(history) {
  return new Promise((done, failed) => {
    execFile(path.join(build, "bin/lumbar_chaos_check"), [history], { maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      if (error && error.code !== 1) failed(new Error(stderr || error.message));
      else done(JSON.parse(stdout));
    });
  });
}

async function disturb(cluster, engine) {
  const faults = new Faults(cluster, randomFrom(seed));
  let printed = 0;
  const { ended } = await cluster.drive({ seconds, clients: flags.clients, seed }, ({ calls, unknown }) => {
    if (calls === undefined || ++printed % 5 !== 0) return;
    say(`${engine}  ${printed} s  ${calls} operations, ${unknown} with an unknown outcome, ${faults.kills} kills, ${faults.cuts} cuts`);
  });
  // Without this, a signal would wait for the run's end.
  const stopped = new Promise((_, failed) => interruption.signal.addEventListener("abort", () => failed(interruption.signal.reason)));
  await Promise.race([Promise.all([faults.run(), ended]), stopped]);
  return faults;
}

// The same history must end as well in the tables that `lumbar db copy` made.
async function judgeCopy(cluster) {
  const history = path.join(cluster.data, "copy.ndjson");
  copyFileSync(cluster.history, history);
  cluster.conclude(history, await cluster.copyToPostgres());
  const { figures, findings } = await judge(history);
  say(`sqlite: its copy in PostgreSQL was judged by ${figures.operations} operations, ${findings.length} violations`);
  return findings.map(({ rule, what }) => ({ rule, what: `in the copy: ${what}` }));
}

async function run(engine) {
  const data = mkdtempSync(path.join(os.tmpdir(), "lumbar-chaos-"));
  const cluster = await Cluster.prepare({ data, engine });
  try {
    await cluster.start();
    const faults = await disturb(cluster, engine);
    await cluster.settle();
    await cluster.endClients();
    appendFileSync(cluster.history, faults.records.map((record) => JSON.stringify(record) + "\n").join(""));
    const copy = flags.copy && engine === "sqlite" ? await judgeCopy(cluster) : [];
    cluster.conclude();
    const { figures, findings } = await judge(cluster.history);
    findings.push(...copy);
    const result = { engine, seconds, seed, clients: Number(flags.clients), kills: faults.kills, cuts: faults.cuts, ...figures, findings };
    if (flags.keep || findings.length > 0) copyFileSync(cluster.history, (result.history = path.join(os.tmpdir(), `booking-history-${engine}-${seed}.ndjson`)));
    return result;
  } finally {
    await cluster.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

function tell({ engine, findings, history, ...figures }) {
  const reached = figures.operations >= REQUIRED.operations && figures.kills >= REQUIRED.kills;
  say(`${engine}: ${Object.entries(figures).map(([name, value]) => `${name} ${value}`).join(", ")}`);
  if (seconds >= 60) say(`${engine}: ${REQUIRED.operations} operations and ${REQUIRED.kills} kills in 60 s are ${reached ? "" : "not "}reached`);
  for (const { rule, what } of findings) say(`${engine}: VIOLATION of ${rule}: ${what}`);
  if (history) say(`${engine}: the history is ${history}; judge it again with ${path.join(build, "bin/lumbar_chaos_check")}`);
}

try {
  const results = [];
  for (const engine of engines) {
    results.push(await run(engine));
    tell(results.at(-1));
  }
  if (flags.output === "json") console.log(JSON.stringify(results, null, 2));
  process.exitCode = results.some(({ findings }) => findings.length > 0) ? 1 : 0;
} catch (error) {
  console.error(`booking_history: ${error.message}`);
  process.exitCode = 1;
}
process.exit();
