// Tokens that are wrong in one way each, by every protocol of the public port and on internal ports: nobody gets in, each
// refusal is told by its reason and audited, and no token comes to light.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { badTokens } from "../support/bad_tokens.mjs";
import { loadContracts } from "../support/contracts.mjs";
import { Suite } from "../support/suite.mjs";
import { Issuer, claimsOf } from "../support/tokens.mjs";

// Somebody whom nobody may read about in a log.
const SUBJECT = "services/canary-4821";
const data = mkdtempSync(path.join(os.tmpdir(), "lumbar-test-"));
let suite, cases, ways;
const claims = () => claimsOf(SUBJECT, "service", { email: "canary@patient.example" });

before(async () => {
  suite = await Suite.prepare({ data });
  suite.makeFolders();
  const pem = readFileSync(suite.key("issuer.pem"));
  const people = { issuer: new Issuer("issuer", "ES256", pem), rsa: new Issuer("rsa", "RS256"), other: new Issuer("other", "ES256"), stranger: new Issuer("stranger") };
  const set = JSON.parse(readFileSync(suite.key("tokens.json"), "utf8"));
  set.keys.push(people.rsa.jwk, people.other.jwk);
  writeFileSync(suite.key("tokens.json"), JSON.stringify(set));
  cases = badTokens({ ...people, claims });
  for (const service of ["triage", "gateway"]) await suite.startService(service);
  ways = waysIn();
});
after(async () => {
  await suite.stop();
  rmSync(data, { recursive: true, force: true });
});

// By name: who audits the call, and call(headers), which resolves to {code, reason}, code 0 if it went well.
function waysIn() {
  const contracts = loadContracts(data);
  const infoType = contracts.getMessage("google.rpc.ErrorInfo");
  const call = (service, method, transport) => async (headers) => {
    try {
      await createClient(contracts.getService(service), transport)[method]({}, { headers, timeoutMs: 10_000 });
      return { code: 0 };
    } catch (error) {
      const failure = ConnectError.from(error);
      return { code: failure.code, reason: failure.findDetails(infoType)[0]?.reason };
    }
  };
  const assess = (transport) => ({ audit: "triage", call: call("lumbar.triage.v1.TriageService", "assess", transport) });
  // What everybody may call: a bad token doesn't make a caller nobody.
  const protocols = (transport) => ({ audit: "triage", call: call("lumbar.triage.v1.TriageService", "listProtocols", transport) });
  const consults = (transport) => ({ audit: "gateway", call: call("lumbar.consult.v1.ConsultService", "listConsults", transport) });
  const grpc = (port) => createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}` });
  return {
    REST: { audit: "triage", call: (headers) => rest("POST", "/v1/triage:assess", headers, "{}") },
    "REST, consults": { audit: "gateway", call: (headers) => rest("GET", "/v1/consults", headers) },
    Connect: assess(createConnectTransport({ baseUrl: suite.url, httpVersion: "1.1" })),
    "gRPC-Web": assess(createGrpcWebTransport({ baseUrl: suite.url, httpVersion: "1.1" })),
    gRPC: assess(grpc(suite.ports.http)),
    "gRPC, for everybody": protocols(grpc(suite.ports.http)),
    "triage's own port": assess(grpc(suite.ports.triage.grpc)),
    "the gateway's own port": consults(grpc(suite.ports.gateway.grpc)),
  };
}

async function rest(method, route, headers, body) {
  const answer = await fetch(suite.url + route, { method, headers: { ...headers, ...(body ? { "content-type": "application/json" } : {}) }, body, signal: AbortSignal.timeout(10_000) });
  const text = await answer.text();
  answers.push(text);
  if (answer.ok) return { code: 0 };
  const { error } = JSON.parse(text);
  return { code: answer.status === 401 ? Code.Unauthenticated : error.code, reason: error.details.find((one) => one.reason)?.reason };
}

const answers = [];

const auditRows = (service) =>
  readFileSync(path.join(data, `${service}.audit.log`), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));

test("every way in takes a good token", async () => {
  const good = new Issuer("issuer", "ES256", readFileSync(suite.key("issuer.pem"))).token(claims());
  for (const [name, { call }] of Object.entries(ways)) {
    const { code } = await call({ authorization: `Bearer ${good}` });
    // An empty request is one that a caller who is let in can be told of.
    assert.ok([0, Code.InvalidArgument, 400].includes(code), `${name}: ${code}`);
  }
});

test("no way in takes a bad one, and each try is audited", async () => {
  const tries = [];
  for (const [wrong, reason, token] of cases) {
    for (const [way, { audit, call }] of Object.entries(ways)) {
      const trace = randomBytes(16).toString("hex");
      const outcome = await call({ authorization: `Bearer ${token}`, traceparent: `00-${trace}-${randomBytes(8).toString("hex")}-01` });
      tries.push({ wrong, reason, way, audit, trace, outcome });
    }
  }
  const rows = { triage: auditRows("triage"), gateway: auditRows("gateway") };
  const faults = [];
  for (const one of tries) {
    const { outcome, reason, trace, audit } = one;
    if (outcome.code !== Code.Unauthenticated || outcome.reason !== reason) faults.push(`${one.wrong} by ${one.way}: ${outcome.code} ${outcome.reason}, not ${reason}`);
    const found = rows[audit].filter((row) => row.trace_id === trace);
    const isAudited = found.length === 1 && found[0].code === "UNAUTHENTICATED" && found[0].reason === reason && !found[0].subject;
    if (!isAudited) faults.push(`${one.wrong} by ${one.way}: audited ${JSON.stringify(found)}`);
  }
  table(tries);
  assert.deepEqual(faults, []);
});

// One line for each fault: what was answered, and in how many of the ways it was so and has its row.
function table(tries) {
  const lines = new Map();
  for (const { wrong, outcome } of tries) {
    const answer = `${outcome.code === 0 ? "LET IN" : (Code[outcome.code] ?? outcome.code).toString().toUpperCase()} ${outcome.reason ?? ""}`;
    const line = lines.get(wrong) ?? {};
    line[answer] = (line[answer] ?? 0) + 1;
    lines.set(wrong, line);
  }
  const ofAll = Object.keys(ways).length;
  console.log(`${cases.length} bad tokens, each by ${Object.keys(ways).join("; ")}`);
  for (const [wrong, answered] of lines) {
    console.log(`  ${wrong.padEnd(46)} ${Object.entries(answered).map(([answer, count]) => `${answer}${count === ofAll ? "" : ` (${count} of ${ofAll})`}`).join(", ")}`);
  }
}

test("no header of several, of another scheme or beyond 16 KiB gets in either", async () => {
  const good = new Issuer("issuer", "ES256", readFileSync(suite.key("issuer.pem"))).token(claims());
  for (const [authorization, status, reason] of [
    ["", 401, "TOKEN_MISSING"],
    ["Bearer", 401, "TOKEN_MALFORMED"],
    [`Basic ${good}`, 401, "TOKEN_MALFORMED"],
    [good, 401, "TOKEN_MALFORMED"],
    [`Bearer ${good}, Bearer ${good}`, 401, "TOKEN_MALFORMED"],
    [`Bearer ${"x".repeat(20_000)}`, 431, "HEADER_TOO_LARGE"],
  ]) {
    const answer = await suite.http("GET", "/v1/consults", { headers: authorization ? { authorization } : {} });
    assert.equal(answer.status, status, authorization.slice(0, 30));
    assert.equal(answer.body.error.details.find((one) => one.reason).reason, reason);
  }
});

test("no token and nothing from one is in a log, an audit or an answer", () => {
  const logs = readdirSync(path.join(data, "logs")).map((file) => path.join("logs", file));
  const audits = readdirSync(data).filter((file) => file.endsWith(".audit.log"));
  assert.ok(logs.length >= 2 && audits.length >= 2);
  const written = [...logs, ...audits].map((file) => [file, readFileSync(path.join(data, file), "utf8")]);
  written.push(["answers", answers.join("\n")]);
  const secrets = new Set(["patient.example", "staff/root", ...cases.flatMap(([, , token]) => token.split(".").filter((part) => part.length >= 16))]);
  for (const [file, text] of written) {
    for (const secret of secrets) assert.ok(!text.includes(secret), `${file} has ${secret.slice(0, 40)}`);
  }
  // The subject is whom a good token names; a bad one names nobody.
  assert.ok(!written.filter(([file]) => file.startsWith("logs")).some(([, text]) => text.includes("canary")));
});
