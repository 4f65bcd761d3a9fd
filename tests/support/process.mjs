// One child process: its log file, its death, its end.
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, readdirSync } from "node:fs";
import { until } from "./ports.mjs";

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

  // Holds it where it stands: connections to it are still accepted by the kernel, and nothing answers. Resolves when none of
  // its threads runs any more. The signal alone isn't enough: the kernel hands it to one thread, and until that has had its
  // turn, which on a busy machine takes longer than a call, the others serve on.
  async pause() {
    this.signal("SIGSTOP");
    await until(() => this.#threadStates().every((state) => state === "T"), 10_000, `${this.name} still runs`);
  }

  resume() {
    this.signal("SIGCONT");
  }

  // A letter for each, as the third field of the kernel's stat has it; the second, a name in brackets, may hold anything.
  #threadStates() {
    const tasks = `/proc/${this.pid}/task`;
    return readdirSync(tasks).flatMap((thread) => {
      try {
        return /^.*\) (\w)/s.exec(readFileSync(`${tasks}/${thread}/stat`, "utf8"))[1];
      } catch (error) {
        if (error.code === "ENOENT" || error.code === "ESRCH") return [];
        throw error;
      }
    });
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
