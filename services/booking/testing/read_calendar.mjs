// Reads calendar files as a calendar program does, by npm ical.js.
// read_calendar.mjs FILE: for each file in FILE, which end with a NUL each, prints one JSON line.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const read = (text) => {
  const calendar = new ICAL.Component(ICAL.parse(text));
  ICAL.TimezoneService.reset();
  for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
  const events = calendar.getAllSubcomponents("vevent");
  const event = new ICAL.Event(events[0]);
  const person = (property) => ({ uri: property.getFirstValue(), name: property.getParameter("cn") });
  return {
    events: events.length,
    method: calendar.getFirstPropertyValue("method"),
    version: calendar.getFirstPropertyValue("version"),
    zones: calendar.getAllSubcomponents("vtimezone").map((zone) => zone.getFirstPropertyValue("tzid")),
    uid: event.uid,
    sequence: event.sequence,
    status: events[0].getFirstPropertyValue("status"),
    stamp: events[0].getFirstPropertyValue("dtstamp").toUnixTime(),
    start: event.startDate.toUnixTime(),
    end: event.endDate.toUnixTime(),
    zone: event.startDate.zone.tzid,
    summary: event.summary,
    description: event.description,
    url: events[0].getFirstPropertyValue("url"),
    organizer: person(events[0].getFirstProperty("organizer")),
    attendees: events[0].getAllProperties("attendee").map(person),
    alarms: events[0].getAllSubcomponents("valarm").length,
  };
};

for (const text of readFileSync(process.argv[2], "utf8").split("\0").slice(0, -1)) console.log(JSON.stringify(read(text)));
