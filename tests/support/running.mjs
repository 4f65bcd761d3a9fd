// A running suite for one test file: started before its tests, stopped after them, whatever happens.
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before } from "node:test";
import { publishArticles } from "./articles.mjs";
import { Suite } from "./suite.mjs";

// Returns an object whose `suite` is there once the tests run. `environment(folder)` gives services variables, by their
// name.
export function running(environment = () => ({})) {
  const held = {};
  const data = mkdtempSync(path.join(os.tmpdir(), "lumbar-test-"));
  before(async () => {
    held.suite = await Suite.prepare({ data });
    try {
      await held.suite.start({ env: environment(data) });
      await held.suite.loadClinicians();
      await publishArticles(held.suite);
    } catch (error) {
      await held.suite.stop();
      throw error;
    }
  });
  after(async () => {
    await held.suite?.stop();
    rmSync(data, { recursive: true, force: true });
  });
  return held;
}
