// TLS between the processes, each of which must show who it is: the whole suite with it, strangers at every internal port,
// impostors behind the gateway, and certificates and authorities that are replaced while they are used.
import assert from "node:assert/strict";
import http2 from "node:http2";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import tls from "node:tls";
import { Authority, replace } from "../support/authority.mjs";
import { client, credentials, status } from "../support/grpc.mjs";
import { metricsPage } from "../support/metrics.mjs";
import { until } from "../support/ports.mjs";
import { running } from "../support/running.mjs";
import { reasonOf, soreRunner, walkBooked, walkEmergency } from "../support/walk.mjs";

// Who calls whom; the tests call everybody.
const CALLERS = { gateway: "gateway", triage: "gateway,notification,content", content: "gateway", booking: "gateway,notification", notification: "gateway,booking" };
const SERVICES = Object.keys(CALLERS);

let authority;
let other;
const here = running((data) => {
  mkdirSync(path.join(data, "tls"), { recursive: true });
  authority = new Authority(path.join(data, "tls"), "first");
  other = new Authority(path.join(data, "tls"), "second");
  here.suite.credentials = showing(authority.issue("tests"));
  for (const service of SERVICES) give(service, authority.issue(service), authority.certificate);
  return Object.fromEntries(SERVICES.map((service) => [service, environment(service)]));
});

const file = (service, end) => path.join(here.suite.data, "tls", `${service}.${end}`);
const environment = (service) => ({
  LUMBAR_INTERNAL_TLS_CERTIFICATE: file(service, "crt"),
  LUMBAR_INTERNAL_TLS_KEY: file(service, "key"),
  LUMBAR_INTERNAL_TLS_CA: file(service, "ca"),
  LUMBAR_INTERNAL_TLS_CALLERS: `${CALLERS[service]},tests`,
});

function give(service, { certificate, key }, authorities) {
  replace(file(service, "ca"), authorities);
  replace(file(service, "crt"), certificate);
  replace(file(service, "key"), key);
}

// A caller that has this pair, and believes what the authority signed.
function showing(pair, trusted = authority) {
  return credentials.createSsl(trusted.certificate, pair?.key ?? null, pair?.certificate ?? null);
}

// How a call that needs no token, or fails for want of one, ends at a service.
async function outcome(service, channel) {
  const [method, request] = { triage: ["getProtocol", { name: "protocols/low-back-pain" }], content: ["getArticle", { name: "articles/sciatica" }], booking: ["searchSlots", {}], notification: ["listMessages", {}], gateway: ["listConsults", {}] }[service];
  const stub = client(here.suite, service, { channel });
  try {
    await stub.call(method, request, { deadlineMs: 15_000 });
    return "answered";
  } catch (error) {
    return error.code === status.UNAVAILABLE ? "refused" : (error.reason ?? `${error.code} ${error.details}`);
  } finally {
    stub.close();
  }
}
const served = (service, channel) => outcome(service, channel).then((end) => ["answered", "TOKEN_MISSING"].includes(end));

async function calls(service) {
  const page = await metricsPage(here.suite.ports[service].metrics);
  return [...page.matchAll(/^grpc_server_handling_seconds_count{.*} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
}

async function failures(service) {
  const page = await metricsPage(here.suite.ports[service].metrics);
  return Number(/^lumbar_tls_reload_failures_total{port="internal"} (\S+)$/m.exec(page)[1]);
}

const article = () => here.suite.http("GET", "/v1/articles/sciatica");
const log = (service) => readFileSync(here.suite.processes.get(service).log, "utf8");

test("a visit is booked and an emergency isn't, with TLS on every internal port", async () => {
  await walkBooked(here.suite);
  await walkEmergency(here.suite);
});

for (const service of SERVICES) {
  test(`${service} serves named callers and nobody else`, async () => {
    assert.ok(await served(service, showing(authority.issue(CALLERS[service].split(",").at(-1)))));
    const before = await calls(service);
    assert.ok(before > 0);
    const strangers = {
      "without a certificate": showing(undefined),
      "of another authority": showing(other.issue("gateway")),
      "that has expired": showing(authority.issue("gateway", -1)),
      "with a name that may not call": showing(authority.issue("frontend")),
      "in plaintext": credentials.createInsecure(),
    };
    for (const [who, channel] of Object.entries(strangers)) assert.equal(await outcome(service, channel), "refused", who);
    // Others go on asking these two by themselves.
    if (!["triage", "notification"].includes(service)) assert.equal(await calls(service), before);
  });
}

test("whoever is refused gets not one byte of HTTP/2", async () => {
  const port = here.suite.ports.booking.grpc;
  const plain = http2.connect(`http://127.0.0.1:${port}`);
  let greeted = false;
  plain.on("remoteSettings", () => (greeted = true)).on("error", () => {});
  await new Promise((done) => plain.once("close", done));
  assert.ok(!greeted);
  const bytes = () =>
    new Promise((done) => {
      let count = 0;
      const socket = tls.connect({ host: "127.0.0.1", port, ca: authority.certificate, ALPNProtocols: ["h2"] });
      socket.on("data", (data) => (count += data.length)).on("error", () => {}).once("close", () => done(count));
    });
  // Not each of them is logged.
  const told = async () => {
    assert.equal(await bytes(), 0);
    return /"caller_refused".*"peer did not return a certificate"/.test(log("booking"));
  };
  await until(told, 10_000, "nobody said why");
});

test("probes and metrics stay in plaintext", async () => {
  for (const service of SERVICES) assert.match(await metricsPage(here.suite.ports[service].metrics), /lumbar_tls_certificate_expiry_seconds{port="internal"}/);
});

test("the gateway calls no service of another name or authority, and finds the right one again", async () => {
  for (const [pair, authorities, callers] of [
    [authority.issue("booking"), authority.certificate, "gateway,tests"],
    [other.issue("content"), other.certificate, ""],
  ]) {
    give("content", pair, authorities);
    await here.suite.processes.get("content").stop();
    await here.suite.startService("content", { ...environment("content"), LUMBAR_INTERNAL_TLS_CALLERS: callers });
    const { status: code, body } = await article();
    assert.equal(code, 503);
    assert.equal(reasonOf(body), "UPSTREAM_UNAVAILABLE");
    assert.equal(await calls("content"), 0);
  }
  await until(() => /"server_refused".*"server":"content"/.test(log("gateway")), 10_000, "nobody said why");
  give("content", authority.issue("content"), authority.certificate);
  await here.suite.processes.get("content").stop();
  await here.suite.startService("content", environment("content"));
  await until(async () => (await article()).status === 200, 10_000, "content isn't found again");
});

test("nobody notices when every authority, certificate and key is replaced", async () => {
  const { suite } = here;
  const token = suite.token("patients/renewal", "patient");
  const ends = new Map();
  const answers = { article, assess: () => suite.http("POST", "/v1/triage:assess", { token: suite.token("services/portal", "service"), body: { presentation: soreRunner.presentation } }), consults: () => suite.http("GET", "/v1/consults", { token }) };
  let stopping = false;
  const asking = Object.entries(answers).map(async ([name, ask]) => {
    while (!stopping) {
      const { status: code } = await ask();
      ends.set(`${name} ${code}`, (ends.get(`${name} ${code}`) ?? 0) + 1);
    }
  });
  const both = Buffer.concat([authority.certificate, other.certificate]);
  // All believe both, all get certificates of the new one, none believes the old one.
  for (const [from, authorities] of [
    [authority, both],
    [other, both],
    [other, other.certificate],
  ]) {
    const lines = SERVICES.map((service) => log(service).split("certificate_reloaded").length);
    for (const service of SERVICES) give(service, from.issue(service), authorities);
    await until(() => SERVICES.every((service, i) => log(service).split("certificate_reloaded").length > lines[i]), 30_000, "somebody didn't take the new files");
  }
  const before = authority.issue("tests");
  assert.equal(await outcome("booking", showing(before, other)), "refused");
  suite.credentials = showing(other.issue("tests"), other);
  await walkBooked(suite);
  stopping = true;
  await Promise.all(asking);
  assert.deepEqual([...ends.keys()].sort(), Object.keys(answers).map((name) => `${name} 200`).sort());
  assert.ok([...ends.values()].every((count) => count > 10), JSON.stringify([...ends]));
});

test("empty and half-written files change nothing", async () => {
  for (const broken of [() => "", (text) => text.slice(0, text.length / 2)]) {
    for (const end of ["ca", "crt", "key"]) {
      const counts = await Promise.all(SERVICES.map(failures));
      const whole = SERVICES.map((service) => readFileSync(file(service, end), "utf8"));
      SERVICES.forEach((service, i) => writeFileSync(file(service, end), broken(whole[i])));
      await until(async () => (await Promise.all(SERVICES.map(failures))).every((count, i) => count > counts[i]), 20_000, "nobody noticed");
      for (const service of SERVICES) assert.ok(await served(service, here.suite.credentials), `${service} with a broken ${end}`);
      assert.equal((await article()).status, 200);
      SERVICES.forEach((service, i) => replace(file(service, end), whole[i]));
    }
  }
});

test("a service doesn't start with half of it, or with a certificate that nobody would believe, and says why in one line", async () => {
  await here.suite.processes.get("triage").stop();
  const { LUMBAR_INTERNAL_TLS_CERTIFICATE, ...rest } = environment("triage");
  await assert.rejects(here.suite.startService("triage", rest), /lumbar-triage: TLS between the processes needs .* \[TLS_INCOMPLETE\]$/);
  await assert.rejects(here.suite.startService("triage", { LUMBAR_INTERNAL_TLS_CERTIFICATE }), /TLS_INCOMPLETE/);
  await assert.rejects(here.suite.startService("triage", { LUMBAR_INTERNAL_TLS_CALLERS: "gateway" }), /TLS_INCOMPLETE/);
  give("triage", authority.issue("triage"), other.certificate);
  await assert.rejects(here.suite.startService("triage", environment("triage")), /CERTIFICATE_NOT_TRUSTED/);
});
