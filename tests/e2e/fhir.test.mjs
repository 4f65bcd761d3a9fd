// FHIR R4 on the public port, by the clients that FHIR's programs use, unmodified: fhirclient (SMART) and Medplum's. Every
// resource that comes is validated twice.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import path from "node:path";
import { test } from "node:test";
import { answersOf, baseOf, medplumClient, outcomeOf, parameters, refusal, resourcesOf, smartClient, valid } from "../support/fhir.mjs";
import { running } from "../support/running.mjs";
import { numbPatient, soreRunner } from "../support/walk.mjs";

const here = running();

const patientToken = (name) => here.suite.token(`patients/${name}`, "patient");
const post = (client, operation, values) =>
  client.request({ url: `Appointment/$${operation}`, method: "POST", headers: { "content-type": "application/fhir+json" }, body: JSON.stringify(parameters(values)) });

// Answers the questionnaire as `person`; the id of what came of it.
async function ask(client, person = soreRunner) {
  const made = valid(await client.create(answersOf(person)));
  assert.equal(made.resourceType, "QuestionnaireResponse");
  return made.id;
}

const assessment = (id) => ({ reference: `RiskAssessment/${id}` });
const proposals = async (client, id, more = {}) => resourcesOf(await post(client, "find", { "risk-assessment": assessment(id), ...more }));
const last = (list) => list[list.length - 1];

// What fhirclient throws of a refusal.
async function refused(promise) {
  const error = await promise.then(
    () => assert.fail("it was let through"),
    (thrown) => thrown,
  );
  assert.ok(error.status, error.stack);
  return { status: error.status, ...outcomeOf(JSON.parse(error.message.slice(error.message.indexOf("{")))) };
}

test("the capability statement lists what works, to anybody", async () => {
  const { pages } = (await here.suite.http("GET", "/")).body;
  assert.ok(pages.includes("/fhir/R4/metadata"), pages.join());
  const response = await fetch(`${baseOf(here.suite)}/metadata`);
  assert.equal(response.headers.get("content-type"), "application/fhir+json; charset=utf-8");
  const statement = valid(await response.json());
  assert.equal(statement.fhirVersion, "4.0.1");
  const [{ resource: resources }] = statement.rest;
  const types = resources.map(({ type }) => type);
  assert.deepEqual([...types].sort(), ["Appointment", "Practitioner", "Questionnaire", "QuestionnaireResponse", "RiskAssessment", "Schedule", "Slot", "Task"]);
  const id = randomUUID();
  for (const { type, interaction, operation = [] } of resources) {
    for (const { code } of interaction) {
      const [method, where] = { read: ["GET", `${type}/${id}`], "search-type": ["GET", type], create: ["POST", type], update: ["PUT", `${type}/${id}`] }[code];
      const body = method === "GET" ? undefined : "{}";
      const { status, reason } = await refusal(here.suite, method, where, { token: "no token", body });
      assert.ok([400, 401].includes(status), `${method} ${where}: ${status} ${reason}`);
    }
    for (const { name } of operation) {
      const { status } = await refusal(here.suite, "POST", `${type}/$${name}`, { token: "no token", body: parameters({ a: soreRunner.contact.email }) });
      assert.equal(status, 400);
    }
  }
});

test("by fhirclient: from questions to a visit, and its cancellation", async () => {
  const client = smartClient(here.suite, patientToken("alex"));
  const questionnaire = valid(await client.request("Questionnaire/low-back-pain"));
  assert.deepEqual(resourcesOf(await client.request("Questionnaire")), [questionnaire]);
  const linkIds = questionnaire.item.map(({ linkId }) => linkId);
  for (const { linkId } of answersOf(soreRunner).item) assert.ok(linkIds.includes(linkId), linkId);

  const id = await ask(client);
  const again = valid(await client.request(`QuestionnaireResponse/${id}`));
  assert.deepEqual([...again.item].sort(byLinkId), [...answersOf(soreRunner).item].sort(byLinkId));
  const risk = valid(await client.request(`RiskAssessment/${id}`));
  assert.equal(risk.subject.reference, "Patient/alex");
  assert.equal(risk.method.coding[0].code, "guideline");
  assert.equal(risk.method.coding[0].version, questionnaire.version);
  const task = valid(await client.request(`Task/${id}`));
  assert.equal(task.status, "ready");
  assert.equal(task.businessStatus.coding[0].code, "OFFERED");

  const found = await proposals(client, id, { start: new Date().toISOString(), end: new Date(Date.now() + 14 * 86_400_000).toISOString() });
  const wanted = last(found);
  assert.equal(wanted.status, "proposed");
  const [held] = resourcesOf(await post(client, "hold", { "appointment-reference": { reference: `Appointment/${wanted.id}` } }));
  assert.equal(held.status, "pending");
  assert.equal(held.start, wanted.start);
  const [booked] = resourcesOf(await post(client, "book", { "appointment-reference": { reference: `Appointment/${held.id}` } }));
  assert.equal(booked.status, "booked");
  assert.equal(booked.start, wanted.start);
  const [repeated] = resourcesOf(await post(client, "book", { "appointment-reference": { reference: `Appointment/${held.id}` } }));
  assert.equal(repeated.id, booked.id);

  const read = valid(await client.request(`Appointment/${booked.id}`));
  assert.deepEqual(read, booked);
  const listed = resourcesOf(await client.request("Appointment"));
  assert.ok(listed.some((one) => one.id === booked.id));

  const cancel = (version) => client.update({ ...read, status: "cancelled" }, { headers: { "if-match": `W/"${version}"` } });
  const stale = await refused(cancel("v0"));
  assert.equal(stale.status, 412);
  assert.equal(stale.reason, "ETAG_MISMATCH");
  const cancelled = valid(await cancel(read.meta.versionId));
  assert.equal(cancelled.status, "cancelled");
  assert.notEqual(cancelled.meta.versionId, read.meta.versionId);
  const over = await refused(cancel(cancelled.meta.versionId));
  assert.equal(over.status, 422);
  assert.equal(over.reason, "NOT_BOOKED");
});

const byLinkId = (a, b) => a.linkId.localeCompare(b.linkId);

test("by Medplum's client: a proposed appointment is booked as it is, and taken from then on", async () => {
  const { suite } = here;
  const medplum = medplumClient(suite, patientToken("robin"));
  const answers = valid(await medplum.createResource(answersOf(soreRunner)));
  const found = resourcesOf(await medplum.post(medplum.fhirUrl("Appointment", "$find"), parameters({ "risk-assessment": assessment(answers.id) })));
  const wanted = found[Math.floor(found.length / 2)];
  const [booked] = resourcesOf(await medplum.post(medplum.fhirUrl("Appointment", "$book"), parameters({ appointment: wanted })));
  assert.equal(booked.status, "booked");
  assert.deepEqual(await medplum.readResource("Appointment", booked.id), booked);

  const other = medplumClient(suite, patientToken("kim"));
  const theirs = await other.createResource(answersOf(soreRunner));
  const same = { ...wanted, id: undefined, supportingInformation: [assessment(theirs.id)], participant: wanted.participant.slice(1) };
  for (const operation of ["$hold", "$book"]) {
    await assert.rejects(other.post(other.fhirUrl("Appointment", operation), parameters({ appointment: same })), ({ outcome }) => {
      const { code, reason } = outcomeOf(outcome);
      assert.equal(code, "conflict");
      assert.equal(reason, "SLOT_TAKEN");
      return true;
    });
  }
  const { status } = await refusal(suite, "POST", "Appointment/$hold", { token: patientToken("kim"), body: parameters({ appointment: same }) });
  assert.equal(status, 409);

  const [called] = resourcesOf(await medplum.post(medplum.fhirUrl("Appointment", "$book"), parameters({ appointment: { ...booked, status: "cancelled" } }))
    .then((one) => ({ resourceType: "Bundle", type: "collection", entry: [{ resource: one }] })));
  assert.equal(called.status, "cancelled");
});

test("a slot is found of a schedule and isn't once it is held; what is held is given back", async () => {
  const { suite } = here;
  const medplum = medplumClient(suite, patientToken("lee"));
  const schedules = resourcesOf(await medplum.search("Schedule", "actor=Practitioner/maya-chen"));
  assert.equal(schedules.length, 1);
  const practitioner = valid(await medplum.readResource("Practitioner", "maya-chen"));
  assert.ok(practitioner.qualification.length > 0);
  assert.ok(resourcesOf(await medplum.search("Practitioner")).length > 1);

  const free = async () => resourcesOf(await medplum.search("Slot", "schedule=Schedule/maya-chen&_count=200", { cache: "reload" }));
  const slots = await free();
  assert.ok(slots.length > 2);
  assert.ok(slots.every(({ schedule, status }) => schedule.reference === "Schedule/maya-chen" && status === "free"));
  const { id } = await medplum.createResource(answersOf(soreRunner));
  const found = resourcesOf(await medplum.post(medplum.fhirUrl("Appointment", "$find"), parameters({ "risk-assessment": assessment(id), practitioner: { reference: "Practitioner/maya-chen" } })));
  const wanted = last(found);
  assert.ok(slots.some((slot) => `Slot/${slot.id}` === wanted.slot[0].reference));
  const [held] = resourcesOf(await medplum.post(medplum.fhirUrl("Appointment", "$hold"), parameters({ appointment: wanted })));
  medplum.invalidateAll();
  assert.ok(!(await free()).some((slot) => slot.start === wanted.start));
  const given = valid(await medplum.updateResource({ ...held, status: "cancelled" }));
  assert.equal(given.status, "cancelled");
  medplum.invalidateAll();
  assert.ok((await free()).some((slot) => slot.start === wanted.start));
});

test("lists go on page by page, each resource once", async () => {
  const medplum = medplumClient(here.suite, patientToken("lee"));
  const starts = [];
  let pages = 0;
  for await (const page of medplum.searchResourcePages("Slot", "schedule.actor=Practitioner/maya-chen&_count=3")) {
    for (const slot of page) starts.push(valid(slot).start);
    if (++pages === 4) break;
  }
  assert.equal(starts.length, 12);
  assert.deepEqual(starts, [...new Set(starts)].sort());
});

test("an emergency is told to get help, and no time can be had for it", async () => {
  const client = smartClient(here.suite, patientToken("sam"));
  const id = await ask(client, numbPatient);
  const risk = valid(await client.request(`RiskAssessment/${id}`));
  assert.match(risk.prediction[0].qualitativeRisk.coding[0].code, /^EMERGENCY/);
  const task = valid(await client.request(`Task/${id}`));
  assert.equal(task.priority, "stat");
  assert.equal(task.businessStatus.coding[0].code, "EMERGENCY");
  const wanted = { resourceType: "Appointment", status: "proposed", start: new Date(Date.now() + 86_400_000).toISOString(), participant: [{ actor: { reference: "Practitioner/maya-chen" }, status: "accepted" }], supportingInformation: [assessment(id)] };
  for (const attempt of [() => proposals(client, id), () => post(client, "hold", { appointment: wanted }), () => post(client, "book", { appointment: wanted })]) {
    const { status, code, reason, text } = await refused(attempt());
    assert.deepEqual([status, code, reason], [422, "business-rule", "EMERGENCY_NOT_BOOKABLE"]);
    assert.match(text, /911/);
  }
});

test("what the consult offers is booked by the consult, once", async () => {
  const client = smartClient(here.suite, patientToken("uma"));
  const id = await ask(client);
  const { offers } = (await here.suite.http("GET", `/v1/consults/${id}`, { token: patientToken("uma") })).body;
  const times = offers.map(({ clinician, startTime }) => `${clinician} ${Date.parse(startTime)}`);
  const found = await proposals(client, id, { end: new Date(Math.max(...offers.map(({ startTime }) => Date.parse(startTime)))).toISOString() });
  const wanted = found.find(({ start, participant }) => times.includes(`clinicians/${participant[1].actor.reference.split("/")[1]} ${Date.parse(start)}`));
  const book = async () => resourcesOf(await post(client, "book", { "appointment-reference": { reference: `Appointment/${wanted.id}` } }))[0];
  const booked = await book();
  assert.equal(booked.status, "booked");
  const task = valid(await client.request(`Task/${id}`));
  assert.equal(task.status, "accepted");
  assert.equal(task.output[0].valueReference.reference, `Appointment/${booked.id}`);
  assert.equal((await book()).id, booked.id);
});

test("the staff has a worklist of tasks, the most urgent first", async () => {
  const { suite } = here;
  const patient = smartClient(suite, patientToken("remote"));
  // Nobody of the sample is licensed there.
  const id = await ask(patient, { ...soreRunner, contact: { ...soreRunner.contact, state: "GU" } });
  const staff = smartClient(suite, suite.token("staff/front-desk", "staff"));
  const queue = resourcesOf(await staff.request("Task?owner:missing=true&_sort=-priority"));
  const waiting = queue.find((one) => one.id === id);
  assert.equal(waiting.status, "requested");
  assert.equal(waiting.businessStatus.coding[0].code, "ESCALATED");
  assert.equal(waiting.for.reference, "Patient/remote");
  assert.ok(waiting.restriction.period.end);
  const requested = resourcesOf(await staff.request("Task?status=requested"));
  assert.ok(requested.length > 0 && requested.every(({ status }) => status === "requested"));
  const own = await staff.request({ url: "Task/_search", method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: "patient=Patient/remote" });
  assert.deepEqual(resourcesOf(own).map((one) => one.id), [id]);
  const clinician = smartClient(suite, suite.token("clinicians/maya-chen", "clinician"));
  for (const task of resourcesOf(await clinician.request("Task?owner=Practitioner/maya-chen"))) assert.equal(task.owner.reference, "Practitioner/maya-chen");
  assert.deepEqual(resourcesOf(await smartClient(suite, patientToken("nobody-yet")).request("Task")), []);
});

test("nobody, a forged token and another patient are refused in FHIR's words", async () => {
  const { suite } = here;
  const client = smartClient(suite, patientToken("owner"));
  const id = await ask(client);
  const [booked] = resourcesOf(await post(client, "book", { appointment: last(await proposals(client, id)) }));
  const key = path.join(suite.data, "fhir-forger.pem");
  suite.lumbar("keys", "generate", "--kid", "issuer", "--private", key, "--jwks", path.join(suite.data, "fhir-forger.json"));
  const forged = suite.lumbar("token", "--key", key, "--kid", "issuer", "--subject", "patients/owner", "--role", "patient").trim();
  const eve = patientToken("eve");
  const body = { ...booked, status: "cancelled" };
  const asked = [["GET", `Appointment/${booked.id}`], ["PUT", `Appointment/${booked.id}`, body], ["GET", `Task/${id}`], ["GET", `RiskAssessment/${id}`], ["GET", `QuestionnaireResponse/${id}`],
    ["POST", "Appointment/$find", parameters({ "risk-assessment": assessment(id) })], ["GET", `Appointment/$find?risk-assessment=RiskAssessment/${id}`]];
  for (const [method, where, sent] of asked) {
    for (const [token, status, code] of [[undefined, 401, "login"], [forged, 401, "login"], [eve, 403, "forbidden"]]) {
      const answer = await refusal(suite, method, where, { token, body: sent });
      assert.deepEqual([answer.status, answer.code], [status, code], `${method} ${where}: ${JSON.stringify(answer)}`);
      assert.ok(status !== 401 || answer.headers.get("www-authenticate"));
    }
  }
  const gone = await refusal(suite, "GET", `Appointment/${randomUUID()}`, { token: eve });
  assert.deepEqual([gone.status, gone.code], [404, "not-found"]);
  const search = { token: eve, headers: { "content-type": "application/x-www-form-urlencoded" }, body: "patient=Patient/owner" };
  assert.equal((await refusal(suite, "POST", "Appointment/_search", search)).status, 403);
  assert.equal(valid(await client.request(`Appointment/${booked.id}`)).status, "booked");
});

test("what is wrong is told with its place", async () => {
  const { suite } = here;
  const token = patientToken("lee");
  const answers = answersOf(soreRunner);
  const wrong = [
    ["POST", "QuestionnaireResponse", { ...answers, item: [{ linkId: "age_years", answer: [{ valueInteger: "34" }] }] }, 400, "QuestionnaireResponse.item[0].answer[0].valueInteger"],
    ["POST", "QuestionnaireResponse", { ...answers, contained: [] }, 400, "QuestionnaireResponse.contained"],
    ["POST", "QuestionnaireResponse", { ...answers, contained: [{ ...answers.contained[0], address: [{ ...answers.contained[0].address[0], state: "California" }] }] }, 400, "QuestionnaireResponse.contained.address.state"],
    ["POST", "QuestionnaireResponse", { ...answers, item: [{ linkId: "purple_toe", answer: [{ valueBoolean: true }] }] }, 400, "QuestionnaireResponse.item"],
    ["POST", "Appointment/$hold", parameters({ appointment: { resourceType: "Appointment", start: "tomorrow" } }), 400, "Appointment.start"],
    ["POST", "Appointment/$hold", { resourceType: "Patient" }, 400, "Parameters.resourceType"],
    ["GET", "Slot", undefined, 400, "http.schedule"],
    ["GET", "Slot?schedule=Schedule/maya-chen&start=soon", undefined, 400, "http.start"],
    ["GET", "Appointment?patient=Patient/lee", undefined, 400, "http.patient"],
    ["GET", "Appointment?colour=blue", undefined, 400, "http.colour"],
    ["PUT", `Appointment/${randomUUID()}`, { resourceType: "Appointment", id: "x", status: "cancelled" }, 400, "Appointment.id"],
    ["POST", "Appointment/$hold", "{", 400, undefined],
    ["POST", "Appointment/$hold", '{"a":1,"a":2}', 400, undefined],
    ["GET", "Patient/lee", undefined, 404, undefined],
    ["DELETE", "Appointment/x", undefined, 405, undefined],
  ];
  for (const [method, where, body, status, expression] of wrong) {
    const answer = await refusal(suite, method, where, { token, body });
    assert.deepEqual([answer.status, answer.expression], [status, expression], `${method} ${where} ${JSON.stringify(answer)}`);
  }
  const xml = await refusal(suite, "GET", "metadata", { headers: { accept: "application/fhir+xml" } });
  assert.equal(xml.status, 406);
  const text = await refusal(suite, "POST", "QuestionnaireResponse", { token, body: answers, headers: { "content-type": "text/plain" } });
  assert.equal(text.status, 415);
});
