// The product's main job, step by step over the public port, as a clinic's frontend would do it.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { until } from "./ports.mjs";

// Offers come the best first; of those, the one that begins last.
export const latestOf = (offers) => offers.reduce((latest, offer) => (Date.parse(offer.startTime) > Date.parse(latest.startTime) ? offer : latest));

export const soreRunner = {
  contact: {
    displayName: "Alex Rivera",
    email: "alex.rivera@example.com",
    timeZone: "America/Los_Angeles",
    state: "CA",
    ageYears: 34,
    languageCode: "en",
  },
  presentation: {
    ageYears: 34,
    sex: "SEX_MALE",
    durationDays: 5,
    painSeverity: 5,
    findings: [
      { code: "pain_on_every_run", presence: "PRESENCE_PRESENT" },
      { code: "saddle_numbness", presence: "PRESENCE_ABSENT" },
      { code: "extreme_leg_weakness", presence: "PRESENCE_ABSENT" },
      { code: "loss_of_bladder_or_bowel_control", presence: "PRESENCE_ABSENT" },
    ],
  },
};

export const numbPatient = {
  contact: { ...soreRunner.contact, displayName: "Sam Okafor", email: "sam.okafor@example.com" },
  presentation: { ...soreRunner.presentation, findings: [{ code: "saddle_numbness", presence: "PRESENCE_PRESENT" }] },
};

// Sends a request that must succeed and returns its answer.
export async function ok(suite, method, route, options) {
  const { status, body } = await suite.http(method, route, options);
  assert.equal(status, 200, `${method} ${route}: ${JSON.stringify(body)}`);
  return body;
}

export const reasonOf = (body) => body?.error?.details?.find((detail) => detail.reason)?.reason;

// From a sore back to a booked visit with its confirmation in the mailbox.
export async function walkBooked(suite, say = () => {}) {
  const token = suite.token("patients/alex", "patient");
  say("Alex, who runs, has had a sore back for five days and asks for a virtual visit.");
  const consult = await ok(suite, "POST", "/v1/consults", { token, body: { requestId: randomUUID(), ...soreRunner } });
  assert.equal(consult.state, "CONSULT_STATE_OFFERED");
  const { assessment } = consult;
  say(`Triage: ${assessment.headline}`);
  for (const rule of assessment.firedRules ?? []) say(`  because: ${rule.note} (${rule.sources[0].title})`);
  if (assessment.causes?.length) say(`  likely causes: ${assessment.causes.map((cause) => cause.title).join(", ")}`);
  say(`  advice: ${assessment.advice[0].text}`);
  say("  in any case:");
  for (const line of assessment.safetyNet.split("\n")) say(`    ${line}`.trimEnd());
  for (const name of consult.articles ?? []) {
    const article = await ok(suite, "GET", `/v1/${name}`, {});
    say(`Good reading: "${article.title}", ${article.readingMinutes} min, ${suite.url}/v1/${name}`);
  }
  assert.ok(consult.articles?.length, "no reading");
  for (const offer of consult.offers) say(`Offered: ${offer.clinicianDisplayName}, ${offer.startTime}`);
  // The latest, so that reminders lie ahead.
  const offer = latestOf(consult.offers);
  const booked = await ok(suite, "POST", `/v1/${consult.name}:chooseSlot`, {
    token,
    body: { requestId: randomUUID(), clinician: offer.clinician, startTime: offer.startTime },
  });
  assert.equal(booked.state, "CONSULT_STATE_BOOKED");
  const appointment = await ok(suite, "GET", `/v1/${booked.appointment}`, { token });
  assert.equal(appointment.state, "APPOINTMENT_STATE_BOOKED");
  say(`Booked: ${appointment.slot.clinicianDisplayName}, ${appointment.slot.startTime} (${appointment.name})`);

  const staff = suite.token("staff/front-desk", "staff");
  const listed = () => ok(suite, "GET", `/v1/messages?appointment=${booked.appointment}`, { token: staff });
  const sent = await until(
    async () => {
      const { messages = [] } = await listed();
      return messages.some(({ kind, state }) => kind === "MESSAGE_KIND_CONFIRMATION" && state === "MESSAGE_STATE_SENT") && messages;
    },
    20_000,
    "the confirmation wasn't sent",
  );
  for (const message of sent) say(`Message: ${message.kind}, ${message.state}, due ${message.dueTime}`);
  const mail = suite.mails().findLast((text) => text.includes(soreRunner.contact.email));
  assert.ok(mail, "the confirmation didn't arrive");
  say("The mail that arrived:");
  for (const line of mail.split("\n").filter((text) => /^(From|To|Subject|Date):/.test(text))) say(`  ${line}`);
  const file = /^Content-Type: text\/calendar;[^\n]*method=(\w+)/im.exec(mail.replaceAll(/\r?\n[ \t]+/g, " "));
  assert.ok(file, "the confirmation has no calendar file");
  say(`  with a calendar file (${file[1]})`);
  return { consult: booked, appointment, token };
}

// A dangerous case: told to get help, and nothing booked by any route.
export async function walkEmergency(suite, say = () => {}) {
  const token = suite.token("patients/sam", "patient");
  say("Sam has gone numb between the legs since this morning and asks for a virtual visit.");
  const consult = await ok(suite, "POST", "/v1/consults", { token, body: { requestId: randomUUID(), ...numbPatient } });
  assert.equal(consult.state, "CONSULT_STATE_EMERGENCY");
  assert.equal(consult.offers, undefined);
  say(`Told to Sam: ${consult.guidance}`);
  const { status, body } = await suite.http("POST", `/v1/${consult.name}:chooseSlot`, {
    token,
    body: { requestId: randomUUID(), clinician: "clinicians/maya-chen", startTime: new Date(Date.now() + 3_600_000).toISOString() },
  });
  assert.equal(status, 400);
  assert.equal(reasonOf(body), "EMERGENCY_NOT_BOOKABLE");
  say(`Asking for a time all the same is refused: ${reasonOf(body)}.`);
  return { consult, token };
}
