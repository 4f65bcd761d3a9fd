// A visit in its patient's calendar, as it is booked, moved and called off: by mail and by link.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import ICAL from "ical.js";
import { until } from "../support/ports.mjs";
import { running } from "../support/running.mjs";
import { root } from "../support/suite.mjs";
import { ok, reasonOf, soreRunner, walkBooked } from "../support/walk.mjs";

const here = running();

const read = (text) => {
  const calendar = new ICAL.Component(ICAL.parse(text));
  ICAL.TimezoneService.reset();
  for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
  const event = new ICAL.Event(calendar.getFirstSubcomponent("vevent"));
  return { method: calendar.getFirstPropertyValue("method"), uid: event.uid, sequence: event.sequence, start: event.startDate.toJSDate().toISOString(), zone: event.startDate.zone.tzid };
};

// The calendar files of all mails to an address, the oldest first, as Python's parser finds them.
const mailed = (suite, address = soreRunner.contact.email) => {
  const script = path.join(root, "services/notification/testing/read_mail.py");
  const letters = JSON.parse(execFileSync("/usr/bin/python3", [script, path.join(suite.data, "mail")], { encoding: "utf8" }));
  return letters.filter(({ to }) => to[0][1] === address).flatMap(({ type, parts }) => (assert.equal(type, "multipart/alternative"), parts.filter((part) => part.type === "text/calendar")));
};

const clinicianOf = async (suite, appointment) => {
  const { email } = await ok(suite, "GET", `/v1/${appointment.slot.clinician}`, { token: suite.token("staff/front-desk", "staff") });
  return email;
};

const download = (suite, link) => fetch(suite.url + link, { signal: AbortSignal.timeout(15_000) });

test("a patient's calendar follows the visit from the booking to its end, by mail and by one link", async () => {
  const { suite } = here;
  const { appointment, token } = await walkBooked(suite);
  const file = await ok(suite, "GET", `/v1/${appointment.name}/calendarFile`, { token });
  assert.equal(file.method, "REQUEST");
  const link = file.downloadUri;
  const seen = [];
  // What the mail of this version brought and what the link serves are the same bytes.
  const look = async (version) => {
    await until(async () => mailed(suite).length === version, 10_000, `the mail of version ${version} didn't come`);
    // Two mails of one moment are caught in any order.
    const part = mailed(suite).find(({ text }) => read(text).sequence === version - 1);
    const served = await download(suite, link);
    assert.equal(served.status, 200);
    assert.equal(served.headers.get("content-type"), `text/calendar; charset=utf-8; method=${part.method}`);
    assert.equal(served.headers.get("content-disposition"), 'attachment; filename="calendar.ics"');
    assert.equal(served.headers.get("cache-control"), "private, no-cache");
    const text = await served.text();
    assert.equal(part.text, text);
    seen.push({ ...read(text), declared: part.method });
  };
  await look(1);

  const search = { patientState: soreRunner.contact.state, patientAgeYears: soreRunner.contact.ageYears, visitType: appointment.slot.visitType, clinician: appointment.slot.clinician };
  const [{ startTime }] = (await ok(suite, "POST", "/v1/slots:search", { token, body: search })).slots;
  await ok(suite, "POST", `/v1/${appointment.name}:reschedule`, { token, body: { requestId: randomUUID(), startTime } });
  await look(2);
  await ok(suite, "POST", `/v1/${appointment.name}:cancel`, { token, body: { requestId: randomUUID() } });
  await look(3);

  const uid = appointment.name.split("/")[1];
  const instant = (time) => new Date(time).toISOString();
  const zone = soreRunner.contact.timeZone;
  const email = await clinicianOf(suite, appointment);
  await until(async () => mailed(suite, email).length === 3, 10_000, "the clinician wasn't told three times");
  const theirs = mailed(suite, email).map(({ text, method }) => ({ ...read(text), declared: method })).sort((a, b) => a.sequence - b.sequence);
  assert.deepEqual(theirs.map(({ uid, sequence, declared }) => [uid, sequence, declared]), [[uid, 0, "REQUEST"], [uid, 1, "REQUEST"], [uid, 2, "CANCEL"]]);
  assert.ok(mailed(suite, email).every(({ text }) => !text.includes(soreRunner.contact.displayName) && !text.includes(soreRunner.contact.email)));
  assert.deepEqual(seen, [
    { method: "REQUEST", uid, sequence: 0, start: instant(appointment.slot.startTime), zone, declared: "REQUEST" },
    { method: "REQUEST", uid, sequence: 1, start: instant(startTime), zone, declared: "REQUEST" },
    { method: "CANCEL", uid, sequence: 2, start: instant(startTime), zone, declared: "CANCEL" },
  ]);
});

test("no other link opens a calendar file, and each try is audited", async () => {
  const { suite } = here;
  const { appointment, token } = await walkBooked(suite);
  const { downloadUri } = await ok(suite, "GET", `/v1/${appointment.name}/calendarFile`, { token });
  assert.ok(!downloadUri.includes("alex"));
  const nobodys = `appointments/${randomUUID()}`;
  for (const link of [downloadUri.slice(0, -1), `${downloadUri.slice(0, -2)}xx`, downloadUri.replace(appointment.name, nobodys), downloadUri.split("?")[0]]) {
    const refused = await download(suite, link);
    assert.equal(refused.status, 403);
    assert.equal(refused.headers.get("content-type"), "application/json");
    assert.equal(reasonOf(await refused.json()), "CALENDAR_LINK_INVALID");
  }
  const other = await suite.http("GET", `/v1/${appointment.name}/calendarFile`, { token: suite.token("patients/sam", "patient") });
  assert.equal(reasonOf(other.body), "NOT_YOURS");
  const audit = readFileSync(path.join(suite.data, "booking.audit.log"), "utf8").trim().split("\n").map((line) => JSON.parse(line));
  const tries = audit.filter(({ event, reason }) => event === "calendar_file.download" && reason === "CALENDAR_LINK_INVALID");
  assert.equal(tries.length, 4);
  const token43 = downloadUri.split("token=")[1];
  for (const log of ["booking.audit.log", "logs/booking.log", "logs/gateway.log"]) {
    assert.ok(!readFileSync(path.join(suite.data, log), "utf8").includes(token43), `${log} has the link's token`);
  }
});
