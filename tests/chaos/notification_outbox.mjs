// Called by tests/chaos/notification_outbox.
import { mkdtempSync, rmSync } from "node:fs";
import { randomUUID } from "node:crypto";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { seeded } from "../support/text_provider.mjs";
import { judge } from "./outbox_judge.mjs";
import { Cluster, sleep } from "./outbox_parts.mjs";

const MINUTE = 60_000;
// Calls under way at once.
const MOST_CALLS = 48;
// What one telephone may get in an hour, three of them at once: few enough that the telephone of a visit that is moved, and of a try
// in doubt, comes up against it, and so many that what is held for half an hour is in time.
const PER_HOUR = 4;

const { values: flags } = parseArgs({
  options: {
    engine: { type: "string", default: "sqlite" },
    messages: { type: "string", default: "50000" },
    kills: { type: "string", default: "50" },
    seed: { type: "string", default: "1" },
    scale: { type: "string", default: "60" },
    rate: { type: "string", default: "40" },
    output: { type: "string", short: "o", default: "text" },
  },
});
// Of visits so many are booked in a (real) second: with more the services can't keep up while they are killed, and what is too
// late says nothing of them.
const wanted = { messages: Number(flags.messages), kills: Number(flags.kills), seed: Number(flags.seed), rate: Number(flags.rate) };
const scale = Number(flags.scale);
if (!["sqlite", "postgresql"].includes(flags.engine) || !(wanted.messages > 0) || !(wanted.kills >= 0) || !(wanted.rate > 0) || !(scale >= 1)) {
  console.error("notification_outbox: --engine is sqlite or postgresql; --messages, --kills, --rate and --scale are numbers");
  process.exit(2);
}
const say = (text) => (flags.output === "json" ? console.error(text) : console.log(text));

class Run {
  killed = 0;
  cancelled = 0;
  moved = 0;

  constructor(cluster) {
    this.cluster = cluster;
    this.random = seeded(wanted.seed);
  }

  #visitIn(minutes) {
    return this.cluster.now() + minutes * MINUTE;
  }

  // Visits are booked, one in ten of a patient who gets letters, and a fifth each is cancelled or moved a little later. A confirmation and a reminder each.
  async plan() {
    const count = Math.ceil(wanted.messages / 2);
    const changes = [];
    const book = async (number) => {
      const id = `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
      // Its last four digits are none that the provider misbehaves for.
      const phone = `+1${2_000_000_056 + number * 100}`;
      const channel = number % 10 === 9 ? "CHANNEL_EMAIL" : "CHANNEL_SMS";
      await this.cluster.tell(this.cluster.visits.change(id, { state: "BOOKED", channel, phone, start: this.#visitIn(70 + this.random() * 60) }));
      const change = this.#change(id, this.random());
      // Awaited below; a failure before that mustn't end this process, which has others to end.
      change.catch(() => {});
      changes.push(change);
    };
    const began = Date.now();
    let next = 0;
    const caller = async () => {
      while (next < count) {
        const number = next++;
        await sleep(Math.max(0, began + (number * 1000) / wanted.rate - Date.now()));
        await book(number);
      }
    };
    await Promise.all(Array.from({ length: MOST_CALLS }, caller));
    await Promise.all(changes);
    this.planned = true;
  }

  async #change(id, fate) {
    if (fate > 0.4) return;
    await sleep(this.random() * 8000);
    const move = fate < 0.2;
    this[move ? "moved" : "cancelled"] += 1;
    await this.cluster.tell(this.cluster.visits.change(id, move ? { start: this.#visitIn(70 + this.random() * 60) } : { state: "CANCELLED" }));
  }

  async kill() {
    while (!this.settled && (this.killed < wanted.kills || !this.planned)) {
      await sleep(400 + this.random() * 800);
      await this.cluster.kill(this.random() < 0.5 ? 0 : 1);
      this.killed += 1;
    }
  }

  // Until nothing waits any more; what was given up is tried again.
  async settle() {
    this.replayed = 0;
    for (let quiet = 0; quiet < 3; ) {
      await sleep(500);
      const { messages } = await this.cluster.call("listMessages", { state: "MESSAGE_STATE_QUEUED", pageSize: 1 });
      const { replayedCount } = messages.length > 0 ? { replayedCount: 0 } : await this.cluster.call("replayDeadLetters", { requestId: randomUUID(), limit: 1000 });
      this.replayed += replayedCount;
      quiet = messages.length + replayedCount === 0 ? quiet + 1 : 0;
    }
    this.settled = true;
  }

  async messages() {
    const all = [];
    for (let pageToken = ""; ; ) {
      const page = await this.cluster.call("listMessages", { pageSize: 200, pageToken });
      all.push(...page.messages);
      if (page.nextPageToken === "") return all;
      pageToken = page.nextPageToken;
    }
  }
}

const data = mkdtempSync(path.join(os.tmpdir(), "lumbar-outbox-"));
let cluster;
let failed = true;
try {
  cluster = await Cluster.prepare({ data, engine: flags.engine, scale, perHour: PER_HOUR, seed: wanted.seed });
  await cluster.start();
  const run = new Run(cluster);
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  const killing = run.kill();
  killing.catch(() => "told below");
  await Promise.race([run.plan(), killing.then(() => new Promise(() => {}))]);
  say(`planned ${cluster.visits.all.size} visits, cancelled ${run.cancelled}, moved ${run.moved} (${seconds()} s)`);
  await Promise.race([run.settle(), killing.then(() => new Promise(() => {}))]);
  await killing;
  const messages = await run.messages();
  const { provider, kills } = cluster;
  const letters = cluster.letters();
  const { found, counts, failed: wrong } = judge({ visits: cluster.visits.all, taken: provider.taken, letters, kills, now: (at) => cluster.now(at), perHour: PER_HOUR, messages });
  const result = {
    engine: flags.engine, seconds: seconds(), timesAsFast: scale, messages: messages.length, kills: run.killed, callsRepeated: cluster.repeated ?? 0,
    tries: provider.tries, taken: provider.taken.length, letters: letters.length, takenUnanswered: provider.unanswered, failed: provider.failed,
    askedToRest: provider.rests, asked: provider.asked, replayed: run.replayed, ...counts,
    lost: found.lost.length, sentAfterCancel: found.afterCancel.length, duplicates: found.duplicates.length,
    unsettled: found.unsettled.length, untrue: found.untrue.length, sentAndDropped: found.sentAndDropped.length, overRate: found.overRate.length,
  };
  failed = wrong || run.killed < wanted.kills;
  if (flags.output === "json") console.log(JSON.stringify(result));
  else for (const [name, value] of Object.entries(result)) say(`${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`);
  for (const [name, list] of Object.entries(found)) if (list.length > 0) say(`${name}, the first: ${list.slice(0, 3).join("; ")}`);
  say(failed ? "notification_outbox: FAILED" : "notification_outbox: nothing lost, nothing late but by chance, nothing after a cancellation, nothing twice");
} finally {
  await cluster?.stop();
  if (!failed || process.env.LUMBAR_KEEP !== "1") rmSync(data, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
