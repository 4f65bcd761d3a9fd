// Bookings per second of lumbar-booking, everything on, beside what SQLite and PostgreSQL can do by themselves with the same
// rows. Called by tests/load/booking_bench.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { Suite } from "../support/suite.mjs";
import { Bookings, interruption } from "./booking_load.mjs";
import { median } from "./server_cpu.mjs";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    bookings: { type: "string", default: "4000" },
    engine: { type: "string", default: "both" },
    json: { type: "string" },
    scale: { type: "boolean", default: false },
    appointments: { type: "string", default: "1000000" },
    replays: { type: "string" },
  },
});
const rounds = Number(flags.rounds);
const count = Number(flags.bookings);

const perSecond = ({ booked, seconds }) => booked / seconds;

// What is measured on each engine, how many at a time, and the part of the baseline that is required and wanted.
const ENGINES = {
  sqlite: {
    inFlight: 64,
    required: 0.4,
    aim: 0.7,
    baseline: "raw",
    kinds: {
      served: async (load, run) => perSecond(await load.served(run)),
      store: async (load, run) => perSecond(await load.store(run)),
      raw: async (load, run) => perSecond(await load.raw(run)),
    },
  },
  postgresql: {
    inFlight: 16,
    required: 0.7,
    aim: 0.95,
    baseline: "pgbench",
    kinds: {
      served: async (load, run) => perSecond(await load.served(run)),
      store: async (load, run) => perSecond(await load.store(run)),
      pgbench: (load, run) => load.pgbench(run),
    },
  },
};

const figure = (value) => value.toFixed(0).padStart(6);

// Each round measures all of them, and begins with another one each time.
async function measure(load, { kinds, inFlight, baseline }) {
  const names = Object.keys(kinds);
  const results = [];
  for (let round = 1; round <= rounds; ++round) {
    const result = { syncs: await load.syncsPerSecond() };
    for (let i = 0; i < names.length; ++i) {
      const name = names[(i + round) % names.length];
      result[name] = await kinds[name](load, { count, inFlight });
    }
    result.syncsAfter = await load.syncsPerSecond();
    result.ratio = result.served / result[baseline];
    result.storeRatio = result.store / result[baseline];
    results.push(result);
    const shown = names.map((name) => `${name} ${figure(result[name])}/s`).join("  ");
    console.log(`round ${round}  ${shown}  served/${baseline} ${result.ratio.toFixed(2)}  store/${baseline} ${result.storeRatio.toFixed(2)}  fdatasync ${figure(result.syncs)} and ${figure(result.syncsAfter)}/s`);
  }
  return results;
}

function report(engine, results) {
  const { required, aim, baseline } = ENGINES[engine];
  const of = (name) => results.map((result) => result[name]);
  const ratio = median(of("ratio"));
  const range = `${Math.min(...of("ratio")).toFixed(2)} to ${Math.max(...of("ratio")).toFixed(2)}`;
  console.log(`${engine}: median served/${baseline} ${ratio.toFixed(2)} (${range}), store/${baseline} ${median(of("storeRatio")).toFixed(2)}; required >= ${required.toFixed(2)}, aim ${aim.toFixed(2)}`);
  if (ratio < required) console.error(`booking_bench: ${engine} is under what is required`);
  return { ratio, storeRatio: median(of("storeRatio")), required, aim, rounds: results };
}

// Runs `measure` with a booking service of its own, which is gone afterwards.
async function withBookings(engine, measure) {
  const data = mkdtempSync(path.join(os.tmpdir(), "lumbar-bench-"));
  const suite = await Suite.prepare({ data, database: engine });
  try {
    return await measure(await Bookings.start(suite));
  } finally {
    await suite.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

async function measureEngine(engine) {
  return withBookings(engine, async (load) => {
    const { inFlight } = ENGINES[engine];
    console.log(`${engine}: ${count} bookings a measurement, ${inFlight} at a time; a booking is CreateHold and ConfirmHold, each on the disk before its answer`);
    await load.warmUp(inFlight);
    const results = await measure(load, ENGINES[engine]);
    const hot = await load.hotSlot();
    console.log(`${engine}: 64 clients on one slot: ${hot.won} got it, ${hot.taken} were told SLOT_TAKEN, p99 ${hot.hold.p99Ms.toFixed(1)} ms; required 1, 63, < 250 ms`);
    const report_ = report(engine, results);
    return { ...report_, hot, ok: report_.ratio >= report_.required && hot.won === 1 && hot.taken === 63 && hot.hold.p99Ms < 250 };
  });
}

async function measureEngines() {
  const engines = flags.engine === "both" ? Object.keys(ENGINES) : [flags.engine];
  const reports = {};
  for (const engine of engines) reports[engine] = await measureEngine(engine);
  return { ok: Object.values(reports).every(({ ok }) => ok), bookings: count, ...reports };
}

// Two services side by side, one with a thousand times more of the past in its file, asked in turn.
async function measureScale() {
  const [FEW, MANY, FLAT] = [1_000, Number(flags.appointments), 1.3];
  return withBookings("sqlite", (small) => withBookings("sqlite", async (large) => {
    for (const [load, appointments] of [[small, FEW], [large, MANY]]) {
      await load.warmUp(64);
      await load.fill(appointments);
      await load.latency(50);
    }
    console.log(`p50 in ms of one call after the other, with ${FEW} and with ${MANY} appointments of the past in the SQLite file`);
    const results = [];
    for (let round = 1; round <= rounds; ++round) {
      const [few, many] = round % 2 ? [await small.latency(200), await large.latency(200)] : [await large.latency(200), await small.latency(200)].reverse();
      results.push({ few, many });
      console.log(`round ${round}  ${Object.keys(few).map((method) => `${method} ${few[method].p50Ms.toFixed(2)} ${many[method].p50Ms.toFixed(2)}`).join("  ")}`);
    }
    const ratios = Object.fromEntries(Object.keys(results[0].few).map((method) => [method, median(results.map(({ few, many }) => many[method].p50Ms / few[method].p50Ms))]));
    console.log(`median ratios ${Object.entries(ratios).map(([method, ratio]) => `${method} ${ratio.toFixed(2)}`).join(", ")}; required <= ${FLAT}`);
    return { ok: Object.values(ratios).every((ratio) => ratio <= FLAT), ratios, rounds: results };
  }));
}

// Each repeat is a call of its own; afterwards the patient has one appointment.
async function measureReplays(replays) {
  const engines = flags.engine === "both" ? Object.keys(ENGINES) : [flags.engine];
  const reports = {};
  for (const engine of engines) {
    reports[engine] = await withBookings(engine, (load) => load.replay(replays / 2));
    const { replays: sent, otherAnswers, appointments, seconds } = reports[engine];
    console.log(`${engine}: ${sent} repeats in ${seconds.toFixed(1)} s, ${otherAnswers} with another answer than the first, ${appointments} appointment(s) afterwards; required 0 and 1`);
  }
  return { ok: Object.values(reports).every(({ otherAnswers, appointments }) => otherAnswers === 0 && appointments === 1), ...reports };
}

async function main() {
  console.log(`${os.cpus().length} cores, load average ${os.loadavg()[0].toFixed(2)}`);
  try {
    const report = flags.scale ? await measureScale() : flags.replays ? await measureReplays(Number(flags.replays)) : await measureEngines();
    if (flags.json) writeFileSync(flags.json, JSON.stringify(report, null, 2) + "\n");
    return report.ok ? 0 : 1;
  } catch (error) {
    console.error(`booking_bench: ${(interruption.signal.reason ?? error).message}`);
    return 1;
  }
}

process.exitCode = await main();
