// Keys of tokens from a token issuer's server, which changes them, fails in every way, and is never asked too often.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { client, status } from "../support/grpc.mjs";
import { KeyServer, MISBEHAVIOURS } from "../support/key_server.mjs";
import { metricsPage } from "../support/metrics.mjs";
import { until } from "../support/ports.mjs";
import { Suite } from "../support/suite.mjs";
import { Issuer, claimsOf } from "../support/tokens.mjs";

const data = mkdtempSync(path.join(os.tmpdir(), "lumbar-test-"));
const [first, second, third, stranger] = ["first", "second", "third", "first"].map((kid) => new Issuer(kid));
const server = new KeyServer();
let suite;

before(async () => {
  suite = await Suite.prepare({ data });
  suite.makeFolders();
  await server.start();
  server.publish(first);
  server.stranger = JSON.stringify({ keys: [stranger.jwk] });
});
after(async () => {
  await suite.stop();
  await server.stop();
  rmSync(data, { recursive: true, force: true });
});

// Asked for again every second, unless a test is about that.
const start = (service, more = {}) => suite.startService(service, { LUMBAR_JWKS_URL: server.url, LUMBAR_JWKS_REFRESH: "1", ...more });
const log = (service) => readFileSync(suite.processes.get(service).log, "utf8");

async function metric(service, name) {
  const line = (await metricsPage(suite.ports[service].metrics)).split("\n").find((text) => text.startsWith(`lumbar_key_set_${name}{set="tokens"}`));
  return Number(line.split(" ").at(-1));
}

const fresh = (issuer, header = issuer.header) => issuer.token(claimsOf("services/portal", "service"), header);

// Why a token is refused, "" if it isn't. An empty request is refused for another reason.
async function refusalOf(token, stub, method = "assess") {
  return stub.call(method, {}, { token }).then(
    () => "",
    ({ code, reason }) => (code === status.INVALID_ARGUMENT ? "" : (reason ?? status[code])),
  );
}
const refusal = (issuer, stub, method) => refusalOf(fresh(issuer), stub, method);

test("without its first keys a gateway starts, says so, and is ready once it has them", async () => {
  server.behaviour = "not found";
  await start("gateway");
  for (const line of [
    /"event":"keys_missing","set":"tokens","source":"http:\/\/127\.0\.0\.1:\d+\/keys"/,
    /"event":"keys_not_read".*"KEY_URL_UNREACHABLE".*status 404/,
    /"event":"not_ready","check":"keys of tokens","reason":"KEYS_MISSING"/,
  ]) {
    await until(() => line.test(log("gateway")), 15_000, `nobody said ${line}`);
  }
  assert.equal((await suite.http("GET", "/healthz")).status, 503);
  assert.equal(await metric("gateway", "keys"), 0);
  const stub = client(suite, "gateway");
  assert.equal(await refusal(first, stub, "listConsults"), "KEYS_MISSING");
  server.behaviour = "good";
  await until(async () => (await suite.http("GET", "/healthz")).status === 200, 10_000, "it isn't ready");
  assert.equal(await refusal(first, stub, "listConsults"), "");
  assert.equal(await metric("gateway", "keys"), 1);
  stub.close();
  assert.equal(await suite.processes.get("gateway").stop(), 0);
});

test("a new key is found by the first token that names it, and one that is gone is believed no longer", async () => {
  await start("triage", { LUMBAR_JWKS_REFRESH: "3600" });
  const stub = client(suite, "triage");
  const remembered = fresh(first);
  assert.equal(await refusalOf(remembered, stub), "");
  server.publish(second);
  const before = server.requests;
  assert.equal(await refusal(second, stub), "TOKEN_UNKNOWN_KEY");
  await until(async () => (await refusal(second, stub)) === "", 25_000, "the new key isn't known");
  assert.equal(server.requests, before + 1);
  assert.equal(await refusalOf(remembered, stub), "TOKEN_UNKNOWN_KEY");
  assert.equal(await refusal(first, stub), "TOKEN_UNKNOWN_KEY");
  stub.close();
});

test("10,000 tokens of unknown keys cause one question per ten seconds, which nobody waits for", async () => {
  const stub = client(suite, "triage");
  // Held open for as long as the service waits for it.
  server.behaviour = "no answer";
  const [asked, from] = [server.requests, Date.now()];
  const refusals = new Map();
  let [next, answeredMeanwhile] = [0, 0];
  const worker = async () => {
    while (next < 10_000) {
      const reason = await refusalOf(fresh(stranger, { ...stranger.header, kid: `unknown-${next++}` }), stub);
      refusals.set(reason, (refusals.get(reason) ?? 0) + 1);
      if (server.open > 0) answeredMeanwhile += 1;
    }
  };
  await Promise.all(Array.from({ length: 50 }, worker));
  // The last of them is still to be asked about.
  await until(() => server.requests > asked, 15_000, "nobody asked");
  while (server.open > 0) {
    assert.equal(await refusal(second, stub), "");
    if (server.open > 0) answeredMeanwhile += 1;
  }
  const seconds = (Date.now() - from) / 1000;
  const times = server.requests - asked;
  console.log(`10,000 unknown keys in ${seconds.toFixed(1)} s: asked ${times} times; ${answeredMeanwhile} calls answered while the key server was silent`);
  assert.deepEqual([...refusals], [["TOKEN_UNKNOWN_KEY", 10_000]]);
  assert.ok(times <= 1 + seconds / 10, `${times} in ${seconds} s`);
  assert.ok(answeredMeanwhile > 0);
  server.behaviour = "good";
  stub.close();
  assert.equal(await suite.processes.get("triage").stop(), 0);
});

test("through whatever the server does, the last good keys are used on, and no others", async () => {
  server.publish(first);
  await start("triage");
  const stub = client(suite, "triage");
  for (const behaviour of MISBEHAVIOURS) {
    server.behaviour = behaviour;
    const failures = await metric("triage", "refresh_failures_total");
    await until(async () => (await metric("triage", "refresh_failures_total")) > failures, 20_000, `${behaviour}: not counted`);
    assert.equal(await refusal(first, stub), "", behaviour);
    assert.equal(await refusal(stranger, stub), "TOKEN_BAD_SIGNATURE", behaviour);
    assert.equal(await metric("triage", "keys"), 1, behaviour);
  }
  assert.ok((await metric("triage", "age_seconds")) >= MISBEHAVIOURS.length);
  assert.ok(!log("triage").includes("Please sign in"));
  server.behaviour = "good";
  server.publish(second, third);
  await until(async () => (await metric("triage", "keys")) === 2, 15_000, "it didn't recover");
  assert.ok((await metric("triage", "age_seconds")) < 10);
  assert.equal(await refusal(third, stub), "");
  stub.close();
});

test("a server that is gone and comes back changes nothing in between", async () => {
  const { port } = server;
  await server.stop();
  const stub = client(suite, "triage");
  const failures = await metric("triage", "refresh_failures_total");
  await until(async () => (await metric("triage", "refresh_failures_total")) > failures, 15_000, "not counted");
  assert.equal(await refusal(second, stub), "");
  server.publish(third);
  await server.start({ port });
  await until(async () => (await refusal(second, stub)) === "TOKEN_UNKNOWN_KEY", 15_000, "the old key is believed");
  assert.equal(await refusal(third, stub), "");
  stub.close();
  await suite.processes.get("triage").stop();
});

test("by https:// only a server whom an authority answers for is believed", async () => {
  const [key, cert] = ["server.key", "server.pem"].map((name) => path.join(data, name));
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=keys", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert], { stdio: "ignore" });
  const secure = await new KeyServer().start({ tls: { key: readFileSync(key), cert: readFileSync(cert) } });
  secure.publish(first);
  await start("triage", { LUMBAR_JWKS_URL: secure.url, LUMBAR_JWKS_CA_FILE: cert });
  const stub = client(suite, "triage");
  assert.equal(await refusal(first, stub), "");
  await suite.processes.get("triage").stop();
  await start("triage", { LUMBAR_JWKS_URL: secure.url });
  assert.equal(await refusal(first, stub), "KEYS_MISSING");
  assert.match(log("triage"), /"KEY_URL_UNREACHABLE".*certificate/);
  stub.close();
  await suite.processes.get("triage").stop();
  await secure.stop();
});

test("a service doesn't start with an unsafe URL or with two sources, and says why", async () => {
  await assert.rejects(start("triage", { LUMBAR_JWKS_URL: "http://keys.example/set" }), /lumbar-triage: .*must be https.*\[KEY_URL_REFUSED\]/s);
  await assert.rejects(start("triage", { LUMBAR_JWKS_FILE: suite.key("tokens.json") }), /KEY_SOURCE_UNCLEAR/);
});
