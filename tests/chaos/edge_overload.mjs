// Called by tests/chaos/edge_overload.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs, promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { cpuOf } from "../load/server_cpu.mjs";
import { Suite } from "../support/suite.mjs";
import { soreRunner } from "../support/walk.mjs";

const GROWTH_MIB = 128;
const NORMAL_MS = 5_000;
const FEW_CLIENTS = 64;
const NOBODY_REACHES = "1000000:1000000";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "8" },
    calls: { type: "string", default: "256" },
    times: { type: "string", default: "10" },
    share: { type: "string", default: "0.8" },
    "health-ms": { type: "string", default: "1000" },
    output: { type: "string", short: "o", default: "text" },
  },
});
const [rounds, seconds, calls, times] = ["rounds", "seconds", "calls", "times"].map((name) => Number(flags[name]));
const [share, healthMs] = [Number(flags.share), Number(flags["health-ms"])];
if (![rounds, seconds, calls, times].every((number) => Number.isInteger(number) && number > 0) || !(share > 0) || !(healthMs > 0)) {
  console.error("edge_overload: --rounds, --seconds, --calls and --times are whole numbers above 0, --share and --health-ms numbers");
  process.exit(2);
}
const say = (text) => (flags.output === "json" ? console.error(text) : console.log(text));
const run = promisify(execFile);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const residentMib = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;

// `clients` that ask again as soon as they are answered; how much a second was answered well, and how much was refused.
async function ask(context, clients, duration) {
  const args = ["--h1", "-t1", `-c${clients}`, "-m1", `-D${duration}`, "--warm-up-time=1", "-d", context.body];
  for (const [name, value] of Object.entries(context.headers)) args.push("-H", `${name}: ${value}`);
  const began = cpuOf(context.gateway.pid);
  const { stdout } = await run("h2load", [...args, context.url], { timeout: (duration + 60) * 1000, maxBuffer: 1 << 26 });
  const number = (pattern) => Number(pattern.exec(stdout)?.[1] ?? NaN);
  const cpu = (cpuOf(context.gateway.pid) - began) / 1e6;
  return {
    good: number(/status codes: (\d+) 2xx/) / duration,
    refused: number(/(\d+) 5xx/) / duration,
    wrong: number(/(\d+) 4xx/) + number(/(\d+) 3xx/) + number(/(\d+) errored/) + number(/(\d+) timeout/),
    gatewayCores: cpu / (duration + 1),
  };
}

async function alone(context) {
  const began = performance.now();
  const answer = await fetch(context.url, { method: "POST", headers: context.headers, body: context.text, signal: AbortSignal.timeout(10_000) }).catch((error) => ({ status: error.message }));
  await answer.arrayBuffer?.();
  return { ms: performance.now() - began, status: answer.status };
}

// How long until three in a row are answered well and about as quickly as before.
async function untilNormal(context, usualMs) {
  const began = performance.now();
  for (let quick = 0; quick < 3 && performance.now() - began < 2 * NORMAL_MS; ) {
    const { ms, status } = await alone(context);
    quick = status === 200 && ms < Math.max(50, 5 * usualMs) ? quick + 1 : 0;
    if (!quick) await pause(20);
  }
  return performance.now() - began;
}

// The health that the probe saw since it was asked last.
function health(probe) {
  return new Promise((done) => {
    probe.once("message", done);
    probe.postMessage("tell");
  });
}

async function round(context, probe) {
  const usual = [];
  for (let i = 0; i < 20; i++) usual.push((await alone(context)).ms);
  const few = await ask(context, FEW_CLIENTS, seconds);
  const full = await ask(context, calls, seconds);
  const before = residentMib(context.gateway.pid);
  let most = before;
  const watching = setInterval(() => (most = Math.max(most, residentMib(context.gateway.pid))), 50);
  await health(probe);
  const flood = await ask(context, calls * times, seconds).finally(() => clearInterval(watching));
  const normalMs = await untilNormal(context, median(usual));
  const seen = await health(probe);
  const capacity = Math.max(few.good, full.good);
  return { few, full, flood, capacity, share: flood.good / capacity, health: seen, grewMib: most - before, normalMs };
}

function tell(result, number) {
  const { few, full, flood, health: seen } = result;
  say(`round ${number}: capacity ${result.capacity.toFixed(0)}/s (${FEW_CLIENTS} clients ${few.good.toFixed(0)}, ${calls} clients ${full.good.toFixed(0)}); ${calls * times} clients: ${flood.good.toFixed(0)}/s good, ${flood.refused.toFixed(0)}/s refused, share ${result.share.toFixed(2)}; gateway ${flood.gatewayCores.toFixed(2)} cores; ${seen.probes} health checks, p50 ${seen.p50.toFixed(0)} ms, p99 ${seen.p99.toFixed(0)} ms; memory grew by ${result.grewMib.toFixed(1)} MiB; normal after ${result.normalMs.toFixed(0)} ms`);
}

function findingsOf(results) {
  const findings = [];
  const worst = (pick) => Math.max(...results.map(pick));
  const middle = median(results.map((result) => result.share));
  if (!(middle >= share)) findings.push(`${middle.toFixed(2)} of the capacity was answered well (median); ${share} is wanted`);
  for (const { few, full, flood, health: seen } of results) {
    const wrong = few.wrong + full.wrong + flood.wrong;
    if (wrong > 0 || Number.isNaN(wrong)) findings.push(`${wrong} requests were neither answered well nor refused as they should be`);
    if (few.refused > 0) findings.push(`${FEW_CLIENTS} clients were refused`);
    if (!(flood.refused > 0)) findings.push("nothing was refused: it wasn't asked for more than it can do");
    if (seen.failures > 0) findings.push(`${seen.failures} of ${seen.probes} health checks failed: ${seen.failure}`);
  }
  if (!(worst((result) => result.health.p99) <= healthMs)) findings.push(`health took ${worst((result) => result.health.p99).toFixed(0)} ms at p99; ${healthMs} are allowed`);
  if (!(worst((result) => result.grewMib) <= GROWTH_MIB)) findings.push(`memory grew by ${worst((result) => result.grewMib).toFixed(0)} MiB; ${GROWTH_MIB} are allowed`);
  if (!(worst((result) => result.normalMs) <= NORMAL_MS)) findings.push(`it was normal after ${worst((result) => result.normalMs).toFixed(0)} ms; ${NORMAL_MS} are allowed`);
  return findings;
}

async function main() {
  const data = mkdtempSync(path.join(os.tmpdir(), "lumbar-overload-"));
  const suite = await Suite.prepare({ data });
  const results = [];
  let probe;
  let unclean = [];
  try {
    suite.makeFolders();
    await suite.startRedis();
    await suite.startService("triage");
    // All clients of the load come from one address, which stands for a proxy's.
    await suite.startService("gateway", { LUMBAR_TRUSTED_PROXIES: "127.0.0.1", LUMBAR_RATE_PER_ADDRESS: NOBODY_REACHES, LUMBAR_RATE_PER_IDENTITY: NOBODY_REACHES, LUMBAR_CALLS_PER_SERVICE: `${calls}` });
    const body = path.join(data, "assess.json");
    const text = JSON.stringify({ presentation: soreRunner.presentation });
    writeFileSync(body, text);
    const headers = { "content-type": "application/json", authorization: `Bearer ${suite.token("patients/alex", "patient")}` };
    const context = { url: `${suite.url}/v1/triage:assess`, body, text, headers, gateway: suite.processes.get("gateway") };
    const first = await alone(context);
    if (first.status !== 200) throw new Error(`an assessment is answered with ${first.status}`);
    probe = new Worker(new URL("./health_probe.mjs", import.meta.url), { workerData: { port: suite.ports.http } });
    for (let number = 1; number <= rounds; number++) {
      results.push(await round(context, probe));
      tell(results.at(-1), number);
    }
  } finally {
    await probe?.terminate();
    const ends = await suite.stop();
    unclean = ends.filter(([name, status]) => name === "gateway" && status !== 0).map(([name, status]) => `${name} ended with ${status}`);
    rmSync(data, { recursive: true, force: true });
  }
  const findings = [...findingsOf(results), ...unclean];
  for (const finding of findings) say(`VIOLATION: ${finding}`);
  say(`${results.length} rounds, ${findings.length} violations`);
  if (flags.output === "json") console.log(JSON.stringify({ results, findings }, null, 2));
  return findings.length > 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`edge_overload: ${error.stack}`);
  process.exitCode = 1;
}
process.exit();
