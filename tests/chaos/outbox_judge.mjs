// What is wrong, by what the text provider took and what notification says of its messages.
// A try that asked booking before a cancellation may end after it: that long, in milliseconds, machine pauses included.
const UNDER_WAY = 3000;
const HOUR = 3_600_000;

export function judge(cluster, perHour, messages) {
  const taken = textsByMessage(cluster.provider.taken);
  const found = { lost: [], afterCancel: [], duplicates: [], unsettled: [], overRate: [], sentAndDropped: [] };
  const counts = { states: {}, tooLate: 0, longestUnderWay: 0 };
  const limited = new Map();
  for (const { name, appointment, appointmentVersion, kind, state, reason } of messages) {
    const label = `${state.slice(14)} ${reason}`.trim();
    counts.states[label] = (counts.states[label] ?? 0) + 1;
    const texts = taken.get(name) ?? [];
    taken.delete(name);
    const visit = cluster.visits.all.get(appointment.split("/")[1]);
    const current = Number(appointmentVersion) === visit.version;
    if (label.startsWith("QUEUED") || label.startsWith("DEAD")) found.unsettled.push(`${name} ${label}`);
    if (state === "MESSAGE_STATE_SENT" && texts.length === 0) found.lost.push(`${name} is called sent`);
    if (current && label === "DROPPED VISIT_BEGUN") counts.tooLate += 1;
    else if (current && state === "MESSAGE_STATE_DROPPED") found.lost.push(`${name} ${label}`);
    if (texts.length > 1) found.duplicates.push(name);
    if (texts.length > 0 && state === "MESSAGE_STATE_DROPPED") found.sentAndDropped.push(name);
    for (const { at, to } of texts) {
      const late = at - (visit.ended.get(Number(appointmentVersion)) ?? at);
      counts.longestUnderWay = Math.max(counts.longestUnderWay, late);
      if (late > UNDER_WAY) found.afterCancel.push(`${name} ${kind} ${late} ms`);
      if (kind !== "MESSAGE_KIND_CANCELLATION") limited.set(to, [...(limited.get(to) ?? []), cluster.now(at)]);
    }
  }
  for (const name of taken.keys()) found.lost.push(`${name} was sent and isn't known`);
  found.lost.push(...neverPlanned(cluster.visits.all, messages));
  for (const [number, times] of limited) if (mostInAnHour(times) > perHour) found.overRate.push(number);
  return { found, counts };
}

function textsByMessage(texts) {
  const taken = new Map();
  for (const text of texts) {
    const name = `messages/${new URL(text.callback).searchParams.get("message")}`;
    taken.set(name, [...(taken.get(name) ?? []), text]);
  }
  return taken;
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
