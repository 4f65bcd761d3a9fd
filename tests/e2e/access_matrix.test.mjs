// Who may call what: every method of every service, by every role and by nobody, on one's own data and on somebody else's.
// What is right is read from the contracts; what happens, from the public port.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import path from "node:path";
import { test } from "node:test";
import { getExtension } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { loadContracts } from "../support/contracts.mjs";
import { running } from "../support/running.mjs";
import { latestOf, ok, soreRunner } from "../support/walk.mjs";

const here = running();
const OWNER = "patients/owner";
const SUBJECTS = { patient: OWNER, clinician: "clinicians/maya-chen", staff: "staff/matrix", service: "services/matrix", admin: "admins/matrix" };
// What a caller who may call can be told of a call that can't be, such as most of those here.
const ADMITTED = [0, Code.InvalidArgument, Code.FailedPrecondition, Code.NotFound, Code.Aborted];

let contracts, transport, policyOption, infoType, roleType, ownershipType;
let methods;
const tokens = {};

function prepare() {
  if (methods) return;
  const { suite } = here;
  contracts = loadContracts(suite.data);
  transport = createGrpcTransport({ baseUrl: suite.url });
  policyOption = contracts.getExtension("lumbar.options.v1.policy");
  infoType = contracts.getMessage("google.rpc.ErrorInfo");
  roleType = contracts.getEnum("lumbar.options.v1.Role");
  ownershipType = contracts.getEnum("lumbar.options.v1.Ownership");
  // Callbacks of providers carry no token, but a signature (provider_callbacks.test.mjs), and come by their route alone.
  const isCallback = ({ input }) => input.fields.some(({ message }) => message?.typeName === "google.api.HttpBody");
  methods = [...contracts].filter((one) => one.kind === "service" && one.typeName.startsWith("lumbar.")).flatMap((service) => service.methods.filter((method) => !isCallback(method)).map((method) => describe(service, method)));
  for (const [role, subject] of Object.entries(SUBJECTS)) tokens[role] = suite.token(subject, role);
  tokens.stranger = suite.token("patients/stranger", "patient");
  tokens.colleague = suite.token("clinicians/colleague", "clinician");
  tokens.forged = forge(suite);
}

function describe(service, method) {
  const policy = getExtension(method.proto.options, policyOption);
  return {
    name: `${service.name}.${method.name}`,
    service,
    method,
    planned: policy.planned,
    roles: policy.roles.map((role) => roleType.value[role].name.replace("ROLE_", "").toLowerCase()),
    ownership: ownershipType.value[policy.ownership].name.replace("OWNERSHIP_", ""),
    ownerField: policy.ownerField.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()),
  };
}

// A token of an issuer whom nobody here trusts, under the name of the one whom everybody does.
function forge(suite) {
  const key = path.join(suite.data, "forger.pem");
  suite.lumbar("keys", "generate", "--kid", "issuer", "--private", key, "--jwks", path.join(suite.data, "forger.json"));
  return suite.lumbar("token", "--key", key, "--kid", "issuer", "--subject", SUBJECTS.admin, "--role", "admin").trim();
}

// {code, reason} of a call, code 0 if it went well. A stream has gone well with its first message.
async function outcome({ service, method }, request, caller) {
  const headers = caller === "nobody" ? {} : { authorization: `Bearer ${tokens[caller]}` };
  const client = createClient(service, transport);
  const isStream = method.methodKind === "server_streaming";
  try {
    const answer = client[method.localName](request, { headers, timeoutMs: 10_000 });
    if (!isStream) await answer;
    else for await (const _ of answer) break;
    return { code: 0 };
  } catch (error) {
    const failure = ConnectError.from(error);
    return { code: failure.code, reason: failure.findDetails(infoType)[0]?.reason };
  }
}

let holes = [];
let cells = 0;
function expect(cell, holds, { code, reason }) {
  cells += 1;
  if (!holds) holes.push(`${cell}: ${code === 0 ? "let through" : Code[code]} ${reason ?? ""}`);
}

test("each role may call what its contract says, and nobody else may", async () => {
  prepare();
  for (const one of methods.filter(({ planned }) => !planned)) {
    for (const caller of ["nobody", "forged", ...Object.keys(SUBJECTS)]) {
      const anyone = one.roles.includes("anyone");
      const result = await outcome(one, {}, caller);
      const cell = `${one.name} by ${caller}`;
      if (caller === "forged" || (caller === "nobody" && !anyone)) expect(cell, result.code === Code.Unauthenticated, result);
      else if (anyone || one.roles.includes(caller)) expect(cell, ADMITTED.includes(result.code), result);
      else expect(cell, result.code === Code.PermissionDenied && result.reason === "ROLE_NOT_ALLOWED", result);
    }
  }
  report(450);
});

test("a patient who is named in a request is the caller", async () => {
  prepare();
  for (const one of methods.filter(({ planned, ownership, roles }) => !planned && ownership === "REQUEST" && roles.includes("patient"))) {
    const stranger = await outcome(one, { [one.ownerField]: OWNER }, "stranger");
    expect(`${one.name} for somebody else`, stranger.code === Code.PermissionDenied && stranger.reason === "NOT_YOURS", stranger);
    const owner = await outcome(one, { [one.ownerField]: OWNER }, "patient");
    expect(`${one.name} for oneself`, ADMITTED.includes(owner.code), owner);
  }
  report(20);
});

test("what is one patient's, no other patient reads or changes, nor a clinician whose visit it isn't", async () => {
  prepare();
  const theirs = await belongings(here.suite);
  const owned = methods.filter(({ planned, ownership }) => !planned && ownership === "RESOURCE");
  const asked = (one) => ({ requestId: randomUUID(), ...theirs[one.name] });
  for (const one of owned) {
    assert.ok(theirs[one.name], `nothing here is asked of ${one.name}`);
    const stranger = await outcome(one, asked(one), "stranger");
    expect(`${one.name} of somebody else`, stranger.code === Code.PermissionDenied && stranger.reason === "NOT_YOURS", stranger);
  }
  // What a visit's own clinician may do with it, no colleague may.
  const visit = { name: theirs["BookingService.GetAppointment"].name };
  for (const step of ["CancelAppointment", "CompleteAppointment", "MarkNoShow", "JoinAppointment"]) {
    const one = methods.find(({ name }) => name === `BookingService.${step}`);
    const colleague = await outcome(one, { requestId: randomUUID(), ...visit, ...theirs[one.name] }, "colleague");
    expect(`${one.name} of a colleague`, colleague.code === Code.PermissionDenied && colleague.reason === "NOT_YOURS", colleague);
  }
  for (const one of owned) {
    const owner = await outcome(one, asked(one), "patient");
    expect(`${one.name} of one's own`, ADMITTED.includes(owner.code), owner);
  }
  report(30);
});

// A request for each method that knows its patient only by what it is asked about.
async function belongings(suite) {
  const token = tokens.patient;
  const post = (route, body) => ok(suite, "POST", route, { token, body: { requestId: randomUUID(), ...body } });
  const offered = await post("/v1/consults", soreRunner);
  const latest = latestOf(offered.offers);
  const { appointment } = await post(`/v1/${offered.name}:chooseSlot`, { clinician: latest.clinician, startTime: latest.startTime });
  const open = await post("/v1/consults", soreRunner);
  const [first] = open.offers;
  const assessed = { presentation: soreRunner.presentation, patient: OWNER, sign: true };
  const { signedAssessment } = await ok(suite, "POST", "/v1/triage:assess", { token, body: assessed });
  const visit = { visitType: "virtual-back-pain", signedAssessment, contact: soreRunner.contact };
  const hold = await post("/v1/holds", { ...visit, clinician: first.clinician, startTime: first.startTime });
  // For a time that nobody offers: it waits.
  const day = Date.now() + 86_400_000;
  const entry = await post("/v1/waitlistEntries", { ...visit, earliestTime: new Date(day).toISOString(), latestTime: new Date(day + 60_000).toISOString() });
  const choice = { clinician: first.clinician, startTime: timestamp(first.startTime) };
  return {
    "BookingService.GetAppointment": { name: appointment },
    "BookingService.CheckInAppointment": { name: appointment },
    "BookingService.JoinAppointment": { name: appointment, patientState: "CA" },
    "BookingService.RescheduleAppointment": { name: appointment, ...choice },
    "BookingService.CancelAppointment": { name: appointment },
    "BookingService.ConfirmHold": { name: hold.name },
    "BookingService.ReleaseHold": { name: hold.name },
    "BookingService.GetWaitlistEntry": { name: entry.name },
    "BookingService.AcceptOffer": { name: entry.name },
    "BookingService.DeclineOffer": { name: entry.name },
    "BookingService.LeaveWaitlist": { name: entry.name },
    "CalendarService.GetCalendarFile": { name: `${appointment}/calendarFile` },
    "ConsultService.GetConsult": { name: open.name },
    "ConsultService.WatchConsult": { name: open.name },
    "ConsultService.ChooseSlot": { name: open.name, ...choice },
    "ConsultService.CancelConsult": { name: open.name },
  };
}

const timestamp = (text) => ({ seconds: BigInt(Math.floor(Date.parse(text) / 1000)), nanos: 0 });

// Fails also if there were fewer cells than there are known to be.
function report(least) {
  console.log(`${cells} cells of the access matrix, ${holes.length} holes`);
  assert.ok(cells >= least, `${cells} cells`);
  assert.deepEqual(holes, []);
  [cells, holes] = [0, []];
}
