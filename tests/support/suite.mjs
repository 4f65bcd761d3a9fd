// Starts the whole suite on this machine: a redis-server and a mail catcher of its own, and the five services on SQLite or
// on a PostgreSQL of its own.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Process } from "./process.mjs";
import { PostgresCluster } from "./postgres.mjs";
import { documentedPorts, freeNumbers, freePorts, isTaken, until, untilListening } from "./ports.mjs";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
export const build = process.env.LUMBAR_BUILD ?? path.join(root, "build/release");
const bin = (name) => path.join(build, "bin", name);

const CLINIC = { practice: "Lumbar Demo Clinic" };

// A failure that the person at the keyboard can mend; shown without a stack.
export class Complaint extends Error {}

export class Suite {
  constructor(data, ports, database) {
    this.data = data;
    this.postgres = database === "postgresql" ? new PostgresCluster(path.join(data, "postgresql"), ports.postgres) : undefined;
    this.ports = ports;
    this.processes = new Map();
    // By service: the program that runs in the place of lumbar-<service>.
    this.programs = {};
    this.replicaPorts = {};
    this.url = `http://127.0.0.1:${ports.http}`;
  }

  // The documented ports for people, free ones for tests; `database` is "sqlite" or "postgresql".
  static async prepare({ data, documented = false, database = "sqlite" }) {
    return new Suite(data, documented ? documentedPorts() : await freePorts(), database);
  }

  // Ready when it resolves. On failure, and at any time, stop() ends what was started.
  async start({ env = {}, onStep = () => {} } = {}) {
    await this.#checkPorts();
    this.makeFolders();
    await this.startPostgres(onStep);
    await this.startRedis(onStep);
    await this.startMail(onStep);
    for (const service of ["triage", "content", "notification", "booking", "gateway"]) {
      await this.startService(service, env[service], onStep);
    }
  }

  async #checkPorts() {
    const numbers = Object.values(this.ports).flatMap((entry) => (typeof entry === "object" ? Object.values(entry) : entry));
    for (const port of numbers) {
      if (await isTaken(port)) throw new Complaint(`Port ${port} is in use: stop what listens there, then try again.`);
    }
  }

  // The mail catcher makes its own folder, and only one that isn't there yet has what it needs.
  makeFolders() {
    for (const folder of ["keys", "logs"]) mkdirSync(path.join(this.data, folder), { recursive: true });
    for (const kid of ["issuer", "services"]) this.#makeKey(kid, "tokens.json");
    this.#makeKey("triage", "assessments.json");
    const secret = this.key("calendar.secret");
    if (!existsSync(secret)) writeFileSync(secret, randomBytes(32).toString("hex"), { mode: 0o600 });
  }

  #makeKey(kid, set) {
    const file = path.join(this.data, "keys", `${kid}.pem`);
    if (!existsSync(file)) this.lumbar("keys", "generate", "--kid", kid, "--private", file, "--jwks", path.join(this.data, "keys", set));
  }

  // Runs the command-line tool and returns what it prints.
  lumbar(...args) {
    if (!existsSync(bin("lumbar"))) throw new Complaint(`Nothing is built in ${build}: run tools/demo or tools/test first.`);
    return execFileSync(bin("lumbar"), args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  }

  token(subject, role) {
    return this.lumbar("token", "--key", this.key("issuer.pem"), "--kid", "issuer", "--subject", subject, "--role", role).trim();
  }

  key(name) {
    return path.join(this.data, "keys", name);
  }

  target(service) {
    return `127.0.0.1:${this.ports[service].grpc}`;
  }

  async startPostgres(onStep = () => {}) {
    if (!this.postgres) return;
    onStep("postgresql");
    if (!PostgresCluster.installed) throw new Complaint("PostgreSQL 15 isn't installed: run tools/setup.");
    this.postgres.initialize();
    const { command, args } = this.postgres.server;
    await this.#start("postgresql", command, args);
    await this.#alive("postgresql", () => this.postgres.ready, "postgresql isn't ready");
    for (const service of ["content", "booking", "notification", "gateway"]) this.postgres.createDatabase(service);
  }

  async startRedis(onStep = () => {}) {
    onStep("redis");
    const args = ["--port", `${this.ports.redis}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", this.data];
    await this.#start("redis", "redis-server", args);
    await this.#listening("redis", this.ports.redis);
  }

  async startMail(onStep = () => {}) {
    onStep("mail");
    const args = ["-m", "aiosmtpd", "-n", "-l", `127.0.0.1:${this.ports.smtp}`, "-c", "aiosmtpd.handlers.Mailbox", path.join(this.data, "mail")];
    await this.#start("mail", "/usr/bin/python3", args);
    await this.#listening("mail", this.ports.smtp);
  }

  // Starts or restarts one service and waits until it says that it is ready.
  async startService(service, env = {}, onStep = () => {}) {
    onStep(service);
    await this.#startProcess(service, service, this.ports[service], env);
  }

  // Starts or restarts another process of a service on the same data; returns where its gRPC is.
  async startReplica(service, env = {}) {
    const [grpc, ops, metrics] = (this.replicaPorts[service] ??= await freeNumbers(3));
    await this.#startProcess(`${service}-2`, service, { grpc, ops, metrics }, env);
    return `127.0.0.1:${grpc}`;
  }

  async #startProcess(name, service, { grpc, ops, metrics }, env) {
    const portsFile = path.join(this.data, `${name}.ports.json`);
    rmSync(portsFile, { force: true });
    const flags = {
      port: grpc,
      "ops-port": ops,
      "metrics-port": metrics,
      "ports-file": portsFile,
      ...(env.LUMBAR_JWKS_URL ? {} : { "jwks-file": this.key("tokens.json") }),
      "audit-file": path.join(this.data, `${name}.audit.log`),
      ...this.#flagsOf(service, env),
    };
    await this.#start(name, bin(this.programs[service] ?? `lumbar-${service}`), Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`), env);
    await this.#alive(name, () => existsSync(portsFile), `${name} isn't ready`);
  }

  #flagsOf(service, env) {
    // With TLS by its name, which tells one from another where all share an address.
    const target = (other) => (env.LUMBAR_INTERNAL_TLS_CA ? `${other}@` : "") + this.target(other);
    const database = this.postgres?.url(service) ?? `sqlite://${path.join(this.data, `${service}.db`)}`;
    const caller = { "service-key-file": this.key("services.pem") };
    switch (service) {
      case "triage":
        return { "protocols-dir": env.LUMBAR_PROTOCOLS_DIR ?? path.join(root, "services/triage/protocols"), "lexicon-file": path.join(root, "services/triage/lexicon/low-back-pain.textproto"), "assessment-key-file": this.key("triage.pem"), "assessment-key-id": "triage" };
      case "content":
        return { database, redis: env.LUMBAR_REDIS ?? `redis://127.0.0.1:${this.ports.redis}`, "articles-url": "https://clinic.example/articles", triage: target("triage") };
      case "booking":
        return { database, ...caller, "assessment-jwks-file": this.key("assessments.json"), "fee-schedule-file": path.join(root, "services/booking/sample/fees.json"), ...CLINIC, "organizer-email": "visits@clinic.example", "calendar-secret-file": this.key("calendar.secret"), notification: target("notification") };
      case "notification":
        return { database, ...caller, booking: target("booking"), triage: target("triage"), "staff-email": "desk@clinic.example", smtp: `smtp://127.0.0.1:${this.ports.smtp}`, "templates-dir": path.join(root, "services/notification/templates"), ...CLINIC, from: "visits@clinic.example" };
      default:
        return { database, ...caller, "http-port": env.LUMBAR_HTTP_PORT ?? this.ports.http, ...this.#rates(env), triage: target("triage"), content: target("content"), booking: target("booking"), notification: target("notification") };
    }
  }

  // Unlimited, unless a test is about that: it asks more often than any client should.
  #rates(env) {
    const redis = env.LUMBAR_REDIS ?? `redis://127.0.0.1:${this.ports.redis}`;
    return { redis, "rate-per-address": env.LUMBAR_RATE_PER_ADDRESS ?? "off", "rate-per-identity": env.LUMBAR_RATE_PER_IDENTITY ?? "off" };
  }

  async #start(name, command, args, env) {
    if (this.stopping) throw new Complaint("stopped while starting");
    this.processes.set(name, new Process(name, command, args, path.join(this.data, "logs", `${name}.log`), env));
  }

  async #listening(name, port) {
    await this.#alive(name, () => untilListening(port, 50).then(() => true, () => false), `${name} doesn't listen`);
  }

  async #alive(name, condition, complaint) {
    const child = this.processes.get(name);
    await until(() => child.exited || condition(), 15_000, complaint);
    if (child.exited) throw this.#ended(child);
  }

  #ended(child) {
    return new Complaint(`${child.name} ended with ${child.exited.status}. Its log, ${child.log}, ends with:\n${child.tail()}`);
  }

  // Rejects as soon as any part ends by itself that the suite can't do without. Redis isn't one: `onLostCache` is told.
  async watch({ onLostCache = () => {} } = {}) {
    const parts = [...this.processes.values()].filter(({ name }) => name !== "redis");
    this.processes.get("redis")?.end.then(() => !this.stopping && onLostCache());
    const child = await Promise.race(parts.map((part) => part.end.then(() => part)));
    throw this.#ended(child);
  }

  // Sends one request to the public port; resolves to {status, body}.
  async http(method, route, { token, body, headers = {} } = {}) {
    const response = await fetch(this.url + route, {
      method,
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body),
      signal: AbortSignal.timeout(15_000),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : undefined };
  }

  // The sample clinicians, through the API like anybody else's.
  async loadClinicians() {
    const token = this.token("staff/setup", "staff");
    const samples = JSON.parse(readFileSync(path.join(root, "services/booking/sample/clinicians.json"), "utf8"));
    for (const body of samples) {
      const { status, body: answer } = await this.http("POST", "/v1/clinicians", { token, body });
      if (status !== 200) throw new Error(`sample clinician ${body.clinicianId}: ${JSON.stringify(answer)}`);
    }
    return samples.length;
  }

  // Mails that the catcher received, the oldest first.
  mails() {
    const folder = path.join(this.data, "mail", "new");
    if (!existsSync(folder)) return [];
    // The catcher counts its mails in the names, "1795000000.M95P1Q7.host"; the microseconds before that have no fixed width.
    const count = (file) => Number(/Q(\d+)\./.exec(file)?.[1]);
    const files = readdirSync(folder).sort((a, b) => count(a) - count(b));
    return files.map((file) => readFileSync(path.join(folder, file), "utf8"));
  }

  // Stops all in the reverse order of starting; resolves to [name, exit status] of each.
  async stop() {
    this.stopping = true;
    const ends = [];
    for (const [name, child] of [...this.processes].reverse()) ends.push([name, await child.stop()]);
    this.processes.clear();
    return ends;
  }
}
