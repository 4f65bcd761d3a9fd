// What a program that is linked with crashing_engine.cc counts down, and where it says which points it has passed.
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

// More points than any change has.
export const BEYOND = 1000;

export class CrashFile {
  constructor(file) {
    this.file = file;
  }

  // It dies at the so manieth point from here on. In one step: the service may look at any moment.
  arm(points) {
    rmSync(`${this.file}.trace`, { force: true });
    writeFileSync(`${this.file}.new`, `${points}\n`);
    renameSync(`${this.file}.new`, this.file);
  }

  // The points that were passed since.
  disarm() {
    rmSync(this.file, { force: true });
    return this.passed();
  }

  passed() {
    return existsSync(`${this.file}.trace`) ? readFileSync(`${this.file}.trace`, "utf8").trim().split("\n") : [];
  }
}
