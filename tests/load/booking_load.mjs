// A lumbar-booking with clinicians of its own, and what can be asked of it and of its database.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { build, root } from "../support/suite.mjs";

const run = promisify(execFile);
const script = path.join(root, "tests/load/booking.pgbench.sql");

// What kind of statement each line begins, of those that a booking sends.
const KINDS = /\b(BEGIN ISOLATION LEVEL [A-Z ]+|COMMIT|INSERT INTO \w+ \([^)]*\)|UPDATE \w+ SET \w+|SELECT [a-z_, ]+ FROM \w+)/;
const kindsIn = (lines) => lines.map((line) => KINDS.exec(line)?.[1]).filter((kind) => kind !== undefined);

export const interruption = new AbortController();
for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => interruption.abort(new Error(`stopped by ${name}`)));

export class Bookings {
  #next = 0;
  #pgbenchRuns = 0;
  #rawDatabase;

  constructor(suite) {
    this.suite = suite;
    this.token = suite.token("services/gateway", "service");
    this.#rawDatabase = path.join(suite.data, "raw.db");
  }

  // The service with the flags that the suite gives it; nobody listens where it sends its events, so they stay in the outbox.
  static async start(suite) {
    suite.makeFolders();
    await suite.startPostgres();
    suite.postgres?.createDatabase("store");
    await suite.startService("booking");
    const load = new Bookings(suite);
    await load.#client("clinicians", load.#served({ token: suite.token("staff/load", "staff") }));
    return load;
  }

  async #client(command, flags) {
    const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
    const { stdout, stderr } = await run(path.join(build, "bin/lumbar_load_booking"), [command, ...args], { signal: interruption.signal, timeout: 600_000 }).catch((error) => {
      throw new Error(`${command}: ${error.stderr || error.message}${error.stdout ?? ""}`);
    });
    if (stderr) process.stderr.write(stderr);
    return stdout ? JSON.parse(stdout) : undefined;
  }

  #served(flags) {
    return { target: this.suite.target("booking"), token: this.token, "key-file": this.suite.key("triage.pem"), ...flags };
  }

  // No slot is used twice in a run.
  #take(count) {
    const first = this.#next;
    this.#next += count;
    return { first, bookings: count };
  }

  // Leaves rows in every table, and tells PostgreSQL's planner of them, before anything is measured.
  async warmUp(inFlight) {
    const run = { count: 1000, inFlight };
    await this.served(run);
    if (!this.suite.postgres) return;
    await this.store(run);
    await this.pgbench(run);
    for (const database of ["booking", "store", "pgbench"]) this.suite.postgres.query(database, "VACUUM ANALYZE");
  }

  served({ count, inFlight }) {
    return this.#client("served", this.#served({ ...this.#take(count), "in-flight": inFlight }));
  }

  hotSlot() {
    return this.#client("hot", this.#served({ ...this.#take(64), "in-flight": 64 }));
  }

  replay(count) {
    return this.#client("replay", this.#served({ first: this.#take(1).first, bookings: count }));
  }

  // In a database beside the service's.
  store({ count, inFlight }) {
    const database = this.suite.postgres?.url("store") ?? `sqlite://${path.join(this.suite.data, "store.db")}`;
    return this.#client("store", { database, ...this.#take(count), threads: inFlight });
  }

  raw({ count, inFlight }) {
    return this.#client("raw", { database: this.#rawDatabase, like: path.join(this.suite.data, "booking.db"), ...this.#take(count), threads: inFlight });
  }

  // Bookings per second of pgbench with the statements that booking sends, over TCP as booking's.
  async pgbench({ count, inFlight }) {
    const { postgres } = this.suite;
    const variables = { ...(await this.#texts()), base: 1_000_000_000 * ++this.#pgbenchRuns, n: 0, now: Date.now() * 1000, expiry: (Date.now() + 600_000) * 1000, hash: "a".repeat(64) };
    const defined = Object.entries(variables).flatMap(([name, value]) => ["-D", `${name}=${value}`]);
    const args = ["-n", "-M", "prepared", "-c", inFlight, "-j", 2, "-t", Math.ceil(count / inFlight), "-f", script, ...defined, postgres.url("pgbench")];
    const { stdout } = await run("/usr/lib/postgresql/15/bin/pgbench", args.map(String), { signal: interruption.signal, timeout: 300_000 });
    if (!/number of failed transactions: 0 /.test(stdout)) throw new Error(`pgbench: ${stdout}`);
    return Number(/tps = ([\d.]+)/.exec(stdout)[1]);
  }

  // Fails unless the script has what booking's stores send for one booking, statement by statement.
  async #checkScript() {
    const { postgres } = this.suite;
    const book = () => this.#client("store", { database: postgres.url("pgbench"), ...this.#take(1) });
    await book();
    postgres.query("postgres", "ALTER DATABASE pgbench SET log_statement = 'all'");
    await book();
    postgres.query("postgres", "ALTER DATABASE pgbench RESET log_statement");
    const log = readFileSync(path.join(this.suite.data, "logs/postgresql.log"), "utf8").split("\n").filter((line) => / LOG: {2}(statement|execute)/.test(line));
    const sent = kindsIn(log);
    const booking = sent.slice(sent.indexOf("SELECT revision FROM clinician"));
    const scripted = kindsIn(readFileSync(script, "utf8").split("\n").filter((line) => !line.startsWith("--")));
    if (booking.join("\n") === scripted.join("\n")) return;
    throw new Error(`${script} isn't what booking sends:\n${booking.join("\n")}\n\nbut:\n${scripted.join("\n")}`);
  }

  // What booking wrote for one booking; and a database like booking's for pgbench.
  async #texts() {
    const { postgres } = this.suite;
    if (this.#pgbenchRuns === 0) {
      postgres.createDatabase("pgbench");
      await this.#checkScript();
      const clinician = postgres.query("booking", "SELECT quote_literal(body) FROM clinician WHERE name = 'clinicians/load-00'");
      postgres.query("pgbench", `INSERT INTO clinician (name, revision, body) VALUES ('clinicians/load-00', 1, ${clinician})`);
    }
    const one = (sql) => postgres.query("booking", `${sql} LIMIT 1`);
    return {
      caller: one("SELECT caller FROM idempotency WHERE method LIKE '%/CreateHold'"),
      held: one("SELECT response FROM idempotency WHERE method LIKE '%/CreateHold'"),
      confirmed: one("SELECT response FROM idempotency WHERE method LIKE '%/ConfirmHold'"),
      hold: one("SELECT body FROM hold"),
      ended_hold: one("SELECT body FROM hold WHERE state = 2"),
      appointment: one("SELECT body FROM appointment"),
      event: one("SELECT body FROM outbox"),
    };
  }

  fill(appointments) {
    return this.#client("fill", { database: path.join(this.suite.data, "booking.db"), appointments });
  }

  latency(count) {
    return this.#client("latency", this.#served(this.#take(count)));
  }

  async syncsPerSecond() {
    return (await this.#client("disk", { folder: this.suite.data })).syncsPerSecond;
  }
}
