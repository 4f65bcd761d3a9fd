// One child process: its log file, its death, its end.
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";

export class Process {
  #child;
  #exit;

  // Output goes to `log`; a process group of its own keeps a terminal's Ctrl-C from reaching it before we stop it in order.
  constructor(name, command, args, log, env = {}) {
    this.name = name;
    this.log = log;
    const output = openSync(log, "a");
    this.#child = spawn(command, args, {
      stdio: ["ignore", output, output],
      detached: true,
      env: { ...process.env, ...env },
    });
    closeSync(output);
    this.#exit = new Promise((done) => {
      this.#child.once("error", (error) => done(error.code === "ENOENT" ? `${command} is missing: cmake --build --preset release makes our programs, tools/setup installs the others` : `can't start ${command}: ${error.code}`));
      this.#child.once("exit", (code, signal) => done(signal ?? code));
    });
    this.#exit.then((status) => (this.exited = { status }));
  }

  get pid() {
    return this.#child.pid;
  }

  // Resolves when it ends, for whatever reason.
  get end() {
    return this.#exit;
  }

  signal(name) {
    if (!this.exited && this.pid) process.kill(this.pid, name);
  }

  // What ended it: an exit code or a signal's name.
  async kill() {
    this.signal("SIGKILL");
    return this.#exit;
  }

  // Asks it to stop and insists after `timeoutMs`.
  async stop(timeoutMs = 10_000) {
    this.signal("SIGTERM");
    const timer = setTimeout(() => this.signal("SIGKILL"), timeoutMs);
    const status = await this.#exit;
    clearTimeout(timer);
    return status;
  }

  // The last lines of its log, for an error message.
  tail(lines = 5) {
    return readFileSync(this.log, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
  }
}
