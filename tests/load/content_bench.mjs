// Called by tests/load/content_bench.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { publishArticles } from "../support/articles.mjs";
import { bytes, client } from "../support/grpc.mjs";
import { metricsPage } from "../support/metrics.mjs";
import { until, untilListening } from "../support/ports.mjs";
import { Process } from "../support/process.mjs";
import { Suite, build } from "../support/suite.mjs";
import { cpuPerCall, load, median, peakMemoryOf } from "./server_cpu.mjs";

// name: [required, aim]; each a ratio, the less the better.
const GOALS = {
  "CPU per near hit / bare echo": [0.95, 0.8],
  "p99 of near hits / redis-benchmark GET": [2, 1],
  "CPU per pipelined Redis GET / one at a time": [1 / 3, 1 / 5],
  "p50 of many articles / of 100": [1.3, 1.1],
};
const METHOD = "/lumbar.content.v1.ContentService/GetArticle";
const ECHO = "/lumbar.load.Echo/Call";
const ANSWER_BYTES = 4096;
const NEAR_MEGABYTES = 32;

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    calls: { type: "string", default: "30000" },
    "in-flight": { type: "string", default: "16" },
    articles: { type: "string", default: "100000" },
    json: { type: "string" },
  },
});
const rounds = Number(flags.rounds);
const calls = Number(flags.calls);
const inFlight = Number(flags["in-flight"]);
const articles = Number(flags.articles);

const interruption = new AbortController();
for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => interruption.abort(new Error(`stopped by ${name}`)));

// A google.protobuf.BytesValue of so many bytes on the wire; from 128 to 16383 its length takes two of them, below one.
function bytesValue(size) {
  const length = size - (size < 130 ? 2 : 3);
  const prefix = size < 130 ? [0x0a, length] : [0x0a, (length & 0x7f) | 0x80, length >> 7];
  return Buffer.concat([Buffer.from(prefix), Buffer.alloc(length, "x")]);
}

// As gRPC sends a message.
function framed(message) {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

const nameOf = (i) => `articles/bench-${i}`;
const requestFor = (name) => bytes("content", "GetArticle", { name });

function requestsFile(suite, file, names) {
  const parts = names.flatMap((name) => {
    const message = requestFor(name);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(message.length);
    return [length, message];
  });
  writeFileSync(path.join(suite.data, file), Buffer.concat(parts));
  return path.join(suite.data, file);
}

// Copies of a sample article straight into the tables: one whose answer has about 4 KB, and many of about 1 KB.
function fillDatabase(suite, template) {
  const other = template.articleBytes - Buffer.byteLength(template.bodyHtml);
  const body = (size) => "x".repeat(Math.max(1, size - other));
  const insert = (name, text, count) => `
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${count})
    INSERT INTO article_revision (name, revision, etag, body, create_time)
      SELECT ${name}, 1, r.etag, json_set(r.body, '$.name', ${name}, '$.bodyHtml', '${text}'), r.create_time
      FROM n, article a JOIN article_revision r ON r.name = a.name AND r.revision = a.revision WHERE a.name = '${template.name}';`;
  const columns = execFileSync("sqlite3", [database(suite), "SELECT group_concat(name) FROM pragma_table_info('article')"], { encoding: "utf8" }).trim().split(",");
  const copied = columns.map((column) => (column === "name" ? "NAME" : column === "revision" ? "1" : column)).join(", ");
  const publish = (name, count) => `
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${count})
    INSERT INTO article (${columns}) SELECT ${copied.replace("NAME", name)} FROM n, article a WHERE a.name = '${template.name}';`;
  const sql = [
    "PRAGMA foreign_keys = ON; BEGIN;",
    insert("'articles/bench-4k'", body(ANSWER_BYTES - 30), 1), publish("'articles/bench-4k'", 1),
    insert("'articles/bench-' || i", body(1024), articles), publish("'articles/bench-' || i", articles),
    "COMMIT;",
  ].join("\n");
  execFileSync("sqlite3", ["-bail", database(suite)], { input: sql, maxBuffer: 1 << 28 });
}

const database = (suite) => path.join(suite.data, "content.db");

async function describe(suite) {
  const content = client(suite, "content");
  const name = "articles/sciatica";
  const { article } = await content.call("getArticle", { name });
  content.close();
  const file = path.join(suite.data, "template.bin");
  writeFileSync(file, requestFor(name));
  const { answerBytes } = await load({ target: suite.target("content"), method: METHOD, requestFile: file, calls: 1, inFlight: 1 });
  return { name, bodyHtml: article.bodyHtml, articleBytes: answerBytes };
}

async function startEcho(suite, answerBytes) {
  const log = path.join(suite.data, "logs", "echo.log");
  const echo = new Process("echo", path.join(build, "bin/lumbar_load_echo"), [`--port=${suite.ports.gateway.grpc}`, `--answer-bytes=${answerBytes}`], log);
  suite.processes.set("echo", echo);
  await untilListening(suite.ports.gateway.grpc, 10_000);
  return echo.pid;
}

async function prepare(suite) {
  suite.makeFolders();
  await suite.startRedis();
  const env = { LUMBAR_NEAR_CACHE_MEGABYTES: `${NEAR_MEGABYTES}` };
  await suite.startService("content", env);
  await publishArticles(suite);
  const template = await describe(suite);
  await suite.processes.get("content").stop();
  fillDatabase(suite, template);
  await suite.startService("content", env);
  const pid = suite.processes.get("content").pid;
  const token = suite.token("services/gateway", "service");
  const request = requestFor("articles/bench-4k");
  const requestFile = path.join(suite.data, "request.bin");
  writeFileSync(requestFile, request);
  writeFileSync(path.join(suite.data, "frame.bin"), framed(request));
  const common = { token, calls, inFlight, signal: interruption.signal };
  const near = { ...common, target: suite.target("content"), method: METHOD, requestFile };
  const { answerBytes } = await load({ ...near, calls: 5000 });
  const echoPid = await startEcho(suite, answerBytes);
  const echoFile = path.join(suite.data, "echo.bin");
  writeFileSync(echoFile, bytesValue(request.length));
  const echo = { ...common, target: suite.target("gateway"), method: ECHO, requestFile: echoFile };
  await load({ ...echo, calls: 5000 });
  console.log(`${METHOD}: request ${request.length} B, answer ${answerBytes} B, token ${token.length} B; ${calls} calls a round, ${inFlight} in flight`);
  console.log(`${os.cpus().length} cores, load average ${os.loadavg()[0].toFixed(2)}; server CPU from /proc/PID/stat`);
  return { suite, pid, echoPid, near, echo, common, token };
}

// By h2load, which costs as little as redis-benchmark: else the client's own time would be measured.
function nearP99({ suite, token }) {
  const log = path.join(suite.data, "h2load.log");
  rmSync(log, { force: true });
  const headers = ["content-type: application/grpc", "te: trailers", `authorization: Bearer ${token}`].flatMap((header) => ["-H", header]);
  const args = ["-n", `${calls}`, "-c", `${inFlight}`, "-m", "1", "-t", "1", "-d", path.join(suite.data, "frame.bin"), `--log-file=${log}`, ...headers, `http://${suite.target("content")}${METHOD}`];
  execFileSync("h2load", args, { stdio: ["ignore", "pipe", "pipe"], timeout: 120_000 });
  const lines = readFileSync(log, "utf8").trim().split("\n").map((line) => line.split("\t").map(Number));
  if (lines.length !== calls || lines.some(([, status]) => status !== 200)) throw new Error("h2load: not every call was answered");
  const times = lines.map(([, , microseconds]) => microseconds).sort((a, b) => a - b);
  return times[Math.floor(0.99 * (times.length - 1))];
}

function redisP99({ suite }) {
  const args = ["-p", `${suite.ports.redis}`, "-c", `${inFlight}`, "-n", `${calls}`, "-d", `${ANSWER_BYTES}`, "-t", "set,get", "--csv", "--precision", "3"];
  const lines = execFileSync("redis-benchmark", args, { encoding: "utf8", timeout: 120_000 }).trim().split("\n");
  const cells = (line) => line.split(",").map((cell) => cell.replaceAll('"', ""));
  const head = cells(lines[0]);
  const get = cells(lines.find((line) => line.startsWith('"GET"')));
  return 1000 * Number(get[head.indexOf("p99_latency_ms")]);
}

function redisCpu({ suite }, by) {
  const args = [`--port=${suite.ports.redis}`, `--by=${by}`, "--in-flight=32", `--bytes=${ANSWER_BYTES}`];
  return JSON.parse(execFileSync(path.join(build, "bin/lumbar_load_redis"), args, { encoding: "utf8" })).cpuMicros;
}

// Interleaved, in turn first the one and first the other.
async function compare(goal, unit, [name, run], [otherName, otherRun]) {
  const ratios = [];
  for (let round = 1; round <= rounds; ++round) {
    const result = {};
    const order = [["one", run], ["other", otherRun]];
    if (round % 2 === 0) order.reverse();
    for (const [key, measure] of order) result[key] = await measure();
    ratios.push(result.one / result.other);
    console.log(`round ${round}  ${name} ${result.one.toFixed(1)} ${unit}  ${otherName} ${result.other.toFixed(1)} ${unit}  ratio ${ratios.at(-1).toFixed(2)}`);
    if (interruption.signal.aborted) throw interruption.signal.reason;
  }
  const [required, aim] = GOALS[goal];
  const ratio = median(ratios);
  console.log(`${goal}: median ${ratio.toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}); required <= ${required.toFixed(2)}, aim ${aim.toFixed(2)}\n`);
  return { goal, ratio, ratios, required, aim };
}

// Zipf's law: the i-th article is asked for in proportion to 1 / i.
function popular(count, draws) {
  const sums = [];
  for (let i = 0; i < count; ++i) sums.push((sums.at(-1) ?? 0) + 1 / (i + 1));
  let state = 1;
  return Array.from({ length: draws }, () => {
    state = (state * 48271) % 2147483647;
    const wanted = (state / 2147483647) * sums.at(-1);
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] < wanted) low = middle + 1;
      else high = middle;
    }
    return nameOf(low);
  });
}

async function metric(suite, name) {
  const text = await metricsPage(suite.ports.content.metrics);
  const found = text.split("\n").find((line) => line.startsWith(name));
  return Number(found.split(" ").at(-1));
}

async function manyArticles(prepared) {
  const { suite, pid, common } = prepared;
  const content = { ...common, target: suite.target("content"), method: METHOD };
  const all = requestsFile(suite, "all.bin", Array.from({ length: articles }, (_, i) => nameOf(i)));
  const many = requestsFile(suite, "many.bin", popular(articles, calls));
  const few = requestsFile(suite, "few.bin", Array.from({ length: calls }, (_, i) => nameOf(i % 100)));
  await load({ ...content, requestsFile: all, calls: articles });
  await load({ ...content, requestsFile: many });
  // One on each channel: with more the clients wait for one another, and what is measured is how many are served.
  const p50 = async (requestsFile) => (await load({ ...content, requestsFile, inFlight: 2 })).p50;
  const result = await compare("p50 of many articles / of 100", "us", [`${articles} articles`, () => p50(many)], ["100", () => p50(few)]);
  const bound = NEAR_MEGABYTES << 20;
  const near = await until(() => metric(suite, "lumbar_content_near_cache_bytes"), 5_000, "no metric");
  console.log(`${articles} articles: the near cache has ${(near / 2 ** 20).toFixed(1)} MB of ${NEAR_MEGABYTES}, the process had at most ${(peakMemoryOf(pid) / 2 ** 20).toFixed(1)} MB\n`);
  return { ...result, nearBytes: near, nearBound: bound };
}

async function measure(prepared) {
  const { pid, echoPid, near, echo } = prepared;
  return [
    await compare("CPU per near hit / bare echo", "us", ["lumbar-content", () => cpuPerCall(pid, near)], ["echo", () => cpuPerCall(echoPid, echo)]),
    await compare("p99 of near hits / redis-benchmark GET", "us", ["lumbar-content", () => nearP99(prepared)], ["redis", () => redisP99(prepared)]),
    await compare("CPU per pipelined Redis GET / one at a time", "us", ["32 in flight", () => redisCpu(prepared, "cache")], ["hiredis", () => redisCpu(prepared, "hiredis")]),
    await manyArticles(prepared),
  ];
}

async function main() {
  const data = mkdtempSync(path.join(os.tmpdir(), "lumbar-bench-"));
  const suite = await Suite.prepare({ data });
  try {
    const results = await measure(await prepare(suite));
    if (flags.json) writeFileSync(flags.json, JSON.stringify({ calls, inFlight, articles, results }, null, 2) + "\n");
    const over = results.filter(({ ratio, required, nearBytes = 0, nearBound = 1 }) => ratio > required || nearBytes > nearBound);
    for (const { goal } of over) console.error(`content_bench: ${goal}: over what is required`);
    return over.length > 0 ? 1 : 0;
  } catch (error) {
    console.error(`content_bench: ${(interruption.signal.reason ?? error).message}`);
    return 1;
  } finally {
    await suite.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

process.exitCode = await main();
