// A clinic outgrows one machine: what was booked on SQLite is read and called off on PostgreSQL.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { publishArticles } from "../support/articles.mjs";
import { until } from "../support/ports.mjs";
import { Suite } from "../support/suite.mjs";
import { ok, walkBooked } from "../support/walk.mjs";

const SERVICES = ["booking", "content", "notification", "gateway"];
const data = mkdtempSync(path.join(os.tmpdir(), "lumbar-copy-"));
const suites = [];

after(async () => {
  for (const suite of suites) await suite.stop();
  rmSync(data, { recursive: true, force: true });
});

const prepare = async (database) => {
  const suite = await Suite.prepare({ data, database });
  suites.push(suite);
  return suite;
};

test("the data of the whole suite moves from SQLite to PostgreSQL, and care goes on there", async () => {
  const before = await prepare("sqlite");
  await before.start();
  await before.loadClinicians();
  await publishArticles(before);
  const { consult, appointment } = await walkBooked(before);
  assert.ok((await before.stop()).every(([name, status]) => status === 0 || name === "mail" || name === "redis"));

  const now = await prepare("postgresql");
  now.makeFolders();
  await now.startPostgres();
  for (const service of SERVICES) {
    const from = `sqlite://${path.join(data, `${service}.db`)}`;
    const copied = JSON.parse(now.lumbar("db", "copy", "--service", service, "--from", from, "--to", now.postgres.url(service), "-o", "json"));
    const rows = Object.fromEntries(copied.tables.map((table) => [table.name, table.rows]));
    for (const url of [from, now.postgres.url(service)]) {
      const { upToDate, tables } = JSON.parse(now.lumbar("db", "status", "--service", service, "--database", url, "-o", "json"));
      assert.equal(upToDate, true);
      for (const { name, rows: counted } of tables) if (name !== "schema_migration") assert.equal(counted, rows[name], name);
    }
    const told = { booking: rows.appointment, content: rows.article, notification: rows.message, gateway: rows.consult }[service];
    assert.ok(told > 0, `nothing of ${service} was copied`);
    assert.throws(() => now.lumbar("db", "copy", "--service", service, "--from", from, "--to", now.postgres.url(service)));
  }

  await now.startRedis();
  await now.startMail();
  for (const service of ["triage", "content", "notification", "booking", "gateway"]) await now.startService(service);
  const token = now.token("patients/alex", "patient");
  assert.deepEqual(await ok(now, "GET", `/v1/${appointment.name}`, { token }), appointment);
  assert.equal((await ok(now, "GET", `/v1/${consult.name}`, { token })).appointment, appointment.name);
  const cancelled = await ok(now, "POST", `/v1/${appointment.name}:cancel`, { token, body: { requestId: randomUUID() } });
  assert.equal(cancelled.state, "APPOINTMENT_STATE_CANCELLED");
  assert.equal(cancelled.version, "2");
  const mailed = () => now.mails().some((mail) => /^Subject:.*cancel/im.test(mail));
  await until(async () => mailed(), 10_000, "the cancellation wasn't mailed");
});
