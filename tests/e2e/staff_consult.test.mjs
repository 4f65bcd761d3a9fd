// A consult that no visit can be offered for: the patient is told what to do, the staff by a real e-mail that it waits for
// them, and somebody takes it on.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { until } from "../support/ports.mjs";
import { running } from "../support/running.mjs";
import { ok, reasonOf, soreRunner } from "../support/walk.mjs";

const here = running();

test("a consult without a visit reaches the staff and is taken on", async () => {
  const { suite } = here;
  const patient = suite.token("patients/remote", "patient");
  const staff = suite.token("staff/front-desk", "staff");
  // Nobody of the sample is licensed there.
  const contact = { ...soreRunner.contact, state: "GU", email: "remote@example.com" };
  const consult = await ok(suite, "POST", "/v1/consults", { token: patient, body: { requestId: randomUUID(), ...soreRunner, contact } });
  assert.equal(consult.state, "CONSULT_STATE_ESCALATED");
  assert.match(consult.guidance, /911/);
  assert.equal(consult.routingNotes, undefined);
  const seen = await ok(suite, "GET", `/v1/${consult.name}`, { token: staff });
  assert.ok(seen.routingNotes.length > 0 && seen.routingNotes.every(({ reason }) => ["NOT_LICENSED", "OUTSIDE_AGE_SCOPE"].includes(reason)));

  const sent = async () => {
    const { messages = [] } = await ok(suite, "GET", `/v1/messages?appointment=${consult.name}`, { token: staff });
    return messages.find(({ state }) => state === "MESSAGE_STATE_SENT");
  };
  assert.equal((await until(sent, 10_000, "the staff was not told")).kind, "MESSAGE_KIND_STAFF_CONSULT");
  const letter = suite.mails().find((one) => one.includes("A consult waits for you"));
  assert.match(letter, /^To:.*desk@clinic\.example/m);
  assert.ok(letter.replaceAll("=\n", "").includes(consult.name));
  assert.doesNotMatch(letter, /Alex|remote/);

  const accept = (token) => ["POST", `/v1/${consult.name}:accept`, { token, body: { requestId: randomUUID() } }];
  assert.equal(reasonOf((await suite.http(...accept(patient))).body), "ROLE_NOT_ALLOWED");
  const taken = await ok(suite, ...accept(staff));
  assert.equal(taken.handler, "staff/front-desk");
  assert.equal(taken.respondByTime, undefined);
});
