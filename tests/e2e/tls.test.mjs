// TLS on the public port, by clients that nobody changed for us, and a certificate that is renewed while it is used.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import http2 from "node:http2";
import path from "node:path";
import { test } from "node:test";
import tls from "node:tls";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { loadContracts } from "../support/contracts.mjs";
import { client, credentials } from "../support/grpc.mjs";
import { metricsPage } from "../support/metrics.mjs";
import { until } from "../support/ports.mjs";
import { running } from "../support/running.mjs";

const here = running();
const file = (name) => path.join(here.suite.data, name);
const port = () => here.suite.ports.http;
const url = () => `https://127.0.0.1:${port()}`;

// A certificate that signs itself, so that it is also what clients trust; put in place as a tool that renews does.
function issue(name) {
  const [key, certificate] = ["tls.key", "tls.pem"].map(file);
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", `/CN=${name}`, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", `${key}.new`, "-out", `${certificate}.new`], { stdio: "ignore" });
  renameSync(`${certificate}.new`, certificate);
  renameSync(`${key}.new`, key);
}
const trusted = () => readFileSync(file("tls.pem"));

const environment = () => ({ LUMBAR_TLS_CERTIFICATE: file("tls.pem"), LUMBAR_TLS_KEY: file("tls.key") });

// The samples were loaded without TLS.
test("a gateway starts with a pair", async () => {
  issue("first");
  await here.suite.processes.get("gateway").stop();
  await here.suite.startService("gateway", environment());
});

// Whom a new connection says that it is to.
function served() {
  return new Promise((done, failed) => {
    const socket = tls.connect({ host: "127.0.0.1", port: port(), rejectUnauthorized: false, ALPNProtocols: ["h2"] }, () => {
      done(socket.getPeerCertificate().subject.CN);
      socket.destroy();
    });
    socket.once("error", failed);
  });
}

function health(session) {
  return new Promise((done, failed) => {
    const request = session.request({ ":path": "/healthz" });
    let body = "";
    request.setEncoding("utf8").on("data", (text) => (body += text));
    request.once("end", () => done(JSON.parse(body).status)).once("error", failed);
  });
}

async function metric(name) {
  const page = await metricsPage(here.suite.ports.gateway.metrics);
  return Number(new RegExp(`^${name}(?:{.*})? (\\S+)$`, "m").exec(page)[1]);
}

for (const [flag, version] of [["--http1.1", "1.1"], ["--http2", "2"], ["--no-alpn", "1.1"], ["--tls-max=1.2", "2"]]) {
  test(`curl ${flag} speaks HTTP/${version}`, () => {
    const [option, ...value] = flag.split("=");
    const out = execFileSync("curl", ["-sS", "--max-time", "10", "--cacert", file("tls.pem"), option, ...value, "-w", " %{http_version}", `${url()}/healthz`], { encoding: "utf8" });
    assert.equal(out.replace(/\s+/g, " "), `{"status":"serving"} ${version}`);
  });
}

test("without TLS, or with TLS that is too old, nobody is answered", () => {
  for (const args of [[`http://127.0.0.1:${port()}/healthz`], ["--tls-max", "1.1", "--tlsv1.0", "-k", `${url()}/healthz`]]) {
    assert.throws(() => execFileSync("curl", ["-sS", "--max-time", "10", ...args], { stdio: "pipe" }));
  }
});

test("node's HTTP/2 client has many requests answered at once", async () => {
  const session = http2.connect(url(), { ca: trusted() });
  assert.deepEqual(new Set(await Promise.all(Array.from({ length: 100 }, () => health(session)))), new Set(["serving"]));
  assert.equal(session.alpnProtocol, "h2");
  session.close();
});

test("@grpc/grpc-js reads an article and a refusal", async () => {
  const content = client(here.suite, "content", { target: `127.0.0.1:${port()}`, channel: credentials.createSsl(trusted()) });
  const { article } = await content.call("getArticle", { name: "articles/sciatica" });
  assert.match(article.title, /sciatica/i);
  await assert.rejects(content.call("getArticle", { name: "articles/none-such" }), { reason: "ARTICLE_NOT_FOUND" });
  content.close();
});

test("connect-node speaks Connect and gRPC, and watches a stream", async () => {
  const contracts = loadContracts(here.suite.data);
  const nodeOptions = { ca: trusted() };
  const headers = { authorization: `Bearer ${here.suite.token("staff/tls", "staff")}` };
  for (const transport of [
    createConnectTransport({ baseUrl: url(), httpVersion: "2", nodeOptions }),
    createConnectTransport({ baseUrl: url(), httpVersion: "1.1", nodeOptions }),
    createGrpcTransport({ baseUrl: url(), nodeOptions }),
  ]) {
    const content = createClient(contracts.getService("lumbar.content.v1.ContentService"), transport);
    assert.match((await content.getArticle({ name: "articles/sciatica" })).article.title, /sciatica/i);
    const stop = new AbortController();
    const booking = createClient(contracts.getService("lumbar.booking.v1.BookingService"), transport);
    for await (const { resumeToken } of booking.watchAppointments({}, { headers, signal: stop.signal })) {
      assert.ok(resumeToken);
      break;
    }
    stop.abort();
  }
});

test("a new pair serves new connections, and open ones go on; a bad pair changes nothing", async () => {
  const session = http2.connect(url(), { ca: trusted() });
  assert.equal(await health(session), "serving");
  issue("second");
  await until(async () => (await served()) === "second", 10_000, "the new certificate isn't served");
  assert.equal(await health(session), "serving");
  assert.equal(session.socket.getPeerCertificate().subject.CN, "first");

  const expiry = await metric("lumbar_tls_certificate_expiry_seconds");
  assert.ok(expiry > Date.now() / 1000 && expiry < Date.now() / 1000 + 90_000, `${expiry}`);
  const failures = await metric("lumbar_tls_reload_failures_total");
  writeFileSync(file("tls.key"), "-----BEGIN PRIVATE KEY-----\ncanary\n");
  await until(async () => (await metric("lumbar_tls_reload_failures_total")) > failures, 10_000, "nobody noticed");
  assert.equal(await served(), "second");
  assert.equal(await health(session), "serving");
  // It is counted first.
  const log = () => readFileSync(here.suite.processes.get("gateway").log, "utf8");
  await until(async () => /"certificate_not_reloaded".*"PRIVATE_KEY_REFUSED"/.test(log()), 10_000, "nobody said why");
  assert.ok(!log().includes("canary"));
  session.close();
});

test("a bad pair, or half a pair, keeps the gateway from starting and says why", async () => {
  await here.suite.processes.get("gateway").stop();
  await assert.rejects(here.suite.startService("gateway", environment()), /PRIVATE_KEY_REFUSED/);
  await assert.rejects(here.suite.startService("gateway", { LUMBAR_TLS_CERTIFICATE: file("tls.pem") }), /--tls-certificate requires --tls-key/);
});
