// That the judge of notification_outbox finds each fault that is put into a run, and nothing in a run without one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TOO_LATE_SHARE, UNDER_WAY, judge } from "./outbox_judge.mjs";

const SCALE = 120;
const MINUTE = 60_000;
const VISITS = 200;

// Visits that were told of as they should be; the first was called off, the second moved, after a real second.
class Run {
  visits = new Map();
  taken = [];
  letters = [];
  kills = [];
  messages = [];

  constructor() {
    for (let number = 0; number < VISITS; number += 1) this.#add(number);
  }

  #add(number) {
    const id = `${number}`;
    const start = 90 * MINUTE;
    const visit = { version: 1, state: "BOOKED", start, phone: `+1200${number}`, ended: new Map(), starts: new Map([[1, start]]) };
    this.visits.set(id, visit);
    this.send(id, 1, "CONFIRMATION", 100);
    if (number > 1) return this.send(id, 1, "REMINDER_1H", 15_500);
    this.plan(id, 1, "REMINDER_1H", "DROPPED", number === 0 ? "APPOINTMENT_CANCELLED" : "SUPERSEDED");
    visit.ended.set(1, 1000);
    visit.version = 2;
    visit.starts.set(2, start);
    if (number === 0) visit.state = "CANCELLED";
    for (const [kind, at] of number === 0 ? [["CANCELLATION", 1100]] : [["CONFIRMATION", 1100], ["REMINDER_1H", 15_500]]) this.send(id, 2, kind, at);
  }

  plan(id, version, kind, state, reason = "", updated = 0) {
    const updateTime = { seconds: `${Math.floor(updated / 1000)}`, nanos: (updated % 1000) * 1e6 };
    const message = { name: `messages/${this.messages.length}`, appointment: `appointments/${id}`, appointmentVersion: `${version}`, kind: `MESSAGE_KIND_${kind}`, state: `MESSAGE_STATE_${state}`, reason, updateTime };
    this.messages.push(message);
    return message;
  }

  // `at` is real.
  take(message, at) {
    const to = this.visits.get(message.appointment.split("/")[1])?.phone;
    this.taken.push({ to, at, callback: `https://clinic.example/status?message=${message.name.split("/")[1]}` });
  }

  send(id, version, kind, at) {
    this.take(this.plan(id, version, kind, "SENT"), at);
  }

  of(id, version, kind) {
    return this.messages.find((one) => one.appointment === `appointments/${id}` && one.appointmentVersion === `${version}` && one.kind === `MESSAGE_KIND_${kind}`);
  }

  // As if no try of it had ever come through.
  untake(message) {
    this.taken = this.taken.filter(({ callback }) => !callback.endsWith(`=${message.name.split("/")[1]}`));
  }

  // Dropped as too late, which is true from the visit's begin on.
  late(message, at = this.visits.get(message.appointment.split("/")[1]).start) {
    this.untake(message);
    Object.assign(message, { state: "MESSAGE_STATE_DROPPED", reason: "VISIT_BEGUN", updateTime: { seconds: `${Math.floor(at / 1000)}`, nanos: (at % 1000) * 1e6 } });
  }

  judged() {
    return judge({ visits: this.visits, taken: this.taken, letters: this.letters, kills: this.kills, now: (at) => at * SCALE, perHour: 3, messages: this.messages });
  }
}

// That only `kind` of fault is found, so often, and the run fails.
function finds(run, kind, count = 1) {
  const { found, failed } = run.judged();
  const counted = Object.fromEntries(Object.entries(found).map(([name, list]) => [name, list.length]));
  const expected = Object.fromEntries(Object.keys(found).map((name) => [name, name === kind ? count : 0]));
  assert.deepEqual(counted, expected);
  assert.equal(failed, true);
}

test("a run that did what it should passes", () => {
  const { found, counts, failed } = new Run().judged();
  assert.deepEqual(Object.values(found).flat(), []);
  assert.equal(counts.tooLate, 0);
  assert.equal(failed, false);
});

test("finds what was lost: called sent, dropped for no reason, sent by nobody, or never planned", () => {
  const sent = new Run();
  sent.untake(sent.of(7, 1, "REMINDER_1H"));
  finds(sent, "lost");

  const dropped = new Run();
  const message = dropped.of(7, 1, "CONFIRMATION");
  dropped.untake(message);
  Object.assign(message, { state: "MESSAGE_STATE_DROPPED", reason: "SUPERSEDED" });
  finds(dropped, "lost");

  const unknown = new Run();
  unknown.take({ name: "messages/unknown", appointment: "appointments/none" }, 100);
  finds(unknown, "lost");

  const unplanned = new Run();
  unplanned.untake(unplanned.of(7, 1, "REMINDER_1H"));
  unplanned.messages.splice(unplanned.messages.indexOf(unplanned.of(7, 1, "REMINDER_1H")), 1);
  finds(unplanned, "lost");

  const late = new Run();
  late.late(late.of(0, 2, "CANCELLATION"));
  finds(late, "lost");
});

test("finds what was sent twice", () => {
  const run = new Run();
  run.take(run.of(7, 1, "CONFIRMATION"), 200);
  finds(run, "duplicates");
});

test("counts a letter that a killed service may have sent before, and finds any other that came twice", () => {
  const mailed = (...times) => {
    const run = new Run();
    const message = run.of(7, 1, "CONFIRMATION");
    run.untake(message);
    run.letters = times.map((at) => ({ message: message.name, to: "7@example.com", at }));
    return run;
  };
  const explained = mailed(9000, 100, 5000);
  explained.kills = [90, 6000];
  assert.equal(explained.judged().failed, false);
  assert.equal(explained.judged().counts.lettersRepeated, 1);
  finds(mailed(100, 5000), "duplicates");
  const twiceAfterOneKill = mailed(100, 5000, 9000);
  twiceAfterOneKill.kills = [200];
  finds(twiceAfterOneKill, "duplicates");
});

test("finds what was handed over later after a cancellation than a try that was under way could be", () => {
  const ended = 1000;
  const handedOver = (late) => {
    const run = new Run();
    const message = run.of(0, 1, "CONFIRMATION");
    run.untake(message);
    run.take(message, ended + late / SCALE);
    return run;
  };
  assert.equal(handedOver(UNDER_WAY).judged().failed, false);
  assert.equal(handedOver(UNDER_WAY).judged().counts.longestUnderWayMs, UNDER_WAY);
  finds(handedOver(UNDER_WAY + SCALE), "afterCancel");
});

test("finds that more was too late than chance explains", () => {
  const withLate = (count) => {
    const run = new Run();
    for (let number = 2; number < 2 + count; number += 1) run.late(run.of(number, 1, "REMINDER_1H"));
    return run.judged();
  };
  const most = Math.ceil(new Run().messages.length * TOO_LATE_SHARE);
  assert.equal(withLate(most).failed, false);
  assert.equal(withLate(most).counts.tooLate, most);
  assert.equal(withLate(most + 1).failed, true);
});

test("finds a dispatcher that sends nothing in time", () => {
  const run = new Run();
  for (const message of run.messages) {
    if (message.state === "MESSAGE_STATE_SENT" && message.kind !== "MESSAGE_KIND_CANCELLATION") run.late(message);
  }
  assert.equal(run.judged().failed, true);
});

test("finds that a confirmation was called too late while its visit was ahead", () => {
  const run = new Run();
  run.late(run.of(7, 1, "CONFIRMATION"), 90 * MINUTE - 1);
  finds(run, "untrue");
});

test("finds what was dropped by a dispatcher that could have asked, and counts what an event dropped in doubt", () => {
  const asked = new Run();
  const late = asked.of(7, 1, "REMINDER_1H");
  asked.late(late);
  asked.take(late, 40_000);
  finds(asked, "sentAndDropped");

  const doubt = new Run();
  Object.assign(doubt.of(0, 1, "CONFIRMATION"), { state: "MESSAGE_STATE_DROPPED", reason: "APPOINTMENT_CANCELLED" });
  assert.equal(doubt.judged().failed, false);
  assert.equal(doubt.judged().counts.droppedInDoubt, 1);
});

test("finds what still waits, and a telephone that got too much in an hour", () => {
  const waiting = new Run();
  const message = waiting.of(7, 1, "REMINDER_1H");
  waiting.untake(message);
  message.state = "MESSAGE_STATE_DEAD";
  finds(waiting, "unsettled");

  const rate = new Run();
  for (let count = 0; count < 3; count += 1) rate.send(1, 2, "REMINDER_24H", 1500);
  finds(rate, "overRate");
});

test("a text that another brought word for word is not lost, one that says another time is", () => {
  const run = new Run();
  run.untake(run.of("1", 2, "CONFIRMATION"));
  const same = run.judged();
  assert.deepEqual([same.found.lost, same.counts.saidBefore, same.failed], [[], 1, false]);
  run.visits.get("1").starts.set(2, 91 * MINUTE);
  const other = run.judged();
  assert.equal(other.found.lost.length, 1);
  assert.equal(other.failed, true);
});
