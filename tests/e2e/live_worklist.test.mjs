// Those who work with a list of consults see it change: staff by server-sent events, clinicians by gRPC, each on another of
// two gateways that share a database, on either engine.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { loadContracts } from "../support/contracts.mjs";
import { freeNumbers, until } from "../support/ports.mjs";
import { build, Suite } from "../support/suite.mjs";
import { latestOf, ok, reasonOf, soreRunner } from "../support/walk.mjs";

const asked = (body = {}) => ({ requestId: randomUUID(), ...body });
// Nobody of the sample is licensed there.
const inGuam = { ...soreRunner, contact: { ...soreRunner.contact, state: "GU" } };

// What a stream has told, as "came consults/..." and "left consults/...", and where to go on.
class Told {
  events = [];
  place = undefined;
  // What ended it, if it has ended.
  failure = undefined;

  add({ consult, removed, resumeToken }) {
    this.place = resumeToken;
    if (consult) this.events.push(`came ${consult.name}`);
    if (removed) this.events.push(`left ${removed}`);
  }
  until(event) {
    return until(() => this.events.includes(event), 20_000, `${event} isn't among ${this.events}: ${this.failure}`);
  }
  begun() {
    return until(() => this.place !== undefined, 20_000, "nothing tells that the stream is open");
  }
}

// By server-sent events; `search` is a query, or a body for a POST.
async function follow(url, token, search, lastEventId) {
  const stop = new AbortController();
  const isQuery = typeof search === "string";
  const response = await fetch(`${url}/v1/consults:watch${isQuery ? `?${search}` : ""}`, {
    method: isQuery ? "GET" : "POST",
    headers: { authorization: `Bearer ${token}`, ...(isQuery ? {} : { "content-type": "application/json" }), ...(lastEventId ? { "last-event-id": lastEventId } : {}) },
    body: isQuery ? undefined : JSON.stringify(search),
    signal: stop.signal,
  });
  const told = new Told();
  told.status = response.status;
  told.close = () => stop.abort();
  if (response.status !== 200) return Object.assign(told, { body: await response.json() });
  const reading = (async () => {
    let text = "";
    for await (const bytes of response.body) {
      text += Buffer.from(bytes).toString();
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const event = text.slice(0, end);
        text = text.slice(end + 2);
        const message = JSON.parse(/^data: (.+)$/m.exec(event)[1]);
        assert.equal(/^id: (.+)$/m.exec(event)?.[1], message.resumeToken);
        told.add(message);
      }
    }
  })();
  reading.catch((failure) => (told.failure = failure));
  await told.begun();
  return told;
}

for (const database of ["sqlite", "postgresql"]) {
  describe(`on ${database}`, () => {
    const data = mkdtempSync(path.join(os.tmpdir(), "lumbar-test-"));
    let suite, urls, contracts;

    before(async () => {
      suite = await Suite.prepare({ data, database });
      await suite.start();
      await suite.loadClinicians();
      const [http] = await freeNumbers(1);
      await suite.startReplica("gateway", { LUMBAR_HTTP_PORT: `${http}` });
      urls = [suite.url, `http://127.0.0.1:${http}`];
      contracts = loadContracts(data);
    });
    after(async () => {
      await suite?.stop();
      rmSync(data, { recursive: true, force: true });
    });

    // The same call of the other gateway.
    const atSecond = (method, route, options) => ok({ http: (...call) => suite.http.call({ url: urls[1] }, ...call) }, method, route, options);
    const request = (subject, wanted) => ok(suite, "POST", "/v1/consults", { token: suite.token(subject, "patient"), body: asked(wanted) });

    // By gRPC.
    async function followByGrpc(url, token, wanted) {
      const client = createClient(contracts.getService("lumbar.consult.v1.ConsultService"), createGrpcTransport({ baseUrl: url }));
      const stop = new AbortController();
      const told = new Told();
      const reading = (async () => {
        for await (const { change, resumeToken } of client.watchConsults(wanted, { headers: { authorization: `Bearer ${token}` }, signal: stop.signal })) {
          told.add({ [change.case]: change.value, resumeToken });
        }
      })();
      reading.catch((failure) => (told.failure = failure));
      told.close = () => stop.abort();
      await told.begun();
      return told;
    }

    test("what waits for the staff comes into their list and leaves it, whichever gateway did it", async () => {
      const staff = suite.token("staff/front-desk", "staff");
      const maya = suite.token("clinicians/maya-chen", "clinician");
      const other = suite.token("clinicians/nobody-here", "clinician");
      const queue = await follow(urls[0], staff, "view=CONSULT_VIEW_STAFF_QUEUE");
      const seen = await followByGrpc(urls[1], maya, { view: 2 });
      const worklist = await followByGrpc(urls[1], maya, {});
      const others = await follow(urls[0], other, "");
      const waiting = await request("patients/guam", inGuam);
      await queue.until(`came ${waiting.name}`);
      await seen.until(`came ${waiting.name}`);

      await atSecond("POST", `/v1/${waiting.name}:accept`, { token: maya, body: asked() });
      await queue.until(`left ${waiting.name}`);
      await seen.until(`left ${waiting.name}`);
      await worklist.until(`came ${waiting.name}`);

      // Whoever was cut off hears of what came meanwhile, from either gateway.
      queue.close();
      const another = await request("patients/guam", inGuam);
      const resumed = await follow(urls[1], staff, "view=CONSULT_VIEW_STAFF_QUEUE", queue.place);
      await resumed.until(`came ${another.name}`);
      await ok(suite, "POST", `/v1/${waiting.name}:cancel`, { token: staff, body: asked() });
      await worklist.until(`left ${waiting.name}`);
      assert.deepEqual(others.events, []);
      for (const told of [seen, worklist, others, resumed]) told.close();
    });

    test("a clinician sees their visits come and go, and a patient their own consult alone", async () => {
      const patient = suite.token("patients/live", "patient");
      const mine = await follow(urls[1], patient, "");
      const offered = await request("patients/live", soreRunner);
      await request("patients/somebody-else", soreRunner);
      await mine.until(`came ${offered.name}`);
      const { clinician, startTime } = latestOf(offered.offers);
      const token = suite.token(clinician, "clinician");
      const worklist = await follow(urls[0], token, "");
      await ok(suite, "POST", `/v1/${offered.name}:chooseSlot`, { token: patient, body: asked({ clinician, startTime }) });
      await worklist.until(`came ${offered.name}`);
      await atSecond("POST", `/v1/${offered.name}:decline`, { token, body: asked({ reason: "on leave" }) });
      await worklist.until(`left ${offered.name}`);
      await ok(suite, "POST", `/v1/${offered.name}:cancel`, { token: patient, body: asked() });
      await mine.until(`left ${offered.name}`);
      assert.ok(mine.events.every((event) => event.endsWith(offered.name)));
      for (const told of [mine, worklist]) told.close();
    });

    test("nobody follows another's list", async () => {
      const maya = suite.token("clinicians/maya-chen", "clinician");
      const refused = await follow(urls[0], maya, "view=CONSULT_VIEW_WORKLIST&clinician=clinicians/somebody-else");
      assert.deepEqual([refused.status, reasonOf(refused.body)], [403, "NOT_YOURS"]);
      const patient = suite.token("patients/live", "patient");
      const curious = await follow(urls[0], patient, { patient: "patients/guam" });
      assert.deepEqual([curious.status, reasonOf(curious.body)], [403, "NOT_YOURS"]);
      const staff = suite.token("staff/front-desk", "staff");
      const ofOne = await follow(urls[0], staff, { patient: "patients/guam" });
      const consult = await request("patients/guam", soreRunner);
      await ofOne.until(`came ${consult.name}`);
      ofOne.close();
    });

    test("the command line shows a list and each change of it", async () => {
      const staff = suite.token("staff/front-desk", "staff");
      const before = await request("patients/guam", inGuam);
      const tool = spawn(path.join(build, "bin/lumbar"), ["consult", "watch", "--view", "staff_queue", "--server", urls[1], "--token", staff], { stdio: ["ignore", "pipe", "inherit"] });
      let out = "";
      tool.stdout.on("data", (bytes) => (out += bytes));
      try {
        await until(() => out.includes(before.name), 20_000, "what is there isn't shown");
        const later = await request("patients/guam", inGuam);
        await until(() => out.includes(later.name), 20_000, "what comes isn't shown");
        await ok(suite, "POST", `/v1/${before.name}:accept`, { token: staff, body: asked() });
        await until(() => out.includes(`removed  ${before.name}`), 20_000, "what leaves isn't shown");
      } finally {
        tool.kill();
      }
    });
  });
}
