// CPU and latency that the gateway adds to Assess, everything on, beside other programs in its place. Called by
// tests/load/gateway_bench.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs, promisify } from "node:util";
import { bytes } from "../support/grpc.mjs";
import { freeNumbers, untilListening } from "../support/ports.mjs";
import { Process } from "../support/process.mjs";
import { Suite, root } from "../support/suite.mjs";
import { cpuOf, load, median } from "./server_cpu.mjs";

// The most that is allowed, and what is wanted. Half of Fastify's is what nginx takes to pass the same JSON on.
const GRPC = { required: 1.5, aim: 0.35 };
const JSON_ = { required: 0.5, aim: 0.25 };
const METHOD = "/lumbar.triage.v1.TriageService/Assess";
const ROUTE = "/v1/triage:assess";
const LATENCY_CALLS = 2000;

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    calls: { type: "string", default: "20000" },
    "in-flight": { type: "string", default: "16" },
    only: { type: "string" },
    json: { type: "string" },
    output: { type: "string", short: "o" },
  },
});
const rounds = Number(flags.rounds);
const calls = Number(flags.calls);
const inFlight = Number(flags["in-flight"]);

const interruption = new AbortController();
for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => interruption.abort(new Error(`stopped by ${name}`)));

const figure = (value) => value.toFixed(1).padStart(6);
const range = (values) => `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}`;

// A process, and those that it has started.
const familyOf = (pid) => [pid, ...readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number)];
const cpuOfAll = (pids) => pids.reduce((sum, pid) => sum + cpuOf(pid), 0);

// As gRPC sends a message.
function framed(message) {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

async function start(suite, name, command, args, port, env) {
  const child = new Process(name, command, args, path.join(suite.data, "logs", `${name}.log`), env);
  suite.processes.set(name, child);
  await untilListening(port, 10_000);
  return { target: `127.0.0.1:${port}`, pids: familyOf(child.pid) };
}

// Debian's, by its file in this folder.
async function startProxy(suite, name, file, command, args, port, more = {}) {
  const values = { DATA: suite.data, PORT: port, TARGET: suite.target("triage"), ...more };
  const text = readFileSync(path.join(root, "tests/load", file), "utf8").replace(/@([A-Z]+)@/g, (_, key) => values[key]);
  writeFileSync(path.join(suite.data, file), text);
  return start(suite, name, command, [...args, path.join(suite.data, file)], port);
}

async function prepare(suite) {
  suite.makeFolders();
  mkdirSync(path.join(suite.data, "nginx"), { recursive: true });
  await suite.startService("triage");
  await suite.startService("gateway");
  const [nginx, haproxy, fastify, passing] = await freeNumbers(4);
  const presentation = JSON.parse(readFileSync(path.join(root, "services/triage/benchmark_case.json"), "utf8"));
  const request = bytes("triage", "Assess", { presentation });
  const files = { request: "request.bin", frame: "frame.bin", body: "body.json" };
  for (const key of Object.keys(files)) files[key] = path.join(suite.data, files[key]);
  writeFileSync(files.request, request);
  writeFileSync(files.frame, framed(request));
  writeFileSync(files.body, JSON.stringify({ presentation }));
  const token = suite.token("services/gateway", "service");
  const answer = await suite.http("POST", ROUTE, { token, body: { presentation } });
  if (answer.status !== 200) throw new Error(`${ROUTE} is answered with ${answer.status}`);
  const answerBytes = Number(answer.headers.get("content-length"));
  const hops = {
    direct: { target: suite.target("triage"), pids: [] },
    gateway: { target: `127.0.0.1:${suite.ports.http}`, pids: [suite.processes.get("gateway").pid] },
    nginx: await startProxy(suite, "nginx", "nginx.conf", "nginx", ["-c"], nginx, { JSONPORT: passing, ENDPOINT: `127.0.0.1:${fastify}` }),
    haproxy: await startProxy(suite, "haproxy", "haproxy.cfg", "haproxy", ["-db", "-f"], haproxy),
  };
  const env = { PORT: `${fastify}`, ANSWER_BYTES: `${answerBytes}`, NODE_ENV: "production" };
  const endpoints = {
    gateway: hops.gateway,
    fastify: await start(suite, "fastify", "node", [path.join(root, "tests/load/fastify_server.mjs")], fastify, env),
    // Which only passes the same bytes on to Fastify.
    passing: { target: `127.0.0.1:${passing}`, pids: hops.nginx.pids },
  };
  console.log(`${METHOD}: request ${request.length} B, token ${token.length} B; as JSON ${readFileSync(files.body).length} B in, ${answerBytes} B out`);
  console.log(`${calls} calls a measurement, ${inFlight} in flight; ${os.cpus().length} cores, load average ${os.loadavg()[0].toFixed(2)}; CPU from /proc/PID/stat`);
  return { suite, token, files, hops, endpoints, triagePid: suite.processes.get("triage").pid };
}

// Times of so many requests in microseconds, the shortest first. Rejects unless each was answered with 200.
async function h2load({ suite, token }, { url, body, type, count, connections, flags: added = [] }) {
  const log = path.join(suite.data, "h2load.log");
  rmSync(log, { force: true });
  const headers = [`content-type: ${type}`, `authorization: Bearer ${token}`, ...(type === "application/grpc" ? ["te: trailers"] : [])];
  const args = ["-n", `${count}`, "-c", `${connections}`, "-m", "1", "-t", "1", "-d", body, `--log-file=${log}`, ...added, ...headers.flatMap((header) => ["-H", header]), url];
  await promisify(execFile)("h2load", args, { timeout: 120_000, signal: interruption.signal });
  const lines = readFileSync(log, "utf8").trim().split("\n").map((line) => line.split("\t").map(Number));
  if (lines.length !== count || lines.some(([, status]) => status !== 200)) throw new Error(`h2load: not every call to ${url} was answered with 200`);
  return lines.map(([, , microseconds]) => microseconds).sort((a, b) => a - b);
}

// A hop's CPU for each call, every one of which is known to have succeeded.
async function hopCpu({ token, files }, { target, pids }) {
  const before = cpuOfAll(pids);
  await load({ target, method: METHOD, requestFile: files.request, token, calls, inFlight, signal: interruption.signal });
  return (cpuOfAll(pids) - before) / calls;
}

async function p50(prepared, { target }) {
  const times = await h2load(prepared, { url: `http://${target}${METHOD}`, body: prepared.files.frame, type: "application/grpc", count: LATENCY_CALLS, connections: 1 });
  return times[times.length >> 1];
}

async function jsonCpu(prepared, { target, pids }) {
  const { triagePid, files } = prepared;
  const [before, serviceBefore] = [cpuOfAll(pids), cpuOf(triagePid)];
  await h2load(prepared, { url: `http://${target}${ROUTE}`, body: files.body, type: "application/json", count: calls, connections: inFlight, flags: ["--h1"] });
  return { cpu: (cpuOfAll(pids) - before) / calls, service: (cpuOf(triagePid) - serviceBefore) / calls };
}

// Each round begins with another one.
async function inTurn(round, entries, measure) {
  const result = {};
  const names = Object.keys(entries);
  for (let i = 0; i < names.length; ++i) {
    const name = names[(i + round) % names.length];
    result[name] = await measure(entries[name]);
  }
  return result;
}

async function grpcRound(prepared, round) {
  const { direct, ...proxies } = prepared.hops;
  const cpu = await inTurn(round, proxies, (hop) => hopCpu(prepared, hop));
  const latency = await inTurn(round, { direct, ...proxies }, (hop) => p50(prepared, hop));
  const added = Object.fromEntries(Object.keys(proxies).map((name) => [name, latency[name] - latency.direct]));
  console.log(`round ${round}  CPU us/hop ${Object.keys(cpu).map((name) => `${name} ${figure(cpu[name])}`).join("  ")}  gateway/nginx ${(cpu.gateway / cpu.nginx).toFixed(2)}`);
  console.log(`         added p50 us, 1 in flight (${figure(latency.direct).trim()} directly) ${Object.keys(added).map((name) => `${name} ${figure(added[name])}`).join("  ")}  gateway/nginx ${(added.gateway / added.nginx).toFixed(2)}`);
  return { cpu, direct: latency.direct, added, ratio: cpu.gateway / cpu.nginx, toHaproxy: cpu.gateway / cpu.haproxy, addedRatio: added.gateway / added.nginx };
}

async function jsonRound(prepared, round) {
  const { gateway, fastify, passing } = await inTurn(round, prepared.endpoints, (endpoint) => jsonCpu(prepared, endpoint));
  const ratio = gateway.cpu / fastify.cpu;
  console.log(`round ${round}  JSON CPU us/call gateway ${figure(gateway.cpu)} (and lumbar-triage ${figure(gateway.service)})  fastify ${figure(fastify.cpu)}  nginx, passing it to fastify ${figure(passing.cpu)}  gateway/fastify ${ratio.toFixed(2)}  nginx/fastify ${(passing.cpu / fastify.cpu).toFixed(2)}`);
  return { gateway: gateway.cpu, triage: gateway.service, fastify: fastify.cpu, passing: passing.cpu, ratio, floor: passing.cpu / fastify.cpu };
}

async function measure(round) {
  const results = [];
  for (let i = 1; i <= rounds; ++i) results.push(await round(i));
  return results;
}

function judge(name, results, { required, aim }) {
  const of = (key) => results.map((result) => result[key]);
  const ratio = median(of("ratio"));
  console.log(`${name}: median ${ratio.toFixed(2)} (${range(of("ratio"))}); required <= ${required.toFixed(2)}, aim ${aim.toFixed(2)}`);
  if (ratio > required) console.error(`gateway_bench: ${name}: over what is required`);
  return { ratio, required, aim, ok: ratio <= required, rounds: results };
}

function summarize(name, results, key) {
  const values = results.map((result) => result[key]);
  console.log(`${name}: median ${median(values).toFixed(2)} (${range(values)})`);
  return median(values);
}

async function measureAll(prepared) {
  const report = { calls, inFlight };
  if (flags.only !== "json") {
    const results = await measure((round) => grpcRound(prepared, round));
    report.grpc = judge("gRPC, gateway CPU / nginx", results, GRPC);
    for (const [key, name] of [["toHaproxy", "gateway CPU / haproxy"], ["addedRatio", "added p50, gateway / nginx"]]) {
      report.grpc[key] = summarize(`gRPC, ${name}`, results, key);
    }
  }
  if (flags.only !== "grpc") {
    const results = await measure((round) => jsonRound(prepared, round));
    report.json = judge("JSON, gateway CPU / Fastify", results, JSON_);
    report.json.floor = summarize("JSON, nginx that only passes it on, CPU / Fastify", results, "floor");
  }
  return report;
}

async function main() {
  const data = mkdtempSync(path.join(os.tmpdir(), "lumbar-bench-"));
  const suite = await Suite.prepare({ data });
  try {
    const prepared = await prepare(suite);
    // Connections, caches and Node's compiler.
    const { hops, endpoints } = prepared;
    if (flags.only !== "json") for (const hop of Object.values(hops)) await load({ target: hop.target, method: METHOD, requestFile: prepared.files.request, token: prepared.token, calls: 3000, inFlight, signal: interruption.signal });
    if (flags.only !== "grpc") for (const endpoint of Object.values(endpoints)) await jsonCpu(prepared, endpoint);
    const report = await measureAll(prepared);
    const file = flags.json ?? flags.output;
    if (file) writeFileSync(file, JSON.stringify(report, null, 2) + "\n");
    return [report.grpc, report.json].every((part) => part?.ok ?? true) ? 0 : 1;
  } catch (error) {
    console.error(`gateway_bench: ${(interruption.signal.reason ?? error).message}`);
    return 1;
  } finally {
    await suite.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

process.exitCode = await main();
