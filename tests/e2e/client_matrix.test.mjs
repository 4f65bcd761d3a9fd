// Clients that nobody changed for us against the public port: each client with each thing that a call may come to.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport as nodeConnect, createGrpcTransport, createGrpcWebTransport as nodeGrpcWeb } from "@connectrpc/connect-node";
import { createConnectTransport as webConnect, createGrpcWebTransport as webGrpcWeb } from "@connectrpc/connect-web";
import { loadContracts } from "../support/contracts.mjs";
import { until } from "../support/ports.mjs";
import { running } from "../support/running.mjs";
import { soreRunner, walkBooked } from "../support/walk.mjs";

// Everybody here books for the same patient.
const here = running(() => ({ notification: { LUMBAR_RECIPIENT_RATE: "1000" } }));

const CLIENTS = {
  "connect-node, Connect JSON, HTTP/1.1": (baseUrl) => nodeConnect({ baseUrl, httpVersion: "1.1" }),
  "connect-node, Connect binary, HTTP/1.1": (baseUrl) => nodeConnect({ baseUrl, httpVersion: "1.1", useBinaryFormat: true }),
  "connect-node, Connect JSON, HTTP/2": (baseUrl) => nodeConnect({ baseUrl, httpVersion: "2" }),
  "connect-node, Connect GET, HTTP/1.1": (baseUrl) => nodeConnect({ baseUrl, httpVersion: "1.1", useHttpGet: true }),
  "connect-node, Connect GET binary, HTTP/2": (baseUrl) => nodeConnect({ baseUrl, httpVersion: "2", useHttpGet: true, useBinaryFormat: true }),
  "connect-node, gRPC-Web binary, HTTP/1.1": (baseUrl) => nodeGrpcWeb({ baseUrl, httpVersion: "1.1" }),
  "connect-node, gRPC-Web JSON, HTTP/2": (baseUrl) => nodeGrpcWeb({ baseUrl, httpVersion: "2", useBinaryFormat: false }),
  "connect-node, gRPC, HTTP/2": (baseUrl) => createGrpcTransport({ baseUrl }),
  "connect-web, Connect JSON, fetch": (baseUrl) => webConnect({ baseUrl }),
  "connect-web, Connect binary, fetch": (baseUrl) => webConnect({ baseUrl, useBinaryFormat: true }),
  "connect-web, gRPC-Web binary, fetch": (baseUrl) => webGrpcWeb({ baseUrl }),
};

const rows = [];
after(() => console.table(rows));

let contracts;
const client = (service, transport) => createClient((contracts ??= loadContracts(here.suite.data)).getService(service), transport);
const content = (transport) => client("lumbar.content.v1.ContentService", transport);
const booking = (transport) => client("lumbar.booking.v1.BookingService", transport);
const roster = (transport) => client("lumbar.booking.v1.ClinicianService", transport);
const triage = (transport) => client("lumbar.triage.v1.TriageService", transport);

const staff = () => ({ authorization: `Bearer ${here.suite.token("staff/matrix", "staff")}` });

async function failure(promise) {
  const error = await promise.then(() => assert.fail("the call went well"), (error) => error);
  assert.ok(error instanceof ConnectError, error?.stack ?? `${error}`);
  return error;
}

function reason(error) {
  const [info] = error.findDetails(contracts.getMessage("google.rpc.ErrorInfo"));
  return info?.reason;
}

// How many streams booking has given up because nobody listened any more.
function abandoned() {
  const audit = readFileSync(path.join(here.suite.data, "booking.audit.log"), "utf8");
  return audit.split("\n").filter((line) => line.includes('"appointment.watch"') && line.includes('"CALLER_GONE"')).length;
}

const CELLS = {
  async unary(transport) {
    const { article } = await content(transport).getArticle({ name: "articles/sciatica" });
    assert.match(article.title, /sciatica/i);
  },
  async "with a token"(transport) {
    const { clinicians } = await roster(transport).listClinicians({}, { headers: staff() });
    assert.ok(clinicians.length > 0);
  },
  async "patient data"(transport, name) {
    const headers = { authorization: `Bearer ${here.suite.token("patients/matrix", "patient")}` };
    const { presentation } = soreRunner;
    const asked = { presentation: { ...presentation, sex: 1, findings: [{ code: "saddle_numbness", presence: 1 }] }, patient: "patients/matrix" };
    if (!name.includes("GET")) {
      const { assessment } = await triage(transport).assess(asked, { headers });
      return assert.ok(assessment.level > 0);
    }
    const error = await failure(triage(transport).assess(asked, { headers }));
    assert.equal(reason(error), "INVALID_FIELD");
    return "refused in a URL";
  },
  async error(transport) {
    const error = await failure(content(transport).getArticle({ name: "articles/none-such" }));
    assert.equal(error.code, Code.NotFound);
    assert.equal(reason(error), "ARTICLE_NOT_FOUND");
  },
  async "without a token"(transport) {
    const error = await failure(roster(transport).listClinicians({}));
    assert.equal(error.code, Code.Unauthenticated);
    assert.equal(reason(error), "TOKEN_MISSING");
  },
  async stream(transport) {
    const stop = new AbortController();
    const changes = booking(transport).watchAppointments({}, { headers: staff(), signal: stop.signal });
    let booked;
    for await (const { event } of changes) {
      // The first message tells that the stream is open.
      booked ??= walkBooked(here.suite);
      if (event) break;
    }
    stop.abort();
    assert.ok((await booked).appointment.name);
  },
  async "error of a stream"(transport) {
    const error = await failure(booking(transport).watchAppointments({})[Symbol.asyncIterator]().next());
    assert.equal(error.code, Code.Unauthenticated);
    assert.equal(reason(error), "TOKEN_MISSING");
  },
  async cancel(transport) {
    const stop = new AbortController();
    const changes = booking(transport).watchAppointments({}, { headers: staff(), signal: stop.signal })[Symbol.asyncIterator]();
    await changes.next();
    const before = abandoned();
    const next = failure(changes.next());
    stop.abort();
    assert.equal((await next).code, Code.Canceled);
    await until(() => abandoned() > before, 5_000, "booking still serves the stream");
  },
  async deadline(transport) {
    const service = here.suite.processes.get("content");
    await service.pause();
    try {
      const error = await failure(content(transport).getArticle({ name: "articles/sciatica" }, { timeoutMs: 300 }));
      assert.equal(error.code, Code.DeadlineExceeded);
    } finally {
      service.resume();
    }
  },
};

for (const [name, make] of Object.entries(CLIENTS)) {
  test(name, async (t) => {
    const row = { client: name };
    rows.push(row);
    const transport = make(here.suite.url);
    for (const [cell, check] of Object.entries(CELLS)) {
      row[cell] = "fails";
      await t.test(cell, async () => {
        row[cell] = (await check(transport, name)) ?? "ok";
      });
    }
  });
}
