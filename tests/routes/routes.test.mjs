// Our routes beside those of grpc-gateway: sets of templates and requests, made up from a seed and those of the contracts.
// Where the two differ there must be a reason, and ours what it leads to; the gateway's README lists them.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const SETS = 400;
const ROUTES = 6;
const REQUESTS = 50;

// Numbers below `end`, the same every time.
let state = 20_240_229;
function random(end) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * end);
}
const pick = (list) => list[random(list.length)];
const some = (most, make) => Array.from({ length: 1 + random(most) }, make);

const LITERALS = ["v1", "a", "b", "ab", "a.b", "a-b", "~a"];
const VERBS = ["", "", "", ":go", ":stop", ":a"];
const METHODS = ["GET", "GET", "POST"];

function variable(index) {
  const field = pick([`f${index}`, `f${index}.g`]);
  if (random(3) === 0) return `{${field}}`;
  return `{${field}=${some(3, () => pick([...LITERALS, "*", "*"])).join("/")}${random(6) === 0 ? "/**" : ""}}`;
}

function template() {
  const segments = some(3, (_, index) => (random(2) ? pick(LITERALS) : random(4) ? variable(index) : "*"));
  return `/${segments.join("/")}${random(12) === 0 ? "/**" : ""}${pick(VERBS)}`;
}

const VALUES = [...LITERALS, "x", "y:z", "x%20y", "a%2Fb", "%61", "x%3Ago", "%C3%A9", "é", "x+y", "%", "%zz", "", ":", "go", "a:go", "*"];

// One that a template was made for, or nearly.
function request(templates) {
  if (random(6) === 0) return `/${some(4, () => pick(VALUES)).join("/")}${pick(VERBS)}`;
  const filled = pick(templates).replace(/\{[^=}]*\}/g, "*").replace(/\{[^=]*=([^}]*)\}/g, "$1").replaceAll("**", () => some(3, () => pick(VALUES)).join("/")).replaceAll("*", () => pick(VALUES));
  return random(8) ? filled : filled.replace(/:\w+$/, "") + pick(VERBS);
}

const generated = () =>
  Array.from({ length: SETS }, () => {
    const routes = Array.from({ length: ROUTES }, () => ({ method: pick(METHODS), template: template() }));
    const templates = routes.map((route) => route.template);
    return { routes, asks: Array.from({ length: REQUESTS }, () => ({ method: pick(["GET", "POST", "PUT"]), path: request(templates) })) };
  });

// The contracts' own, as they are written.
function contracts() {
  const folder = path.join(root, "proto");
  const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith("_service.proto"));
  const text = files.map((file) => readFileSync(path.join(folder, file), "utf8")).join("\n");
  const routes = [...text.matchAll(/\b(get|put|post|patch|delete): "([^"]+)"/g)].map(([, method, template]) => ({ method: method.toUpperCase(), template }));
  const templates = routes.map((route) => route.template);
  return [{ routes, asks: Array.from({ length: 20 * routes.length }, () => ({ method: pick(METHODS), path: request(templates) })) }];
}

function run(program, sets) {
  const lines = sets.flatMap(({ routes, asks }) => ["set", ...routes.map(({ method, template }) => `route ${method} ${template}`), ...asks.map(({ method, path }) => `ask ${method} ${path}`)]);
  const said = execFileSync(program, { input: `${lines.join("\n")}\n`, encoding: "utf8", maxBuffer: 1 << 28 }).trimEnd().split("\n").map((line) => JSON.parse(line));
  return sets.map(({ routes, asks }) => ({ routes: said.splice(0, routes.length), asks: said.splice(0, asks.length) }));
}

// What is read otherwise by the two, put so that both read it alike: an escape that is part of a value here, and one that is
// none. The words are in no template.
const WORDS = { "2f": "qSq", "3a": "qCq", 61: "qAq", "": "qPq" };
const written = (path) => path.replace(/%(2f|3a|61|(?![0-9a-f]{2}))/gi, (_, digits) => WORDS[digits.toLowerCase()]);
// The same, with what may begin a verb as part of a value.
const whole = (path) => written(path).replace(/[^/]*$/, (last) => last.replaceAll(":", "qCq"));

const isSingle = (template, field) => template.includes(`{${field}}`) || template.includes(`{${field}=*}`);
const read = (value, single) => value.replaceAll("qSq", single ? "/" : "%2F").replaceAll("qCq", ":").replaceAll("qAq", "a").replace(/(?<=.)\/$/, "");
const same = (one, other) => JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());

// Literals before "*" before "**", segment by segment; what ends before what goes on.
function rank(template) {
  const plain = template.replace(/\{[^=}]*\}/g, "*").replace(/\{[^=]*=([^}]*)\}/g, "$1").replace(/:\w+$/, "");
  return plain.split("/").map((segment) => (segment === "**" ? "2" : segment === "*" ? "1" : "0")).join("").padEnd(20, "0");
}

// What we should say, by what grpc-gateway said of the path put so: of all that match the most literal.
function expected({ status, matches }, routes) {
  if (status !== 200) return { status };
  const [best] = [...matches].sort((one, other) => rank(routes[one.route].template).localeCompare(rank(routes[other.route].template)));
  if (Object.values(best.bindings).some((value) => value.includes("qPq"))) return { status: 400 };
  const { template } = routes[best.route];
  return { status, route: best.route, bindings: Object.fromEntries(Object.entries(best.bindings).map(([field, value]) => [field, read(value, isSingle(template, field))])) };
}

const agree = (ours, wanted) => ours.status === wanted.status && (ours.status !== 200 || (ours.route === wanted.route && same(ours.bindings, wanted.bindings)));
const first = ({ status, matches: [match] }) => ({ status, ...match });

const SEVERAL = "several match: theirs takes the first that was declared, ours the most literal";
const NOTHING = "** that matches nothing: theirs leaves the slash before it in the value";
const ESCAPED = "an escaped slash, colon or letter: theirs decodes before it matches, ours what is bound";
const MALFORMED = "a malformed escape: theirs refuses it anywhere, ours where a variable would take it";
const COLON = "a colon: theirs always begins a verb; here only one that a template has, else it is part of a value";
const EMPTY = "an empty segment: theirs matches *, ours nothing";
const BEFORE_END = "a template with ** before its end: refused here at start";
const DOUBLE = "two templates for the same paths: refused here at start";
const NONE = "none";

// Why ours differs; nothing if there is no reason.
function reasonOf(path, ours, { direct, plain, valued }, routes) {
  if (agree(ours, first(direct))) return NONE;
  if (agree(ours, expected(direct, routes))) return ours.status === 200 && ours.route === direct.matches[0].route ? NOTHING : SEVERAL;
  if (agree(ours, expected(plain, routes))) return written(path).includes("qPq") ? MALFORMED : ESCAPED;
  const wanted = expected(valued, routes);
  // Either way of reading it may be there by another method.
  if (plain.status !== 200 && wanted.status === 404) wanted.status = plain.status;
  if (plain.status !== 200 && agree(ours, wanted)) return COLON;
  return /\/(\/|$|:)/.test(path) && ours.status !== 200 ? EMPTY : undefined;
}

const counts = {};
after(() => console.table(Object.entries(counts).map(([difference, count]) => ({ difference, count }))));
const count = (difference) => (counts[difference] = (counts[difference] ?? 0) + 1);

// What both take: a template that one refuses, or that is doubly there, would make the rest incomparable.
function comparable(sets) {
  const ours = run(process.env.LUMBAR_ROUTES, sets);
  const theirs = run(process.env.LUMBAR_ROUTES_ORACLE, sets);
  return sets.map(({ routes, asks }, at) => ({
    asks,
    routes: routes.filter(({ template }, index) => {
      const [mine, other] = [ours[at].routes[index], theirs[at].routes[index]];
      if (mine === "double") count(DOUBLE);
      else if (mine !== other) explainTemplate(template, mine);
      return mine === "ok" && other === "ok";
    }),
  }));
}

function explainTemplate(template, mine) {
  assert.equal(mine, "refused", `grpc-gateway refuses ${template}`);
  if (/\*\*.*\//.test(template.replace(/\}/g, ""))) return count(BEFORE_END);
  assert.fail(`only we refuse ${template}`);
}

function compare(sets) {
  const taken = comparable(sets);
  const ours = run(process.env.LUMBAR_ROUTES, taken);
  const theirs = (put) => run(process.env.LUMBAR_ROUTES_ORACLE, taken.map(({ routes, asks }) => ({ routes, asks: asks.map(({ method, path }) => ({ method, path: put(path) })) })));
  const [direct, plain, valued] = [(path) => path, written, whole].map(theirs);
  taken.forEach(({ routes, asks }, at) =>
    asks.forEach(({ method, path }, index) => {
      const said = { direct: direct[at].asks[index], plain: plain[at].asks[index], valued: valued[at].asks[index] };
      const reason = reasonOf(path, ours[at].asks[index], said, routes);
      assert.ok(reason, `${method} ${path}\nroutes ${JSON.stringify(routes)}\nours ${JSON.stringify(ours[at].asks[index])}\ntheirs ${JSON.stringify(said)}`);
      count(reason);
    }),
  );
}

test("the contracts' routes are found as grpc-gateway finds them", () => compare(contracts()));

test("made-up routes are found as grpc-gateway finds them", () => compare(generated()));

test("most agree, and every difference that the README lists was met", () => {
  const all = Object.values(counts).reduce((sum, n) => sum + n, 0);
  assert.ok(all > 20_000 && counts[NONE] > 0.7 * all, JSON.stringify(counts));
  for (const reason of [SEVERAL, NOTHING, ESCAPED, MALFORMED, COLON, EMPTY, BEFORE_END, DOUBLE]) assert.ok(counts[reason] > 0, reason);
});
