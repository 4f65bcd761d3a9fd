// The hazard log of triage: it is whole, its tests exist, and it knows every red-flag rule. Broken once in each way.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { faultsOf, leastHazards, redFlagRules } from "./hazard_log.mjs";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "../..");
const protocols = "services/triage/protocols";

const read = (file) => {
  const full = path.join(root, file);
  return existsSync(full) ? readFileSync(full, "utf8") : undefined;
};

// The current version of each protocol: its parts lie directly in its folder.
const files = new Map(
  readdirSync(path.join(root, protocols))
    .flatMap((name) => readdirSync(path.join(root, protocols, name)).map((part) => `${protocols}/${name}/${part}`))
    .filter((file) => file.endsWith(".textproto"))
    .map((file) => [file, read(file)]),
);
const log = read("services/triage/HAZARDS.md");
const redFlags = redFlagRules(files);

// A replacement that replaces nothing would prove nothing.
function changed(text, from, to) {
  const result = text.replace(from, to);
  assert.notEqual(result, text, `nothing to replace: ${from}`);
  return result;
}

const faultsAfter = (from, to) => faultsOf(changed(log, from, to), redFlags, read);

// The red-flag rules once the protocol file that holds `from` has `to` instead.
function withRule(from, to) {
  const part = [...files.keys()].find((file) => files.get(file).search(from) >= 0);
  assert.ok(part, `no protocol file has ${from}`);
  return redFlagRules(new Map(files).set(part, changed(files.get(part), from, to)));
}

test("the hazard log is whole, its tests exist, and it knows every red-flag rule", () => {
  assert.deepEqual(faultsOf(log, redFlags, read), []);
});

test("too few hazards are a fault", () => {
  const headings = [...log.matchAll(/^### H-/gm)];
  const short = log.slice(0, headings[leastHazards - 1].index) + log.slice(log.indexOf("## Open"));
  assert.ok(faultsOf(short, redFlags, read).includes(`${leastHazards - 1} hazards: fewer than ${leastHazards}`));
});

test("a hazard without cause, effect, control or test is a fault", () => {
  const second = /### H-02[^]*?(?=\n### )/.exec(log)[0];
  for (const key of ["cause", "effect", "control", "test"]) {
    const without = second.replace(new RegExp(`\n- ${key}: .*(\n  .*)*`, "g"), "");
    assert.deepEqual(faultsAfter(second, without), [`H-02 has no ${key}`]);
  }
});

test("a hazard that can't be read, or stands there twice, is a fault", () => {
  assert.match(faultsAfter("### H-02, catastrophic:", "### H-02:")[0], /^not a line of a hazard: ### H-02:/);
  assert.match(faultsAfter("- cause:", "- reason:")[0], /^not a line of a hazard: - reason:/);
  assert.ok(faultsAfter("### H-02,", "### H-01,").includes("H-01 stands there twice"));
});

test("a test that isn't there is a fault", () => {
  const file = "services/triage/domain/engine_test.cc";
  const gone = [`H-01: ${file} has no test GuidelineTest.AnswersTheLevelOfTheSources`];
  assert.deepEqual(faultsAfter("AnswersTheLevelOfTheSource", "AnswersTheLevelOfTheSources"), gone);
  assert.deepEqual(faultsAfter(file, "services/triage/domain/gone_test.cc"), ["H-01: there is no file services/triage/domain/gone_test.cc"]);
  assert.match(faultsAfter("booked by no route", "booked by one route")[0], /public_port.test.mjs has no test "an emergency/);
  assert.match(faultsAfter(`${file}: `, `${file} `)[0], /^H-01: not a test: /);
  const commentedOut = (name) => read(name)?.replace(/^TEST_P\(GuidelineTest/m, "// TEST_P(GuidelineTest");
  assert.ok(faultsOf(log, redFlags, commentedOut).includes(gone[0].replace("Sources", "Source")));
});

test("a red-flag rule that is lowered, dropped or added is a fault", () => {
  const rule = 'id: "saddle_numbness" level: LEVEL_EMERGENCY';
  const faults = (from, to) => faultsOf(log, withRule(from, to), read);
  const lower = ["the table calls guideline/saddle_numbness EMERGENCY CAUDA_EQUINA, its protocol CONSULTATION_24 CAUDA_EQUINA"];
  assert.deepEqual(faults(rule, 'id: "saddle_numbness" level: LEVEL_CONSULTATION_24'), lower);
  const gone = ["the table names guideline/saddle_numbness, which is no red-flag rule"];
  assert.deepEqual(faults(rule, 'id: "saddle_numbness" level: LEVEL_CONSULTATION'), gone);
  assert.deepEqual(faults(/  rules \{\s+id: "saddle_numbness"[^]*?\n  \}\n/, ""), gone);
  assert.deepEqual(faultsAfter(/\| guideline\/saddle_numbness .*\n/, ""), ["the red-flag rule guideline/saddle_numbness isn't in the table"]);
});

test("a row that can't be read, stands there twice or names no hazard is a fault", () => {
  assert.match(faultsAfter("| guideline/collapse | EMERGENCY |", "| guideline/collapse |")[0], /^not a row of red-flag rules/);
  const twice = faultsAfter("| guideline/collapse |", "| guideline/tearing_pain |");
  assert.ok(twice.includes("guideline/tearing_pain stands in the table twice"));
  assert.match(faultsAfter("| VASCULAR | H-02 |", "| VASCULAR | H-99 |")[0], /controls H-99, which is no hazard$/);
});

test("rules that can't be read, or are too few, are an error", () => {
  const rule = 'id: "saddle_numbness" level: LEVEL_EMERGENCY';
  assert.throws(() => withRule(rule, 'level: LEVEL_EMERGENCY id: "saddle_numbness"'), /of which \d+ could be read/);
  assert.throws(() => redFlagRules(new Map([...files].filter(([file]) => !file.includes("2-guideline")))), /3 red-flag rules: fewer than 30/);
});
