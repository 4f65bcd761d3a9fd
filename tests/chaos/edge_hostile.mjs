// Called by tests/chaos/edge_hostile.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { publishArticles } from "../support/articles.mjs";
import { Suite } from "../support/suite.mjs";
import { seeded } from "../support/text_provider.mjs";
import { ATTACKS } from "./edge_attacks.mjs";
import { pause } from "./hostile_wire.mjs";

const GROWTH_MIB = 64;

const { values: flags } = parseArgs({
  options: {
    scale: { type: "string", default: "1" },
    attack: { type: "string", multiple: true, default: Object.keys(ATTACKS) },
    seed: { type: "string", default: "1" },
    "health-ms": { type: "string", default: "100" },
    output: { type: "string", short: "o", default: "text" },
  },
});
const scale = Number(flags.scale);
const healthMs = Number(flags["health-ms"]);
if (!(scale > 0 && scale <= 100) || !(healthMs > 0) || flags.attack.some((name) => !(name in ATTACKS))) {
  console.error(`edge_hostile: --scale is a number up to 100, --health-ms a number, --attack one of ${Object.keys(ATTACKS).join(", ")}`);
  process.exit(2);
}
const say = (text) => (flags.output === "json" ? console.error(text) : console.log(text));

const interruption = new AbortController();
for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => interruption.abort(new Error(`stopped by ${name}`)));
const interrupted = new Promise((_, failed) => interruption.signal.addEventListener("abort", () => failed(interruption.signal.reason)));
interrupted.catch(() => "told by whoever waits for it");

const residentMib = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;

// The health that the probe saw since it was asked last.
function health(probe) {
  return new Promise((done) => {
    probe.once("message", done);
    probe.postMessage("tell");
  });
}

async function under(name, gateway, probe, context) {
  const findings = [];
  const before = residentMib(gateway.pid);
  let most = before;
  const watching = setInterval(() => {
    if (!gateway.exited) most = Math.max(most, residentMib(gateway.pid));
  }, 50);
  await health(probe);
  const wrong = (finding) => findings.push(finding);
  // For a second at least, so that there is some health to see.
  const attack = Promise.all([ATTACKS[name]({ ...context, wrong }), pause(1000)]);
  // Against nobody an attack might never end.
  const died = gateway.end.then(() => [{}]);
  const [done] = await Promise.race([attack, died, interrupted]).finally(() => clearInterval(watching));
  const seen = await health(probe);
  if (gateway.exited) wrong(`the gateway ended with ${gateway.exited.status}:\n${gateway.tail()}`);
  if (seen.failures > 0) wrong(`${seen.failures} of ${seen.probes} health checks failed: ${seen.failure}`);
  if (!(seen.p99 < healthMs)) wrong(`health took ${seen.p99.toFixed(0)} ms at p99; ${healthMs} are allowed`);
  if (most - before > GROWTH_MIB) wrong(`memory grew by ${(most - before).toFixed(0)} MiB; ${GROWTH_MIB} are allowed`);
  return { attack: name, ...done, probes: seen.probes, healthP50Ms: seen.p50, healthP99Ms: seen.p99, grewMib: most - before, findings };
}

function tell({ attack, probes, healthP50Ms, healthP99Ms, grewMib, findings, ...done }) {
  const what = Object.entries(done).map(([name, count]) => `${count} ${name}`).join(", ");
  say(`${attack.padEnd(14)} ${what}; ${probes} health checks, p50 ${healthP50Ms.toFixed(1)} ms, p99 ${healthP99Ms.toFixed(1)} ms; memory grew by ${grewMib.toFixed(1)} MiB`);
  for (const finding of new Set(findings)) say(`${attack}: VIOLATION: ${finding}`);
}

async function main() {
  const data = mkdtempSync(path.join(os.tmpdir(), "lumbar-hostile-"));
  const suite = await Suite.prepare({ data });
  const results = [];
  let probe;
  try {
    await suite.start();
    await publishArticles(suite);
    probe = new Worker(new URL("./health_probe.mjs", import.meta.url), { workerData: { port: suite.ports.http } });
    const gateway = suite.processes.get("gateway");
    const context = { port: suite.ports.http, scale, random: seeded(Number(flags.seed)) };
    for (const name of flags.attack) {
      results.push(await under(name, gateway, probe, context));
      tell(results.at(-1));
      if (gateway.exited) break;
      // What was left half-done is over before the next.
      await pause(500);
    }
  } finally {
    await probe?.terminate();
    const ends = await suite.stop();
    const unclean = ends.filter(([name, status]) => name === "gateway" && status !== 0);
    for (const [name, status] of unclean) results.push({ attack: "the end", findings: [`${name} ended with ${status}`] });
    rmSync(data, { recursive: true, force: true });
  }
  const findings = results.flatMap((result) => result.findings);
  say(`${results.length} attacks, ${findings.length} violations`);
  if (flags.output === "json") console.log(JSON.stringify(results, null, 2));
  return findings.length > 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`edge_hostile: ${error.stack}`);
  process.exitCode = 1;
}
process.exit();
