// Debian's Chromium, without a window, for one test file: started before its tests, ended after them.
import { existsSync } from "node:fs";
import { after, before } from "node:test";
import { chromium } from "playwright-core";

const PROGRAM = "/usr/bin/chromium";

// Returns an object whose `browser` is there once the tests run.
export function browsing() {
  const held = {};
  before(async () => {
    if (!existsSync(PROGRAM)) throw new Error("Chromium isn't installed: run tools/setup");
    // Containers have neither user namespaces nor much shared memory.
    held.browser = await chromium.launch({ executablePath: PROGRAM, args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"] });
  });
  after(() => held.browser?.close());
  return held;
}
