// What the clinic's own system is told of appointments, as it takes them: each version once, in order, whatever it answers first.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import { until } from "../support/ports.mjs";
import { running } from "../support/running.mjs";
import { root } from "../support/suite.mjs";
import { ok, soreRunner, walkBooked } from "../support/walk.mjs";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

const receiver = spawn(process.execPath, [path.join(root, "tests/support/webhook_receiver.mjs"), SECRET], { stdio: ["ignore", "pipe", "inherit"] });
after(() => receiver.kill());
const [said] = await once(receiver.stdout, "data");
const url = `http://127.0.0.1:${/^listens on (\d+)/.exec(said)[1]}`;

const here = running((folder) => {
  const file = path.join(folder, "webhook.secret");
  writeFileSync(file, SECRET, { mode: 0o600 });
  return { notification: { LUMBAR_WEBHOOK_URL: `${url}/mending`, LUMBAR_WEBHOOK_SECRET_FILE: file, LUMBAR_WEBHOOK_NETWORK: "private" } };
});

// What came of a visit, the oldest first.
async function cameOf(appointment) {
  const all = await (await fetch(`${url}/received`)).json();
  const events = all.map(({ body, headers, verdict }) => ({ ...JSON.parse(body), id: headers["webhook-id"], verdict }));
  return events.filter(({ data }) => data.appointment === appointment.name);
}

// Until the visit's event of `version` was sent, as staff sees it. The first wait after a failure is up to a minute.
function sent(version, { name }, token) {
  const isIt = ({ channel, state, appointmentVersion }) => channel === "CHANNEL_WEBHOOK" && state === "MESSAGE_STATE_SENT" && appointmentVersion === `${version}`;
  const listed = () => ok(here.suite, "GET", `/v1/messages?appointment=${name}`, { token });
  return until(async () => (await listed()).messages.some(isIt), 75_000, `version ${version} wasn't told`);
}

// The first try of either visit's first event is answered with 500.
test("the clinic's system is told that visits are booked, moved and called off, once each", { timeout: 150_000 }, async () => {
  const { suite } = here;
  const staff = suite.token("staff/desk", "staff");
  const [{ appointment, token }, other] = [await walkBooked(suite), await walkBooked(suite)];
  await Promise.all([sent(1, appointment, staff), sent(1, other.appointment, staff)]);

  const search = {
    patientState: soreRunner.contact.state,
    patientAgeYears: soreRunner.contact.ageYears,
    visitType: appointment.slot.visitType,
    clinician: appointment.slot.clinician,
  };
  const { slots } = await ok(suite, "POST", "/v1/slots:search", { token, body: search });
  const { startTime } = slots[0];
  await ok(suite, "POST", `/v1/${appointment.name}:reschedule`, { token, body: { requestId: randomUUID(), startTime, etag: appointment.etag } });
  await sent(2, appointment, staff);
  await ok(suite, "POST", `/v1/${appointment.name}:cancel`, { token, body: { requestId: randomUUID() } });
  await sent(3, appointment, staff);

  const events = await cameOf(appointment);
  assert.ok(events.every(({ verdict }) => verdict === "genuine"), JSON.stringify(events));
  const again = events.filter(({ type }) => type === "appointment.booked");
  assert.equal(again.length, 2, "refused with 500, and once more");
  assert.deepEqual(again[0], again[1], "the same in each try");
  const told = events.slice(1);
  assert.deepEqual(told.map(({ type, data }) => `${data.appointmentVersion} ${type}`), ["1 appointment.booked", "2 appointment.moved", "3 appointment.cancelled"]);
  assert.deepEqual(told.map(({ data }) => Date.parse(data.startTime)), [appointment.slot.startTime, startTime, startTime].map((time) => Date.parse(time)));
  assert.equal(new Set(told.map(({ id }) => id)).size, 3);
  assert.deepEqual((await cameOf(other.appointment)).map(({ type }) => type), ["appointment.booked", "appointment.booked"]);
  assert.doesNotMatch(JSON.stringify(events), /alex|rivera|patients\//i, "it names no patient");
});
