// Reads the hazard log of triage and the red-flag rules of its protocols, and tells where the two, or the tests, disagree.

export const leastHazards = 16;
// Fewer than this means that the rules weren't found, not that they are gone.
const leastRedFlags = 30;

// "### H-01, catastrophic: Title"
const heading = /^### (H-\d\d), (catastrophic|serious|minor): (\S.*)$/;
const keys = ["cause", "effect", "control", "test"];

// The lines between "## title" and the next heading of that kind.
function section(text, title) {
  const lines = text.split("\n");
  const from = lines.indexOf(`## ${title}`);
  if (from < 0) throw new Error(`the log has no section "${title}"`);
  const to = lines.findIndex((line, i) => i > from && line.startsWith("## "));
  return lines.slice(from + 1, to < 0 ? lines.length : to);
}

// Each hazard with its lines by key. A line that begins with two blanks continues the one before.
function readHazards(text, faults) {
  const hazards = [];
  let last;
  for (const line of section(text, "Hazards")) {
    const begin = heading.exec(line);
    const item = /^- ([a-z]+): (\S.*)$/.exec(line);
    if (begin) {
      hazards.push({ id: begin[1], cause: [], effect: [], control: [], test: [] });
    } else if (item && keys.includes(item[1]) && hazards.length > 0) {
      last = hazards.at(-1)[item[1]];
      last.push(item[2]);
    } else if (last && /^ {2}\S/.test(line)) {
      last.push(`${last.pop()} ${line.trim()}`);
    } else if (line !== "") {
      faults.push(`not a line of a hazard: ${line}`);
    }
  }
  return hazards;
}

// Whether `source` has a gtest "Suite.Name", or a test of node:test with the quoted title, that isn't commented out.
function hasTest(source, wanted) {
  if (wanted.startsWith('"')) return source.split("\n").some((line) => line.startsWith(`test(${wanted},`));
  const [suite, name] = wanted.split(".");
  return new RegExp(`^TEST(_F|_P)?\\(\\s*${suite},\\s*${name}\\)`, "m").test(source);
}

// `read` gives the text of a file of the repository, or undefined.
function checkTest(hazard, test, read, faults) {
  const [, path, wanted] = /^(\S+): (\w+\.\w+|".+")$/.exec(test) ?? [];
  if (!path) return faults.push(`${hazard}: not a test: ${test}`);
  const source = read(path);
  if (source === undefined) return faults.push(`${hazard}: there is no file ${path}`);
  if (!hasTest(source, wanted)) faults.push(`${hazard}: ${path} has no test ${wanted}`);
}

function checkHazards(hazards, read, faults) {
  if (hazards.length < leastHazards) faults.push(`${hazards.length} hazards: fewer than ${leastHazards}`);
  const seen = new Set();
  for (const hazard of hazards) {
    if (seen.has(hazard.id)) faults.push(`${hazard.id} stands there twice`);
    seen.add(hazard.id);
    for (const key of keys) {
      if (hazard[key].length === 0) faults.push(`${hazard.id} has no ${key}`);
      if (key !== "test" && hazard[key].length > 1) faults.push(`${hazard.id} has more than one ${key}`);
    }
    for (const test of hazard.test) checkTest(hazard.id, test, read, faults);
  }
}

const withoutRemarks = (text) => text.replace(/^\s*#.*$/gm, "");

// The rules above LEVEL_CONSULTATION in the texts of protocol files: "rule_set/id" to "level group". Throws if a file has
// rules that it can't read.
export function redFlagRules(files) {
  const redFlags = new Map();
  for (const [path, raw] of files) {
    const text = withoutRemarks(raw);
    const pattern = /\brule_sets\s*\{\s*id:\s*"(\w+)"|\brules\s*\{\s*id:\s*"(\w+)"\s+level:\s*LEVEL_(\w+)\s+group:\s*GROUP_(\w+)/g;
    let ruleSet;
    let found = 0;
    for (const [, set, rule, level, group] of text.matchAll(pattern)) {
      ruleSet = set ?? ruleSet;
      found += 1;
      if (set || ["CONSULTATION", "SELF_CARE"].includes(level)) continue;
      const name = `${ruleSet}/${rule}`;
      if (redFlags.has(name)) throw new Error(`${path}: ${name} stands there twice`);
      redFlags.set(name, `${level} ${group}`);
    }
    const there = [...text.matchAll(/\b(rule_sets|rules)\b\s*:?\s*[{[<]/g)].length;
    if (found !== there) throw new Error(`${path}: ${there} rules and rule sets, of which ${found} could be read`);
  }
  if (redFlags.size < leastRedFlags) throw new Error(`${redFlags.size} red-flag rules: fewer than ${leastRedFlags}`);
  return redFlags;
}

function checkTable(text, redFlags, hazards, faults) {
  const rows = section(text, "Red-flag rules").filter((line) => line.startsWith("| ") && !line.startsWith("| rule |"));
  const listed = new Set();
  for (const row of rows) {
    const [, rule, level, group, controls] = /^\| (\S+) \| (\w+) \| (\w+) \| (.*) \|$/.exec(row) ?? [];
    if (!rule) {
      faults.push(`not a row of red-flag rules: ${row}`);
      continue;
    }
    if (listed.has(rule)) faults.push(`${rule} stands in the table twice`);
    listed.add(rule);
    const actual = redFlags.get(rule);
    if (actual === undefined) faults.push(`the table names ${rule}, which is no red-flag rule`);
    else if (actual !== `${level} ${group}`) faults.push(`the table calls ${rule} ${level} ${group}, its protocol ${actual}`);
    for (const id of controls.split(", ")) {
      if (!hazards.some((hazard) => hazard.id === id)) faults.push(`${rule} controls ${id}, which is no hazard`);
    }
  }
  for (const rule of redFlags.keys()) if (!listed.has(rule)) faults.push(`the red-flag rule ${rule} isn't in the table`);
}

// Everything that is wrong with the log, each in one sentence.
export function faultsOf(text, redFlags, read) {
  const faults = [];
  const hazards = readHazards(text, faults);
  checkHazards(hazards, read, faults);
  checkTable(text, redFlags, hazards, faults);
  return faults;
}
