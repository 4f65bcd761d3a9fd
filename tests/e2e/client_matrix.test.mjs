// Clients that nobody changed for us against the public port: each client with each thing that a call may come to. Prints
// the table of it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import { browsing } from "../support/browser.mjs";
import { bufCurlClients } from "../support/clients/buf_curl.mjs";
import { connectClients } from "../support/clients/connect.mjs";
import { code, failure } from "../support/clients/failure.mjs";
import { grpcJsClients } from "../support/clients/grpc_js.mjs";
import { grpcWebClients, webPage } from "../support/clients/grpc_web.mjs";
import { restClients } from "../support/clients/rest.mjs";
import { loadContracts } from "../support/contracts.mjs";
import { until } from "../support/ports.mjs";
import { running } from "../support/running.mjs";
import { soreRunner, walkBooked } from "../support/walk.mjs";

const page = await webPage();
// Everybody here books for the same patient.
const here = running(() => ({ notification: { LUMBAR_RECIPIENT_RATE: "1000" }, gateway: { LUMBAR_CORS_ORIGINS: page.origin } }));
const held = browsing();
const rows = [];
after(() => {
  console.table(rows);
  page.close();
});

const CLIENTS = { ...connectClients, ...grpcJsClients, ...bufCurlClients, ...restClients, ...grpcWebClients };

// What is called, by its name and by its route.
const GET_ARTICLE = { service: "lumbar.content.v1.ContentService", method: "GetArticle", rest: ({ name }) => ({ method: "GET", path: `/v1/${name}`, part: "article" }) };
const LIST_CLINICIANS = { service: "lumbar.booking.v1.ClinicianService", method: "ListClinicians", rest: () => ({ method: "GET", path: "/v1/clinicians" }) };
const ASSESS = { service: "lumbar.triage.v1.TriageService", method: "Assess", rest: (body) => ({ method: "POST", path: "/v1/triage:assess", body, part: "assessment" }) };
const WATCH = { service: "lumbar.booking.v1.BookingService", method: "WatchAppointments", rest: () => ({ method: "GET", path: "/v1/appointments:watch" }) };

const staff = () => here.suite.token("staff/matrix", "staff");

// How many streams booking has given up because nobody listened any more.
function abandoned() {
  const audit = readFileSync(path.join(here.suite.data, "booking.audit.log"), "utf8");
  return audit.split("\n").filter((line) => line.includes('"appointment.watch"') && line.includes('"CALLER_GONE"')).length;
}

const CELLS = {
  async unary(client) {
    const { article } = await client.unary(GET_ARTICLE, { name: "articles/sciatica" });
    assert.match(article.title, /sciatica/i);
  },
  async "with a token"(client) {
    const { clinicians } = await client.unary(LIST_CLINICIANS, {}, { token: staff() });
    assert.ok(clinicians.length > 0);
  },
  async "patient data"(client) {
    const asked = { presentation: soreRunner.presentation, patient: "patients/matrix" };
    const options = { token: here.suite.token("patients/matrix", "patient") };
    if (!client.inUrl) return assert.ok((await client.unary(ASSESS, asked, options)).assessment.level);
    const error = await failure(client.unary(ASSESS, asked, options));
    assert.equal(error.reason, "INVALID_FIELD");
    return "refused in a URL";
  },
  async error(client) {
    const error = await failure(client.unary(GET_ARTICLE, { name: "articles/none-such" }));
    assert.equal(error.code, code("NOT_FOUND"), error.message);
    assert.equal(error.reason, "ARTICLE_NOT_FOUND");
  },
  async "without a token"(client) {
    const error = await failure(client.unary(LIST_CLINICIANS, {}));
    assert.equal(error.code, code("UNAUTHENTICATED"), error.message);
    assert.equal(error.reason, "TOKEN_MISSING");
  },
  async stream(client) {
    if (client.streamless) return client.streamless;
    const stop = new AbortController();
    let booked;
    for await (const { event } of client.stream(WATCH, {}, { token: staff(), signal: stop.signal })) {
      // The first message tells that the stream is open.
      booked ??= walkBooked(here.suite);
      if (event) break;
    }
    stop.abort();
    assert.ok((await booked).appointment.name);
  },
  async "error of a stream"(client) {
    const error = await failure(client.stream(WATCH, {})[Symbol.asyncIterator]().next());
    assert.equal(error.code, code("UNAUTHENTICATED"), error.message);
    assert.equal(error.reason, "TOKEN_MISSING");
  },
  async cancel(client) {
    if (client.streamless) return client.streamless;
    const stop = new AbortController();
    const changes = client.stream(WATCH, {}, { token: staff(), signal: stop.signal })[Symbol.asyncIterator]();
    await changes.next();
    const before = abandoned();
    const next = failure(changes.next());
    stop.abort();
    assert.equal((await next).code, code("CANCELLED"));
    await until(() => abandoned() > before, 15_000, "booking still serves the stream");
  },
  async deadline(client) {
    const service = here.suite.processes.get("content");
    await service.pause();
    try {
      const error = await failure(client.unary(GET_ARTICLE, { name: "articles/sciatica" }, { timeoutMs: client.slow ? 2_000 : 300 }));
      assert.equal(error.code, code("DEADLINE_EXCEEDED"), error.message);
    } finally {
      service.resume();
    }
  },
};

let contracts;
for (const [name, make] of Object.entries(CLIENTS)) {
  test(name, async (t) => {
    const row = { client: name };
    rows.push(row);
    contracts ??= loadContracts(here.suite.data);
    const client = make({ url: here.suite.url, data: here.suite.data, contracts, browser: held.browser, origin: page.origin });
    for (const [cell, check] of Object.entries(CELLS)) {
      row[cell] = "fails";
      await t.test(cell, { timeout: 60_000 }, async () => {
        row[cell] = (await check(client)) ?? "ok";
      });
    }
    await client.close?.();
  });
}
