// An interview over the public port, answered as two patients would.
import assert from "node:assert/strict";
import { test } from "node:test";
import { running } from "../support/running.mjs";
import { ok } from "../support/walk.mjs";

const here = running();

// Answers every question with what `patient` has, and no to the rest. Returns the ids asked, the last answer and what is known.
async function interview(suite, patient) {
  const token = suite.token("patients/riley", "patient");
  const presentation = { findings: [] };
  const asked = [];
  while (asked.length < 40) {
    const next = await ok(suite, "POST", "/v1/triage:nextQuestion", { token, body: { presentation } });
    const { question } = next;
    if (!question) return { asked, level: next.level, presentation };
    asked.push(question.id);
    if (question.sex) presentation.sex = patient.sex;
    else if (question.quantity === "QUANTITY_AGE_YEARS") presentation.ageYears = patient.age;
    else if (question.quantity === "QUANTITY_DURATION_DAYS") presentation.durationDays = patient.days;
    else {
      for (const { code } of question.choices) {
        const presence = patient.has.includes(code) ? "PRESENCE_PRESENT" : "PRESENCE_ABSENT";
        presentation.findings.push({ code, presence });
      }
    }
  }
  throw new Error(`the interview never ends: ${asked}`);
}

test("sore after yesterday's run and nothing else: care at home within 15 questions", async () => {
  const { asked, level, presentation } = await interview(here.suite, { has: ["runner"], age: 34, sex: "SEX_FEMALE", days: 1 });
  assert.equal(level, "LEVEL_SELF_CARE");
  assert.ok(asked.length <= 15, asked.join(", "));
  const token = here.suite.token("patients/riley", "patient");
  const body = { presentation, languageCode: "es" };
  const assessment = await ok(here.suite, "POST", "/v1/triage:assess", { token, body });
  assert.equal(assessment.level, "LEVEL_SELF_CARE");
  assert.equal(assessment.languageCode, "es");
  const replayed = await ok(here.suite, "POST", "/v1/triage:replay", {
    token: here.suite.token("staff/kim", "staff"),
    body: { presentation, assessment },
  });
  assert.equal(replayed.identical, true);
});

test("numb between the legs since this morning: the first answer ends it with an emergency", async () => {
  const numb = { has: ["saddle_numbness"], age: 51, sex: "SEX_MALE", days: 0 };
  const { asked, level } = await interview(here.suite, numb);
  assert.equal(level, "LEVEL_EMERGENCY");
  assert.equal(asked.length, 1);
});
