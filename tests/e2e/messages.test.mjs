// What becomes of messages, as operators see it: by watching on either replica, and by the metrics.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { status, watchMessages } from "../support/grpc.mjs";
import { metricsPage } from "../support/metrics.mjs";
import { until } from "../support/ports.mjs";
import { running } from "../support/running.mjs";
import { ok, walkBooked } from "../support/walk.mjs";

const here = running();

const cancel = ({ suite }, { appointment, token }) => ok(suite, "POST", `/v1/${appointment.name}:cancel`, { token, body: { requestId: randomUUID() } });

// Reads on until each of `wanted`, as "KIND STATE REASON", was told of the visit.
async function tellsAll(watching, appointment, wanted) {
  const missing = new Set(wanted);
  while (missing.size > 0) {
    const message = await watching.change();
    if (message.appointment !== appointment.name) continue;
    missing.delete(`${message.kind.slice(13)} ${message.state.slice(14)} ${message.reason}`.trim());
  }
}

test("who watches on either replica is told what both do, and goes on after a crash", { timeout: 60_000 }, async () => {
  const { suite } = here;
  const second = await suite.startReplica("notification");
  const token = suite.token("staff/desk", "staff");
  const [first, other] = [suite.target("notification"), second].map((target) => watchMessages(target, {}, token));
  await Promise.all([first.next(), other.next()]);
  const visit = await walkBooked(suite);
  await Promise.all([first, other].map((watching) => tellsAll(watching, visit.appointment, ["CONFIRMATION SENT", "CLINICIAN_BOOKING SENT"])));

  await suite.processes.get("notification").kill();
  assert.equal((await first.end()).code, status.UNAVAILABLE);
  await suite.startService("notification");
  await cancel(here, visit);
  const off = ["REMINDER_1H DROPPED APPOINTMENT_CANCELLED", "CANCELLATION SENT"];
  await tellsAll(other, visit.appointment, off);
  const resumed = watchMessages(suite.target("notification"), { resumeToken: first.token }, token);
  await tellsAll(resumed, visit.appointment, off);
  resumed.close();
  other.close();
  await suite.processes.get("notification-2").stop();
});

test("only staff, services and administrators watch messages", async () => {
  const { suite } = here;
  const watching = watchMessages(suite.target("notification"), {}, suite.token("patients/alex", "patient"));
  await assert.rejects(watching.next(), { code: status.PERMISSION_DENIED });
  watching.close();
});

test("the metrics tell how deep the queue is, how late, and what became of messages", { timeout: 60_000 }, async () => {
  const { suite } = here;
  const value = async (name) => Number(new RegExp(`^${name.replace(/[{}]/g, "\\$&")} (.*)$`, "m").exec(await metricsPage(suite.ports.notification.metrics))?.[1]);
  const visit = await walkBooked(suite);
  assert.ok((await value('notification_messages_sent_total{kind="MESSAGE_KIND_CONFIRMATION"}')) > 0);
  await suite.processes.get("mail").kill();
  await cancel(here, visit);
  for (const name of [
    'notification_messages_dropped_total{reason="APPOINTMENT_CANCELLED"}',
    'notification_messages_retried_total{reason="MAIL_UNREACHABLE"}',
    "notification_messages_queued",
    "notification_oldest_due_seconds",
  ]) {
    await until(async () => (await value(name)) > 0, 20_000, `${name} isn't counted`);
  }
  for (const name of ["notification_messages_unknown_total", 'notification_messages_dropped_total{reason="SUPERSEDED"}']) {
    assert.equal(await value(name), 0, name);
  }
  assert.doesNotMatch(await metricsPage(suite.ports.notification.metrics), /alex\.rivera|patients\//);
});
