// Programs that are linked with crashing_engine.cc, and so die where a test wants them to.
import assert from "node:assert/strict";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";

// More points than any change has.
export const BEYOND = 1000;

// What such a program counts down, and where it says which points it has passed.
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

// A test for each of `scenarios`: `pointsOf` tells its points, `least` at least, and then `dieAt` has the program die at each.
export function dieEverywhere({ engine, here, scenarios, least, pointsOf, dieAt }) {
  const counted = [];
  before(() => here.start(engine));
  after(async () => {
    await here.stop();
    console.log(`${engine}: died at ${counted.reduce((sum, [, points]) => sum + points, 0)} points: ${counted.map((entry) => entry.join(" ")).join(", ")}`);
  });
  for (const [name, scenario] of Object.entries(scenarios)) {
    test(`${name} on ${engine} survives a death at each of its points`, async () => {
      const points = await pointsOf(here, scenario);
      assert.ok(points.length >= least, points.join());
      for (let number = 1; number <= points.length; ++number) await dieAt(here, scenario, points, number);
      counted.push([name, points.length]);
    });
  }
}
