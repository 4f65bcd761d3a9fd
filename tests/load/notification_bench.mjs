// Called by tests/load/notification_bench.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { build, root } from "../support/suite.mjs";

// What waits for a later time besides: it mustn't matter.
const WAITING = [1000, 1_000_000];

const { values: flags } = parseArgs({
  options: {
    messages: { type: "string", default: "20000" },
    senders: { type: "string", default: "4" },
    runs: { type: "string", default: "3" },
    output: { type: "string", short: "o", default: "text" },
  },
});
const count = Number(flags.messages);
const worker = path.join(build, "bin/lumbar_notification_worker");
const now = Date.now() * 1000;
const HOUR = 3_600_000_000;

const sql = (file, text) => execFileSync("sqlite3", [file], { input: text, encoding: "utf8" });

// One visit is planned as booking's event would plan it; the others are copies of its rows.
function fill(file, waiting) {
  const visit = { id: "00000000-0000-4000-8000-000000000000", phone: "+12000000056", start: now + 2 * HOUR };
  execFileSync(worker, ["--database", `sqlite://${file}`, "plan"], { input: JSON.stringify(visit) + "\n" });
  const copy = (from, to, due) => `
    WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${to})
    INSERT INTO appointment (name, version, body)
      SELECT printf('appointments/00000000-0000-4000-8000-%012d', i), 1,
             replace(replace(body, '-000000000000"', printf('-%012d"', i)), '2000000056', printf('2%07d56', i)) FROM n, first;
    WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${to})
    INSERT INTO message (name, appointment, version, kind, channel, due_time, state, reason, attempts, sent_time, try_time, fence, unsettled)
      SELECT printf('messages/00000000-0000-4000-8000-%012d', (i * 7919) % 1000000007),
             printf('appointments/00000000-0000-4000-8000-%012d', i), 1, 1, 2, ${due} + i, 1, '', 0, 0, ${due} + i, 0, 0 FROM n;`;
  sql(file, `CREATE TEMP TABLE first AS SELECT body FROM appointment; DELETE FROM message; BEGIN;
    ${copy(1, count + 1, now - HOUR)} ${copy(count + 1, count + 1 + waiting, now + HOUR)} COMMIT;`);
}

const peakKib = (pid) => {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]);
  } catch {
    return 0;
  }
};

function startProvider() {
  const child = spawn("node", [path.join(root, "tests/support/text_provider.mjs")], { stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((done) => child.stdout.once("data", (line) => done({ child, url: `http://127.0.0.1:${/\d+/.exec(line)[0]}` })));
}

async function send(file, url) {
  const began = process.hrtime.bigint();
  const child = spawn(worker, ["--database", `sqlite://${file}`, "--provider", url, "--senders", flags.senders,
    "--templates-dir", path.join(root, "services/notification/templates"), "send"], { stdio: "inherit" });
  let kib = 0;
  const watch = setInterval(() => (kib = Math.max(kib, peakKib(child.pid))), 20);
  const code = await new Promise((done) => child.once("exit", done));
  clearInterval(watch);
  if (code !== 0) throw new Error(`the worker ended with ${code}`);
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const left = sql(file, "SELECT count(*) FROM message WHERE state = 1 AND due_time < " + now).trim();
  if (left !== "0") throw new Error(`${left} messages weren't sent`);
  return { perSecond: Math.round(count / seconds), peakMib: Math.round(kib / 1024) };
}

const data = mkdtempSync(path.join(os.tmpdir(), "lumbar-bench-"));
const results = [];
try {
  for (const waiting of WAITING) {
    for (let run = 0; run < Number(flags.runs); run += 1) {
      const file = path.join(data, `${waiting}-${run}.db`);
      fill(file, waiting);
      const provider = await startProvider();
      const result = { waiting, messages: count, senders: Number(flags.senders), ...(await send(file, provider.url)) };
      const taken = await (await fetch(`${provider.url}/taken`)).json();
      provider.child.kill();
      if (taken.taken.length !== count) throw new Error(`${taken.taken.length} were taken of ${count}`);
      results.push(result);
      rmSync(file);
      if (flags.output !== "json") console.log(`${waiting} wait: ${result.perSecond} messages/s, ${result.peakMib} MiB at most`);
    }
  }
  if (flags.output === "json") console.log(JSON.stringify(results));
} finally {
  rmSync(data, { recursive: true, force: true });
}
