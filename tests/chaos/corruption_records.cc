// Damage to events, audit lines and final rows.
#include "tests/chaos/corruption.h"
#include "tests/chaos/corruption_places.h"

namespace lumbar::chaos {
namespace {

bool LoseEvent(History& history, Random& random) {
  if (history.events.empty()) return false;
  const std::string id = history.events[random() % history.events.size()].id;
  std::erase_if(history.events, [&](const Event& event) { return event.id == id; });
  return true;
}

bool DoubleEvent(History& history, Random& random) {
  if (history.events.empty()) return false;
  Event event = history.events[random() % history.events.size()];
  event.id += "-again";
  history.events.push_back(event);
  return true;
}

bool RepeatEvent(History& history, Random& random) {
  if (history.events.empty()) return false;
  Event event = history.events[random() % history.events.size()];
  event.at += 1;
  history.events.push_back(event);
  return true;
}

bool ReorderEvents(History& history, Random& random) {
  Event* later = Pick(history.events, random, [](const Event& event) { return event.visit.version > 1; });
  if (later == nullptr) return false;
  const auto earlier = std::find_if(history.events.begin(), history.events.end(), [&](const Event& event) {
    return event.visit.name == later->visit.name && event.visit.version == later->visit.version - 1;
  });
  if (earlier == history.events.end()) return false;
  std::swap(earlier->at, later->at);
  return true;
}

bool TellWhatNeverWas(History& history, Random& random) {
  if (history.events.empty()) return false;
  history.events[random() % history.events.size()].visit.start += kTick;
  return true;
}

bool GiveUpEvent(History& history, Random& random) {
  if (history.events.empty()) return false;
  const size_t which = random() % history.events.size();
  history.outbox.push_back({history.events[which].id, "INVALID_ARGUMENT", history.events[which].visit});
  history.events.erase(history.events.begin() + static_cast<int64_t>(which));
  return true;
}

AuditLine* PickAnswered(History& history, Random& random) {
  return Pick(history.audit, random, [&](const AuditLine& line) {
    return std::any_of(history.attempts.begin(), history.attempts.end(), [&](const auto& entry) {
      return entry.second.call.trace == line.trace && entry.second.result.outcome != "info";
    });
  });
}

bool DropAudit(History& history, Random& random) {
  AuditLine* line = PickAnswered(history, random);
  if (line == nullptr) return false;
  std::erase_if(history.audit, [trace = line->trace](const AuditLine& other) { return other.trace == trace; });
  return true;
}

bool ForgeAudit(History& history, Random& random) {
  AuditLine line = history.audit[random() % history.audit.size()];
  line.trace += "f";
  history.audit.push_back(line);
  return true;
}

bool AlterAudit(History& history, Random& random) {
  AuditLine* line = PickAnswered(history, random);
  if (line == nullptr) return false;
  (random() % 2 == 0 ? line->subject : line->code) += "x";
  return true;
}

bool ForgeRow(History& history, Random& random) {
  if (history.appointments.empty()) return false;
  Visit forged = history.appointments[random() % history.appointments.size()];
  forged.name = kForged;
  history.appointments.push_back(forged);
  return true;
}

bool ForgeInList(History& history, Random& random) {
  Attempt* list = PickOk(history, random, "ListAppointments",
                         [](const Attempt& attempt) { return !attempt.result.visits.empty(); });
  if (list == nullptr) return false;
  Visit forged = list->result.visits.front();
  forged.name = kForged;
  list->result.visits.push_back(forged);
  return true;
}

bool ForgeKey(History& history, Random& random) {
  KeyRow row = history.keys[random() % history.keys.size()];
  row.key += "-forged";
  history.keys.push_back(row);
  return true;
}

bool LeakTick(History& history, Random& random) {
  Visit* row = Pick(history.appointments, random, [](const Visit& visit) { return visit.state == "CANCELLED"; });
  if (row == nullptr) return false;
  history.ticks.push_back({row->clinician, 1 + static_cast<int64_t>(random() % 1000), row->name, 0});
  return true;
}

bool LoseTick(History& history, Random& random) {
  TickRow* row = Pick(history.ticks, random, [](const TickRow& tick) { return tick.expire == 0; });
  if (row == nullptr) return false;
  history.ticks.erase(history.ticks.begin() + (row - history.ticks.data()));
  return true;
}

constexpr Corruption kRecords[] = {
    {"lose an event", "events", LoseEvent},
    {"make two events of one change", "events", DoubleEvent},
    {"tell an event again for no reason", "events", RepeatEvent},
    {"reorder two events", "events", ReorderEvents},
    {"tell of what never was", "events", TellWhatNeverWas},
    {"give an event up", "events", GiveUpEvent},
    {"drop an audit line", "audit", DropAudit},
    {"forge an audit line", "audit", ForgeAudit},
    {"alter an audit line", "audit", AlterAudit},
    {"forge an appointment's row", "asked-for", ForgeRow},
    {"forge an appointment in a list", "asked-for", ForgeInList},
    {"carry out what nobody asked for", "asked-for", ForgeKey},
    {"leak a tick", "ticks", LeakTick},
    {"lose a tick", "ticks", LoseTick},
};

}  // namespace

std::span<const Corruption> RecordCorruptions() { return kRecords; }

}  // namespace lumbar::chaos
