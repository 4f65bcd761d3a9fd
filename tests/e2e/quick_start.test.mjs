// The README's quick start, as it stands, against a running suite: in the shell of the system and in bash.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { running } from "../support/running.mjs";
import { build, root } from "../support/suite.mjs";

const here = running();

for (const shell of ["sh", "bash"]) {
  test(`in ${shell}, the quick start books a visit and shows the refusal of an emergency`, () => {
    const readme = readFileSync(path.join(root, "README.md"), "utf8");
    const block = /<!-- quick start:[^>]*-->\n```sh\n([^]*?)```/.exec(readme)[1];
    // Only where the suite listens and keeps its keys differs from the demo.
    const script = block.replace("http://127.0.0.1:8080", here.suite.url).replace("demo-data", here.suite.data);
    const output = execFileSync(shell, ["-eu", "-c", script], {
      cwd: root,
      encoding: "utf8",
      env: { ...process.env, LUMBAR_BUILD: build },
      timeout: 60_000,
    });
    assert.match(output, /"state": "CONSULT_STATE_OFFERED"/);
    assert.match(output, /"state": "CONSULT_STATE_BOOKED"/);
    assert.match(output, /"state": "CONSULT_STATE_EMERGENCY"/);
    assert.match(output, /"reason": "EMERGENCY_NOT_BOOKABLE"/);
  });
}
