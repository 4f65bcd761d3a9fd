// Booking as a run needs it: one process on SQLite, two on one PostgreSQL, a proxy in front of each and of the database that
// breaks connections on command, and the clients. Redis isn't here: booking has none.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { freeNumbers, until } from "../support/ports.mjs";
import { Process } from "../support/process.mjs";
import { Suite, build } from "../support/suite.mjs";

const bin = (name) => path.join(build, "bin", name);

export class Cluster {
  // `program` is the booking to run, `holdSeconds` how long it keeps a time. With `alone`, one process on PostgreSQL too.
  static async prepare({ data, engine, program = "lumbar-booking", holdSeconds = 4, alone = false }) {
    for (const needed of [program, "lumbar_chaos_proxy"]) {
      if (!existsSync(bin(needed))) throw new Error(`${bin(needed)} is missing: cmake --build --preset release`);
    }
    const suite = await Suite.prepare({ data, database: engine });
    const cluster = new Cluster();
    Object.assign(cluster, { suite, engine, data, program, holdSeconds, history: path.join(data, "history.ndjson"), children: [] });
    const replicas = engine === "postgresql" && !alone ? ["booking-a", "booking-b"] : ["booking-a"];
    const numbers = await freeNumbers(4 * replicas.length + 2);
    cluster.sink = numbers.pop();
    cluster.databaseVia = numbers.pop();
    cluster.replicas = replicas.map((name) => ({ name, grpc: numbers.pop(), ops: numbers.pop(), metrics: numbers.pop(), via: numbers.pop() }));
    return cluster;
  }

  async start() {
    this.suite.makeFolders();
    await this.suite.startPostgres();
    this.#startProxy();
    await Promise.all(this.replicas.map((replica) => this.startBooking(replica.name)));
  }

  get databaseUrl() {
    return this.suite.postgres?.url("booking") ?? `sqlite://${this.#file}`;
  }
  get #file() {
    return path.join(this.data, "booking.db");
  }
  auditFile(name) {
    return path.join(this.data, `${name}.audit.log`);
  }

  #startProxy() {
    const routes = this.replicas.map(({ name, via, grpc }) => `${name}=${via}:${grpc}`);
    if (this.suite.postgres) routes.push(`postgresql=${this.databaseVia}:${this.suite.postgres.port}`);
    this.routes = routes.map((route) => route.split("=")[0]);
    this.proxy = this.#child(bin("lumbar_chaos_proxy"), routes);
  }

  // Ends when its input does, so that none outlives this process.
  #child(command, args) {
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"], detached: true });
    child.stdin.on("error", () => "it ended");
    child.ended = new Promise((done) => child.once("close", (code, signal) => done(signal ?? code)));
    this.children.push(child);
    return child;
  }

  // Starts or restarts a replica and waits until it serves.
  async startBooking(name, env = {}) {
    const { grpc, ops, metrics } = this.replicas.find((replica) => replica.name === name);
    const portsFile = path.join(this.data, `${name}.ports.json`);
    rmSync(portsFile, { force: true });
    const flags = {
      port: grpc,
      "ops-port": ops,
      "metrics-port": metrics,
      "ports-file": portsFile,
      "jwks-file": this.suite.key("tokens.json"),
      "audit-file": this.auditFile(name),
      "service-key-file": this.suite.key("services.pem"),
      "assessment-jwks-file": this.suite.key("assessments.json"),
      "hold-seconds": this.holdSeconds,
      "log-level": "warning",
      notification: `127.0.0.1:${this.sink}`,
      database: this.suite.postgres ? `postgresql://postgres@127.0.0.1:${this.databaseVia}/booking` : this.databaseUrl,
    };
    const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
    const child = new Process(name, bin(this.program), args, path.join(this.data, "logs", `${name}.log`), env);
    this.suite.processes.set(name, child);
    await until(() => child.exited || existsSync(portsFile), 15_000, `${name} isn't ready`);
    if (child.exited) throw new Error(`${name} ended with ${child.exited.status}:\n${child.tail()}`);
  }

  // SIGKILL, and up again.
  async kill(name) {
    const died = await this.suite.processes.get(name).kill();
    if (died !== "SIGKILL") throw new Error(`${name} had ended by itself, with ${died}:\n${this.suite.processes.get(name).tail()}`);
    await (name === "postgresql" ? this.#restartPostgres() : this.startBooking(name));
  }

  // The dead server's own processes may hold its memory for a moment. Before it recovers, a server syncs its folder file by
  // file, which takes seconds on a busy disk; at once is as safe.
  async #restartPostgres() {
    const { command, args: usual } = this.suite.postgres.server;
    const args = [...usual, "-c", "recovery_init_sync_method=syncfs"];
    const log = path.join(this.data, "logs", "postgresql.log");
    await until(
      async () => {
        const server = new Process("postgresql", command, args, log);
        this.suite.processes.set("postgresql", server);
        await until(() => server.exited || this.suite.postgres.ready, 60_000, "postgresql isn't ready");
        return !server.exited;
      },
      15_000,
      "postgresql doesn't start again",
    );
  }

  break(what, route, milliseconds = 0) {
    this.proxy.stdin.write(`${what} ${route} ${milliseconds}\n`);
  }

  // Starts the clients; `onLine` gets each line of progress. Resolves, once they run, to a promise of their end.
  async drive({ seconds, clients, seed }, onLine) {
    const flags = { engine: this.engine, keys: path.join(this.data, "keys"), sink: `127.0.0.1:${this.sink}`, seconds, clients, seed };
    const args = [`--history=${this.history}`, "drive", ...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`)];
    for (const { via } of this.replicas) args.push(`--target=127.0.0.1:${via}`);
    const driver = (this.driver = this.#child(bin("lumbar_chaos_driver"), args));
    const lines = createInterface({ input: driver.stdout });
    const seen = (key) =>
      new Promise((done, failed) => {
        lines.on("line", (line) => JSON.parse(line)[key] && done());
        driver.ended.then((status) => failed(new Error(`the clients ended with ${status}`)));
      });
    const [started, ended] = [seen("started"), seen("ended")];
    ended.catch(() => "told by whoever waits for it");
    lines.on("line", (line) => onLine(JSON.parse(line)));
    await started;
    return { ended };
  }

  query(sql) {
    if (this.suite.postgres) return this.suite.postgres.query("booking", sql).trim();
    return execFileSync("sqlite3", [this.#file, sql], { encoding: "utf8" }).trim();
  }

  async #stopBooking() {
    for (const { name } of this.replicas) {
      const status = await this.suite.processes.get(name).stop();
      if (status !== 0) throw new Error(`${name} ended with ${status}`);
    }
  }

  // Lets every event arrive. What a dead process had claimed would wait five minutes for the end of its lease: here the lease
  // is ended by hand while nobody runs.
  async settle() {
    await this.#stopBooking();
    this.query("UPDATE outbox SET lease_time = 0, due_time = 0 WHERE given_up = ''");
    await Promise.all(this.replicas.map(({ name }) => this.startBooking(name)));
    await until(() => this.query("SELECT COUNT(*) FROM outbox WHERE given_up = ''") === "0", 60_000, "events are still waiting");
    await this.#stopBooking();
  }

  async endClients() {
    this.driver.stdin.end();
    const status = await this.driver.ended;
    if (status !== 0) throw new Error(`the clients ended with ${status}`);
  }

  // Writes the end of a history: what the tables of a database hold.
  conclude(history = this.history, databaseUrl = this.databaseUrl) {
    const audits = this.replicas.map(({ name }) => `--audit-file=${this.auditFile(name)}`);
    execFileSync(bin("lumbar_chaos_driver"), [`--history=${history}`, "conclude", `--database=${databaseUrl}`, ...audits], { stdio: ["ignore", "inherit", "inherit"] });
  }

  // Moves everything to a PostgreSQL of its own, as a clinic that outgrows SQLite does. Gives its URL.
  async copyToPostgres() {
    // Beside the other, whose folder PostgreSQL's user may not enter.
    const data = mkdtempSync(path.join(os.tmpdir(), "lumbar-moved-"));
    this.moved = await Suite.prepare({ data, database: "postgresql" });
    this.moved.makeFolders();
    await this.moved.startPostgres();
    const url = this.moved.postgres.url("booking");
    this.suite.lumbar("db", "copy", "--service", "booking", "--from", this.databaseUrl, "--to", url);
    return url;
  }

  async stop() {
    for (const child of this.children) {
      child.stdin.end();
      const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
      await child.ended;
      clearTimeout(timer);
    }
    await this.suite.stop();
    await this.moved?.stop();
    if (this.moved) rmSync(this.moved.data, { recursive: true, force: true });
  }
}
