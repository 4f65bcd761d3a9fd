// CPU of lumbar-triage per Assess, everything on, against a bare grpc++ callback server of protobuf messages as large. Called by
// tests/load/triage_bench.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { bytes, client } from "../support/grpc.mjs";
import { untilListening } from "../support/ports.mjs";
import { Process } from "../support/process.mjs";
import { Suite, build, root } from "../support/suite.mjs";
import { cpuPerCall, load, median } from "./server_cpu.mjs";

const REQUIRED = 1.5;
const AIM = 1.1;
const METHOD = "/lumbar.triage.v1.TriageService/Assess";
const ECHO = "/lumbar.load.Echo/Call";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    calls: { type: "string", default: "30000" },
    "in-flight": { type: "string", default: "16" },
    json: { type: "string" },
  },
});
const rounds = Number(flags.rounds);
const calls = Number(flags.calls);
const inFlight = Number(flags["in-flight"]);

const interruption = new AbortController();
for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => interruption.abort(new Error(`stopped by ${name}`)));

// The real service with the flags that the suite gives it: authentication, validation, deadline, metrics, logs and audit.
async function startTriage(suite) {
  suite.makeFolders();
  await suite.startService("triage");
  return suite.processes.get("triage").pid;
}

// On the gateway's port, which nothing else uses here.
async function startEcho(suite, answerBytes) {
  const log = path.join(suite.data, "logs", "echo.log");
  const echo = new Process("echo", path.join(build, "bin/lumbar_load_echo"), [`--port=${suite.ports.gateway.grpc}`, `--answer-bytes=${answerBytes}`], log);
  suite.processes.set("echo", echo);
  await untilListening(suite.ports.gateway.grpc, 10_000);
  return echo.pid;
}

// A google.protobuf.BytesValue of so many bytes on the wire; from 128 to 16383 its length takes two of them.
function bytesValue(size) {
  const length = size - 3;
  return Buffer.concat([Buffer.from([0x0a, (length & 0x7f) | 0x80, length >> 7]), Buffer.alloc(length, "x")]);
}

// One real call by another client, so that the case is known to be answered and not refused.
async function assessOnce(suite, presentation, token) {
  const triage = client(suite, "triage");
  const { assessment } = await triage.call("assess", { presentation }, { token });
  triage.close();
  return assessment;
}

async function prepare(suite) {
  const presentation = JSON.parse(readFileSync(path.join(root, "services/triage/benchmark_case.json"), "utf8"));
  const requestFile = path.join(suite.data, "request.bin");
  const request = bytes("triage", "Assess", { presentation });
  writeFileSync(requestFile, request);
  const triagePid = await startTriage(suite);
  const token = suite.token("services/gateway", "service");
  const assessment = await assessOnce(suite, presentation, token);
  const common = { method: METHOD, requestFile, token, calls, inFlight, signal: interruption.signal };
  const triage = { ...common, target: suite.target("triage") };
  const { answerBytes } = await load({ ...triage, calls: 5000 });
  const echoPid = await startEcho(suite, answerBytes);
  const echoFile = path.join(suite.data, "echo.bin");
  writeFileSync(echoFile, bytesValue(request.length));
  const echo = { ...common, method: ECHO, requestFile: echoFile, target: suite.target("gateway") };
  await load({ ...echo, calls: 5000 });
  console.log(`${METHOD}, ${assessment.protocol} ${assessment.protocolVersion}, ${presentation.findings.length} findings, ${assessment.level}`);
  console.log(`request ${request.length} B, answer ${answerBytes} B, token ${token.length} B; ${calls} calls a round, ${inFlight} in flight on 2 connections`);
  console.log(`${os.cpus().length} cores, load average ${os.loadavg()[0].toFixed(2)}; server CPU from /proc/PID/stat`);
  const sizes = { requestBytes: request.length, answerBytes, findings: presentation.findings.length, protocolVersion: assessment.protocolVersion };
  return { triage: () => cpuPerCall(triagePid, triage), echo: () => cpuPerCall(echoPid, echo), sizes };
}

// Each round measures both, in turn first the one and first the other.
async function measure({ triage, echo }) {
  const results = [];
  for (let round = 1; round <= rounds; ++round) {
    const result = {};
    const order = round % 2 ? [["triage", triage], ["echo", echo]] : [["echo", echo], ["triage", triage]];
    for (const [name, run] of order) result[name] = await run();
    result.ratio = result.triage / result.echo;
    results.push(result);
    console.log(`round ${round}  lumbar-triage ${result.triage.toFixed(1)} us  echo ${result.echo.toFixed(1)} us  ratio ${result.ratio.toFixed(2)}`);
  }
  return results;
}

function report(results, sizes) {
  const ratios = results.map(({ ratio }) => ratio);
  const ratio = median(ratios);
  const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
  console.log(`median ratio ${ratio.toFixed(2)} (${range}); required <= ${REQUIRED.toFixed(2)}, aim ${AIM.toFixed(2)}`);
  if (flags.json) writeFileSync(flags.json, JSON.stringify({ ratio, required: REQUIRED, aim: AIM, calls, inFlight, ...sizes, rounds: results }, null, 2) + "\n");
  if (ratio <= REQUIRED) return 0;
  console.error("triage_bench: over what is required");
  return 1;
}

async function main() {
  const data = mkdtempSync(path.join(os.tmpdir(), "lumbar-bench-"));
  const suite = await Suite.prepare({ data });
  try {
    const prepared = await prepare(suite);
    return report(await measure(prepared), prepared.sizes);
  } catch (error) {
    console.error(`triage_bench: ${(interruption.signal.reason ?? error).message}`);
    return 1;
  } finally {
    await suite.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

process.exitCode = await main();
