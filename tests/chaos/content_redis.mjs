// Called by tests/chaos/content_redis.
import { execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { publishArticles } from "../support/articles.mjs";
import { client } from "../support/grpc.mjs";
import { metricsPage } from "../support/metrics.mjs";
import { freeNumbers, until } from "../support/ports.mjs";
import { Process } from "../support/process.mjs";
import { Suite, build } from "../support/suite.mjs";

// How long an old text may be given after a commit, in milliseconds: when Redis was told of it, and at all. What is wanted of
// 99 of 100 publications that Redis was told of while it is well.
const TOLD_BOUND = 1000;
const HARD_BOUND = 30_000;
const WANTED_P99 = 10;
// What a commit may take to be told.
const SLACK = 100;

const { values: flags } = parseArgs({
  options: {
    seconds: { type: "string", default: "4" },
    readers: { type: "string", default: "8" },
    output: { type: "string", short: "o", default: "text" },
  },
});
const seconds = Number(flags.seconds);
if (!(seconds >= 1 && seconds <= 600) || !["text", "json"].includes(flags.output)) {
  console.error("content_redis: --seconds is a number from 1 to 600, -o is text or json");
  process.exit(2);
}

const interruption = new AbortController();
for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => interruption.abort(new Error(`stopped by ${name}`)));

const interrupted = new Promise((_, failed) => interruption.signal.addEventListener("abort", () => failed(interruption.signal.reason)));
interrupted.catch(() => "told by whoever waits for it");

const say = (text) => (flags.output === "json" ? console.error(text) : console.log(text));
const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const bin = (name) => path.join(build, "bin", name);

// Wrong data under every key: garbage, another key's value, another type, a stamp that nobody made.
const WRONG_DATA = `
  local values = redis.call('KEYS', 'lumbar:content:value:*')
  for i, key in ipairs(values) do
    if i % 3 == 0 then redis.call('SET', key, 'garbage')
    elseif i % 3 == 1 then redis.call('SET', key, redis.call('GET', values[#values]) or 'garbage')
    else redis.call('DEL', key) redis.call('LPUSH', key, 'x') end
  end
  redis.call('DEL', 'lumbar:content:stamp:articles/under-test')
  redis.call('LPUSH', 'lumbar:content:stamp:articles/under-test', 'x')
  return #values`;

// Two replicas on one database and one Redis. The first reaches Redis by a proxy that breaks connections on command, the
// second straight.
class Cluster {
  static async prepare(data) {
    const cluster = new Cluster();
    const suite = await Suite.prepare({ data });
    const numbers = await freeNumbers(7);
    cluster.via = numbers.pop();
    cluster.replicas = ["content-a", "content-b"].map((name) => ({ name, grpc: numbers.pop(), ops: numbers.pop(), metrics: numbers.pop() }));
    return Object.assign(cluster, { suite, data, children: [] });
  }

  get database() {
    return `sqlite://${path.join(this.data, "content.db")}`;
  }
  redisUrl(port) {
    return `redis://127.0.0.1:${port}`;
  }

  async start() {
    this.suite.makeFolders();
    await this.suite.startRedis();
    this.proxy = this.#child("lumbar_chaos_proxy", [`redis=${this.via}:${this.suite.ports.redis}`]);
    await this.#startReplica(this.replicas[0], this.via);
    await this.#startReplica(this.replicas[1], this.suite.ports.redis);
    await publishArticles({ target: () => `127.0.0.1:${this.replicas[0].grpc}`, token: (...who) => this.suite.token(...who) });
    const targets = this.replicas.map(({ grpc }) => `--target=127.0.0.1:${grpc}`);
    this.driver = this.#child("lumbar_chaos_content", [`--database=${this.database}`, `--redis=${this.redisUrl(this.suite.ports.redis)}`, `--readers=${flags.readers}`, ...targets]);
    this.reports = createInterface({ input: this.driver.stdout })[Symbol.asyncIterator]();
  }

  // Ends when its input does, so that none outlives this process.
  #child(program, args) {
    const child = spawn(bin(program), args, { stdio: ["pipe", "pipe", "inherit"], detached: true });
    child.stdin.on("error", () => "it ended");
    child.ended = new Promise((done) => child.once("close", (code, signal) => done(signal ?? code)));
    this.children.push(child);
    return child;
  }

  async #startReplica({ name, grpc, ops, metrics }, redisPort) {
    const portsFile = path.join(this.data, `${name}.ports.json`);
    const flagsOf = {
      port: grpc,
      "ops-port": ops,
      "metrics-port": metrics,
      "ports-file": portsFile,
      "jwks-file": this.suite.key("tokens.json"),
      "audit-file": path.join(this.data, `${name}.audit.log`),
      "log-level": "warning",
      database: this.database,
      redis: this.redisUrl(redisPort),
    };
    const args = Object.entries(flagsOf).map(([flag, value]) => `--${flag}=${value}`);
    const child = new Process(name, bin("lumbar-content"), args, path.join(this.data, "logs", `${name}.log`));
    this.suite.processes.set(name, child);
    await until(() => child.exited || existsSync(portsFile), 15_000, `${name} isn't ready`);
    if (child.exited) throw new Error(`${name} ended with ${child.exited.status}:\n${child.tail()}`);
  }

  redis(...command) {
    return execFileSync("redis-cli", ["-p", `${this.suite.ports.redis}`, ...command], { encoding: "utf8", timeout: 5_000, stdio: ["ignore", "pipe", "ignore"] }).trim();
  }
  break(what, milliseconds = 0) {
    this.proxy.stdin.write(`${what} redis ${milliseconds}\n`);
  }
  get redisProcess() {
    return this.suite.processes.get("redis");
  }

  // What the readers saw since the last report, and where the replicas had it from.
  async report() {
    this.driver.stdin.write("report\n");
    const { value, done } = await this.reports.next();
    if (done) throw new Error(`the readers ended with ${await this.driver.ended}`);
    const now = await this.#answers();
    const from = Object.fromEntries(Object.entries(now).map(([key, count]) => [key, count - (this.before?.[key] ?? 0)]));
    this.before = now;
    return { ...JSON.parse(value), from };
  }

  async #answers() {
    const sums = {};
    for (const { metrics } of this.replicas) {
      const text = await metricsPage(metrics);
      for (const [, from, count] of text.matchAll(/lumbar_content_answers_total\{from="(\w+)"\} (\S+)/g)) sums[from] = (sums[from] ?? 0) + Number(count);
    }
    return sums;
  }

  client(i) {
    return client({ target: () => `127.0.0.1:${this.replicas[i].grpc}` }, "content");
  }
  editor(i) {
    return client({ target: () => `127.0.0.1:${this.replicas[i].grpc}` }, "editorial");
  }

  async stop() {
    for (const child of this.children.reverse()) {
      child.stdin.end();
      const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
      await child.ended;
      clearTimeout(timer);
    }
    await this.suite.stop();
  }
}

// Does `act` over and over until the state's time is over.
const each = (milliseconds, act) => async (cluster) => {
  const end = performance.now() + 1000 * seconds;
  while (performance.now() < end) {
    act(cluster);
    await sleep(milliseconds);
  }
};
const wait = () => sleep(1000 * seconds);

// enter, stay and leave.
const STATES = [
  { name: "well" },
  { name: "slow", stay: each(100, (cluster) => cluster.break("stall", 60)) },
  { name: "connections cut", stay: each(300, (cluster) => cluster.break("cut")) },
  { name: "hung", enter: (cluster) => cluster.redisProcess.pause(), leave: (cluster) => cluster.redisProcess.resume() },
  { name: "well after hung", after: true },
  { name: "out of memory", enter: (cluster) => cluster.redis("CONFIG", "SET", "maxmemory", "1"), leave: (cluster) => cluster.redis("CONFIG", "SET", "maxmemory", "0") },
  { name: "read-only", enter: (cluster) => cluster.redis("REPLICAOF", "127.0.0.1", "1"), leave: (cluster) => cluster.redis("REPLICAOF", "NO", "ONE") },
  { name: "flushed", stay: each(100, (cluster) => cluster.redis("FLUSHALL")) },
  { name: "wrong data", stay: each(20, (cluster) => cluster.redis("EVAL", WRONG_DATA, "0")) },
  { name: "killed, refused", enter: (cluster) => cluster.redisProcess.kill(), leave: (cluster) => cluster.suite.startRedis() },
  { name: "well at last", after: true },
];

// The hits that a reader didn't wait for the database for.
function hitRate({ near = 0, joined = 0, redis = 0, database = 0 }) {
  const all = near + joined + redis + database;
  return all === 0 ? 0 : 1 - database / all;
}

// Retracts an article by one replica, and asks both until nobody has it any more.
async function retract(cluster, name, token) {
  const readers = [0, 1].map((i) => cluster.client(i));
  for (const reader of readers) await reader.call("getArticle", { name });
  const editor = cluster.editor(0);
  const { goneTime } = await editor.call("retractArticle", { requestId: randomUUID(), name, reason: "chaos" }, { token, deadlineMs: 5_000 });
  const answered = Date.now();
  editor.close();
  const gone = (reader) =>
    reader.call("getArticle", { name }).then(
      () => false,
      (error) => {
        if (error.reason !== "ARTICLE_NOT_FOUND") throw error;
        return true;
      },
    );
  await until(async () => (await gone(readers[0])) && (await gone(readers[1])), HARD_BOUND + 2_000, `${name} isn't gone`);
  const goneMs = Date.now() - answered;
  for (const reader of readers) reader.close();
  return { retractionGoneMs: goneMs, retractionPromisedMs: Math.round(1000 * Number(goneTime.seconds) + goneTime.nanos / 1e6 - answered) };
}

async function live(cluster, state, name, token) {
  await state.enter?.(cluster);
  if (state.after) await sleep(3_000);
  await cluster.report();
  const retraction = retract(cluster, name, token);
  retraction.catch(() => "told by whoever waits for it");
  await Promise.race([(state.stay ?? wait)(cluster), interrupted]);
  const result = { state: state.name, ...(await cluster.report()), ...(await retraction) };
  await state.leave?.(cluster);
  return judge({ ...result, hitRate: hitRate(result.from) }, state);
}

function judge(result, state) {
  const findings = [];
  if (result.failed > 0) findings.push(`${result.failed} reads failed, the first with ${result.failure}`);
  for (const [late, bound] of [[result.lateMsMost, TOLD_BOUND + SLACK], [result.untoldMsMost, HARD_BOUND]]) {
    if (late > bound) findings.push(`an old text was given ${late.toFixed(0)} ms after a commit; ${bound} are promised`);
  }
  if (result.retractionGoneMs > result.retractionPromisedMs + 50) findings.push(`a retracted text was gone after ${result.retractionGoneMs} ms; ${result.retractionPromisedMs} were promised`);
  if (state.after && !(result.from.redis > 0)) findings.push("Redis isn't asked again");
  return { ...result, findings };
}

function tell(result) {
  const { state, reads, failed, published, told, hitRate: rate, lateMsP99, lateMsMost, untoldMsMost, retractionGoneMs, retractionPromisedMs } = result;
  say(`${state.padEnd(16)} ${String(reads).padStart(6)} reads, ${failed} failed; hit rate ${rate.toFixed(3)}; ${published} publications, ${told} told: old text given for p99 ${lateMsP99.toFixed(1)} ms, at most ${lateMsMost.toFixed(1)}, of the others ${untoldMsMost.toFixed(1)}; retracted gone after ${retractionGoneMs} ms of ${retractionPromisedMs}`);
  for (const finding of result.findings) say(`${state}: VIOLATION: ${finding}`);
}

async function main() {
  const data = mkdtempSync(path.join(os.tmpdir(), "lumbar-chaos-"));
  const cluster = await Cluster.prepare(data);
  const results = [];
  try {
    await cluster.start();
    const token = cluster.suite.token("staff/editor", "staff");
    const reader = cluster.client(0);
    const { articles } = await reader.call("listArticles", { pageSize: 200 });
    reader.close();
    const names = articles.map(({ name }) => name).filter((name) => name !== "articles/under-test");
    for (const state of STATES) {
      results.push(await live(cluster, state, names.pop(), token));
      tell(results.at(-1));
    }
  } finally {
    await cluster.stop();
    rmSync(data, { recursive: true, force: true });
  }
  const well = results.filter(({ state }) => state.startsWith("well"));
  const reached = well.every(({ lateMsP99 }) => lateMsP99 <= WANTED_P99);
  say(`${results.reduce((sum, { reads }) => sum + reads, 0)} reads, ${results.reduce((sum, { failed }) => sum + failed, 0)} failed; with Redis well, old texts go within ${WANTED_P99} ms at p99: ${reached ? "" : "not "}reached`);
  if (flags.output === "json") console.log(JSON.stringify(results, null, 2));
  return results.some(({ findings }) => findings.length > 0) ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`content_redis: ${error.message}`);
  process.exitCode = 1;
}
process.exit();
