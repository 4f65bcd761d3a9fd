// What a server process costs per call: its CPU time around a run of the load client.
import { execFile, execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { build } from "../support/suite.mjs";

const microsecondsPerTick = 1e6 / Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

// User and system time of a process so far, its threads included, in microseconds. Counted in ticks of 10 ms.
export function cpuOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field, the name, may hold blanks; the third comes after its bracket.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * microsecondsPerTick;
}

// Most memory that the process ever had, in bytes.
export function peakMemoryOf(pid) {
  return 1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]);
}

// Runs the load client once; resolves to what it counted, and rejects if any call failed.
export function load({ target, method, requestFile, requestsFile, token = "", calls, inFlight, signal }) {
  const flags = { target, method, calls, "in-flight": inFlight, ...(requestsFile ? { "requests-file": requestsFile } : { "request-file": requestFile }) };
  const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
  return new Promise((done, failed) => {
    const env = { ...process.env, LUMBAR_TOKEN: token };
    execFile(path.join(build, "bin/lumbar_load_client"), args, { env, signal, timeout: 120_000 }, (error, stdout, stderr) => {
      if (error) failed(new Error(`${method} at ${target}: ${stderr || error.message}${stdout}`));
      else done(JSON.parse(stdout));
    });
  });
}

// Server CPU in microseconds per call.
export async function cpuPerCall(pid, run) {
  const before = cpuOf(pid);
  await load(run);
  return (cpuOf(pid) - before) / run.calls;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
