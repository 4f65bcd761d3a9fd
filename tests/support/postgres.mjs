// A PostgreSQL cluster of the suite's own: one database for each service, on a port of this machine, without passwords.
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync } from "node:fs";
import path from "node:path";

const PROGRAMS = "/usr/lib/postgresql/15/bin";
const SUPERUSER = "postgres";

// The server refuses root, who therefore runs it as the user of Debian's package, which may not be let into this folder.
const asRoot = process.getuid() === 0;
const unprivileged = asRoot ? ["env", "--chdir=/", "setpriv", `--reuid=${SUPERUSER}`, `--regid=${SUPERUSER}`, "--init-groups", "--"] : [];

export class PostgresCluster {
  constructor(folder, port) {
    this.folder = folder;
    this.port = port;
  }

  static get installed() {
    return existsSync(path.join(PROGRAMS, "postgres"));
  }

  // Keeps what an earlier run left.
  initialize() {
    if (existsSync(path.join(this.folder, "PG_VERSION"))) return;
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    if (asRoot) this.#giveAway();
    this.#run("initdb", "--pgdata", this.folder, "--username", SUPERUSER, "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8");
  }

  // Its user must reach the folder through the one above; the keys beside it stay as closed as they are.
  #giveAway() {
    const [uid, gid] = ["-u", "-g"].map((which) => Number(execFileSync("id", [which, SUPERUSER], { encoding: "utf8" })));
    chownSync(this.folder, uid, gid);
    chmodSync(path.dirname(this.folder), 0o711);
  }

  // The command that serves until it is asked to stop.
  get server() {
    return this.#command("postgres", ["-D", this.folder, "-p", `${this.port}`, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]);
  }

  // It listens before it takes connections.
  get ready() {
    try {
      this.#run("pg_isready", "-q", "-d", this.url("postgres"));
      return true;
    } catch {
      return false;
    }
  }

  createDatabase(name) {
    const there = this.query("postgres", `SELECT 1 FROM pg_database WHERE datname = '${name}'`);
    if (!there) this.query("postgres", `CREATE DATABASE "${name}"`);
  }

  // What psql prints of it, without a frame.
  query(database, sql) {
    return this.#run("psql", "-qtA", "-d", this.url(database), "-c", sql).trimEnd();
  }

  url(database) {
    return `postgresql://${SUPERUSER}@127.0.0.1:${this.port}/${database}`;
  }

  #command(program, args) {
    const [command, ...rest] = [...unprivileged, path.join(PROGRAMS, program), ...args];
    return { command, args: rest };
  }

  #run(program, ...args) {
    const { command, args: words } = this.#command(program, args);
    return execFileSync(command, words, { encoding: "utf8", cwd: "/", stdio: ["ignore", "pipe", "pipe"] });
  }
}
