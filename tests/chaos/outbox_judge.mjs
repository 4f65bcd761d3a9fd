// What is wrong, by what the text provider took and what notification says of its messages. Times are the services'.
const HOUR = 3_600_000;
// A try that asked booking before a visit was called off or moved may hand its text over afterwards. What a message may
// take from its claim to its end is the dispatcher's kSendBudget, and it asks in between: so long, and no longer.
export const UNDER_WAY = 60_000;
// Of the messages planned. A visit is 70 minutes off at least, and its reminder has an hour: what fails by chance (a fifth of
// the tries) is through within it after five tries, but for one in 3,000; and a telephone that is at its rate, because the
// tries of killed services took its room, is held half an hour for each: one in a thousand was too late for that, with a
// kill every eight seconds. A dispatcher that is late itself is late for most.
export const TOO_LATE_SHARE = 0.01;
// What an event drops while nobody knows whether the provider has it may have been sent; notification learns so by the
// provider's callback alone, and here there is none. Whatever the dispatcher drops it has asked the provider about.
const BY_EVENT = ["SUPERSEDED", "APPOINTMENT_CANCELLED"];

// A letter is kept a little after it was taken, and a killed sender may have handed it over just before.
const MAILING = 1000;

const millis = ({ seconds, nanos }) => Number(seconds) * 1000 + nanos / 1e6;

// `now` is the services' time at a real one, in milliseconds; `kills` are when services were killed (real), `letters` what the
// mail server took.
export function judge({ visits, taken, letters = [], kills = [], now, perHour, messages }) {
  const texts = byMessage([...taken.map(asHandedOver), ...letters.map((letter) => ({ ...letter, mail: true }))]);
  const found = { lost: [], afterCancel: [], duplicates: [], unsettled: [], untrue: [], sentAndDropped: [], overRate: [] };
  const counts = { states: {}, tooLate: 0, saidBefore: 0, tooLateAtMost: Math.ceil(messages.length * TOO_LATE_SHARE), droppedInDoubt: 0, lettersRepeated: 0, longestUnderWayMs: 0, underWayAtMostMs: UNDER_WAY };
  const limited = new Map();
  const everything = new Map(texts);
  for (const message of messages) {
    const own = texts.get(message.name) ?? [];
    texts.delete(message.name);
    const visit = visits.get(message.appointment.split("/")[1]);
    if (message.state === "MESSAGE_STATE_SENT" && own.length === 0 && saidBefore(message, visit, messages, everything)) counts.saidBefore += 1;
    else judgeEnd(message, visit, own, found, counts);
    if (own.length > 1 && isExplained(own, kills)) counts.lettersRepeated += 1;
    else if (own.length > 1) found.duplicates.push(message.name);
    for (const { at, to } of own) {
      const late = now(at) - now(visit.ended.get(Number(message.appointmentVersion)) ?? at);
      counts.longestUnderWayMs = Math.max(counts.longestUnderWayMs, late);
      if (late > UNDER_WAY) found.afterCancel.push(`${message.name} ${message.kind} ${late} ms`);
      if (message.kind !== "MESSAGE_KIND_CANCELLATION") limited.set(to, [...(limited.get(to) ?? []), now(at)]);
    }
  }
  for (const name of texts.keys()) found.lost.push(`${name} was sent and isn't known`);
  found.lost.push(...neverPlanned(visits, messages));
  for (const [number, times] of limited) if (mostInAnHour(times) > perHour) found.overRate.push(number);
  return { found, counts, failed: counts.tooLate > counts.tooLateAtMost || Object.values(found).some((list) => list.length > 0) };
}

// Whether the patient has just these words by another message of the visit: one that an event dropped while nobody knew whether the
// provider had it. Moved within its minute the visit reads the same, and who asks the provider finds that text.
function saidBefore({ name, appointment, kind, appointmentVersion }, visit, messages, texts) {
  const minute = (version) => Math.floor(visit.starts.get(Number(version)) / 60_000);
  return messages.some((other) => other.appointment === appointment && other.kind === kind && other.name !== name && texts.has(other.name) && minute(other.appointmentVersion) === minute(appointmentVersion));
}

// How one message ended, and whether that is true.
function judgeEnd({ name, appointmentVersion, kind, state, reason, updateTime }, visit, texts, found, counts) {
  const label = `${state.slice(14)} ${reason}`.trim();
  counts.states[label] = (counts.states[label] ?? 0) + 1;
  const version = Number(appointmentVersion);
  const current = version === visit.version;
  if (label.startsWith("QUEUED") || label.startsWith("DEAD")) found.unsettled.push(`${name} ${label}`);
  if (state === "MESSAGE_STATE_SENT" && texts.length === 0) found.lost.push(`${name} is called sent`);
  if (state !== "MESSAGE_STATE_DROPPED") return;
  // A mail server can't be asked.
  const inDoubt = BY_EVENT.includes(reason) || texts.every(({ mail }) => mail);
  if (texts.length > 0 && !inDoubt) found.sentAndDropped.push(`${name} ${label}`);
  if (texts.length > 0 && inDoubt) counts.droppedInDoubt += 1;
  const late = reason === "VISIT_BEGUN" && kind !== "MESSAGE_KIND_CANCELLATION";
  if (late && millis(updateTime) < Math.floor(visit.starts.get(version))) found.untrue.push(`${name} ${kind} ${label} while the visit was ahead`);
  if (current && late) counts.tooLate += 1;
  if (current && !late) found.lost.push(`${name} ${kind} ${label}`);
}

function asHandedOver({ callback, to, at }) {
  return { message: `messages/${new URL(callback).searchParams.get("message")}`, to, at };
}

function byMessage(all) {
  const texts = new Map();
  for (const text of all) texts.set(text.message, [...(texts.get(text.message) ?? []), text]);
  return texts;
}

// Whether all of it are letters, and between each and the next a service was killed: it may have been the one that sent it, and
// nobody can ask a mail server what it has taken. Nothing else breaks a connection to it here.
function isExplained(own, kills) {
  const times = own.map(({ at }) => at).sort((a, b) => a - b);
  const killed = (from, until) => kills.some((kill) => kill >= from - MAILING && kill <= until);
  return own.every(({ mail }) => mail) && times.slice(1).every((time, index) => killed(times[index], time));
}

// Every visit has its messages: a confirmation and a reminder, or a cancellation, of its last version.
function neverPlanned(visits, messages) {
  const planned = new Set(messages.map(({ appointment, appointmentVersion, kind }) => `${appointment} ${appointmentVersion} ${kind}`));
  const missing = [];
  for (const [id, visit] of visits) {
    for (const kind of visit.state === "CANCELLED" ? ["CANCELLATION"] : ["CONFIRMATION", "REMINDER_1H"]) {
      const wanted = `appointments/${id} ${visit.version} MESSAGE_KIND_${kind}`;
      if (!planned.has(wanted)) missing.push(`${wanted} was never planned`);
    }
  }
  return missing;
}

function mostInAnHour(times) {
  times.sort((a, b) => a - b);
  let most = 0;
  for (let first = 0, last = 0; last < times.length; last += 1) {
    while (times[last] - times[first] >= HOUR) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
