// A clinician opens a consult that isn't theirs, for a reason; what was done is listed, can be ended, and is in the audit log.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { running } from "../support/running.mjs";
import { latestOf, ok, reasonOf, soreRunner } from "../support/walk.mjs";

const here = running();
const asked = (body = {}) => ({ requestId: randomUUID(), ...body });

test("a clinician breaks the glass: reads that consult, changes nothing, and leaves a record", async () => {
  const { suite } = here;
  const patient = suite.token("patients/glass", "patient");
  const staff = suite.token("staff/front-desk", "staff");
  const stranger = suite.token("clinicians/night-shift", "clinician");
  const offered = await ok(suite, "POST", "/v1/consults", { token: patient, body: asked(soreRunner) });
  const { clinician, startTime } = latestOf(offered.offers);
  const { name } = await ok(suite, "POST", `/v1/${offered.name}:chooseSlot`, { token: patient, body: asked({ clinician, startTime }) });

  const read = (token = stranger) => suite.http("GET", `/v1/${name}`, { token });
  const breakGlass = (token, body) => suite.http("POST", `/v1/${name}:breakGlass`, { token, body: asked(body) });
  assert.equal(reasonOf((await read()).body), "NOT_YOURS");
  assert.equal(reasonOf((await breakGlass(stranger, {})).body), "INVALID_FIELD");
  assert.equal(reasonOf((await breakGlass(stranger, { reason: "curious" })).body), "INVALID_FIELD");
  assert.equal(reasonOf((await breakGlass(stranger, { reason: "covers for the night", lifetimeMinutes: 61 })).body), "INVALID_FIELD");
  assert.equal(reasonOf((await breakGlass(patient, { reason: "covers for the night" })).body), "ROLE_NOT_ALLOWED");
  assert.equal(reasonOf((await read()).body), "NOT_YOURS");

  const { status, body: grant } = await breakGlass(stranger, { reason: "covers for the night" });
  assert.equal(status, 200);
  assert.equal(Date.parse(grant.expireTime) - Date.parse(grant.createTime), 30 * 60_000);
  assert.equal((await read()).body.contact.displayName, "Alex Rivera");
  const decline = await suite.http("POST", `/v1/${name}:decline`, { token: stranger, body: asked({ reason: "no" }) });
  assert.equal(reasonOf(decline.body), "NOT_YOURS");
  const cancel = await suite.http("POST", `/v1/${name}:cancel`, { token: stranger, body: asked() });
  assert.equal(reasonOf(cancel.body), "ROLE_NOT_ALLOWED");

  const { grants } = await ok(suite, "GET", `/v1/accessGrants?consult=${name}`, { token: staff });
  assert.deepEqual(grants, [grant]);
  assert.equal(reasonOf((await suite.http("GET", "/v1/accessGrants", { token: stranger })).body), "ROLE_NOT_ALLOWED");
  const tool = (...args) => suite.lumbar(...args, "--server", suite.url);
  assert.match(tool("access", "list", "--holder", "clinicians/night-shift", "--token", staff), /covers for the night/);
  assert.match(tool("access", "revoke", grant.name, "--token", staff), /by staff\/front-desk/);
  assert.equal(reasonOf((await read()).body), "NOT_YOURS");

  const shown = tool("consult", "show", name, "--break-glass", "the patient called me", "--minutes", "5", "--token", stranger, "-o", "json");
  assert.equal(JSON.parse(shown).name, name);

  const file = path.join(suite.data, "gateway.audit.log");
  const text = readFileSync(file, "utf8");
  const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line)).filter(({ subject }) => subject === "clinicians/night-shift");
  const events = lines.filter(({ event, code }) => event.startsWith("access.") && code === "OK").map(({ event, resource }) => [event, resource]);
  assert.deepEqual(events, [["access.grant", name], ["access.use", name], ["access.grant", name], ["access.use", name]]);
  assert.doesNotMatch(text + readFileSync(path.join(suite.data, "logs", "gateway.log"), "utf8"), /covers for the night|patient called me/);
  assert.match(tool("audit", "verify", file), /^ok: /);
});
