#include "tests/chaos/corruption.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <functional>

namespace lumbar::chaos {
namespace {

using Random = std::mt19937_64;
constexpr char kForged[] = "appointments/ffffffff-ffff-4fff-8fff-ffffffffffff";

// Any element of `list` of which `fits` is true; null: there is none.
template <typename List, typename Predicate>
auto* Pick(List& list, Random& random, Predicate fits) {
  std::vector<decltype(&*list.begin())> found;
  for (auto& element : list) {
    if (fits(element)) found.push_back(&element);
  }
  return found.empty() ? nullptr : found[random() % found.size()];
}

// An attempt of `method` that was answered.
Attempt* PickOk(History& history, Random& random, const std::string& method,
                const std::function<bool(const Attempt&)>& fits = nullptr) {
  auto* found = Pick(history.attempts, random, [&](const auto& entry) {
    const Attempt& attempt = entry.second;
    return attempt.ok() && !attempt.call.other_body && attempt.call.method == method && (!fits || fits(attempt));
  });
  return found == nullptr ? nullptr : &found->second;
}

// Everywhere a hold or an appointment is shown.
void ForEachVisit(History& history, const std::function<void(Visit&)>& act) {
  for (auto& [op, attempt] : history.attempts)
    std::for_each(attempt.result.visits.begin(), attempt.result.visits.end(), act);
  for (Event& event : history.events) act(event.visit);
  for (KeyRow& row : history.keys) act(row.visit);
  for (OutboxRow& row : history.outbox) act(row.visit);
  std::for_each(history.holds.begin(), history.holds.end(), act);
  std::for_each(history.appointments.begin(), history.appointments.end(), act);
}

KeyRow* RowOf(History& history, const Attempt& attempt) {
  const Invocation& call = attempt.call;
  const auto row = std::find_if(history.keys.begin(), history.keys.end(), [&](const KeyRow& other) {
    return other.caller == call.caller && other.method == call.method && other.key == call.key;
  });
  return row == history.keys.end() ? nullptr : &*row;
}

Attempt& AddAttempt(History& history, const Attempt& like) {
  const int64_t op = history.attempts.rbegin()->first + 1;
  Attempt& added = history.attempts[op] = like;
  added.call.op = added.result.op = op;
  added.call.key = absl::StrCat("forged-", op);
  added.call.trace = absl::StrCat("forged-", op);
  return added;
}

void AddAudit(History& history, const Attempt& attempt, const std::string& resource) {
  history.audit.push_back({"event", absl::StrCat("/lumbar.booking.v1.BookingService/", attempt.call.method),
                           attempt.call.caller, attempt.result.code, attempt.result.reason, resource,
                           attempt.call.trace});
}

bool DropBooking(History& history, Random& random) {
  Attempt* confirmed = PickOk(history, random, "ConfirmHold");
  if (confirmed == nullptr) return false;
  const std::string name = confirmed->result.visits.front().name;
  std::erase_if(history.keys, [&](const KeyRow& row) { return row.visit.name == name; });
  std::erase_if(history.appointments, [&](const Visit& visit) { return visit.name == name; });
  std::erase_if(history.ticks, [&](const TickRow& row) { return row.owner == name; });
  return true;
}

bool DropRow(History& history, Random& random) {
  if (history.appointments.empty()) return false;
  history.appointments.erase(history.appointments.begin() +
                             static_cast<int64_t>(random() % history.appointments.size()));
  return true;
}

bool DropHoldRow(History& history, Random& random) {
  if (history.holds.empty()) return false;
  history.holds.erase(history.holds.begin() + static_cast<int64_t>(random() % history.holds.size()));
  return true;
}

// Every trace of one visit that is never moved says another time, `shift` ticks later.
void MoveEverywhere(History& history, const Visit& hold, const std::string& appointment, const std::string& clinician,
                    Micros start) {
  ForEachVisit(history, [&](Visit& visit) {
    if (visit.name != hold.name && visit.name != appointment) return;
    visit.clinician = clinician, visit.end += start - visit.start, visit.start = start;
  });
  for (auto& [op, attempt] : history.attempts) {
    const bool made = attempt.call.method == "CreateHold" && attempt.call.patient == hold.patient &&
                      attempt.call.clinician == hold.clinician && attempt.call.start == hold.start;
    if (made) attempt.call.clinician = clinician, attempt.call.start = start;
  }
  std::erase_if(history.ticks, [&](const TickRow& row) { return row.owner == hold.name || row.owner == appointment; });
}

bool Overlap(History& history, Random& random) {
  // Two that are booked at the end, the second of them known before the first began.
  const auto booked = [&](const Attempt& attempt) {
    const std::string& name = attempt.result.visits.front().name;
    return std::any_of(history.appointments.begin(), history.appointments.end(), [&](const Visit& visit) {
      return visit.name == name && visit.version == 1 && visit.state == "BOOKED";
    });
  };
  const Attempt* one = PickOk(history, random, "ConfirmHold", booked);
  if (one == nullptr) return false;
  const Visit stays = one->result.visits.front();
  const Attempt* other = PickOk(history, random, "ConfirmHold", [&](const Attempt& attempt) {
    const Visit& visit = attempt.result.visits.front();
    return booked(attempt) && visit.name != stays.name && visit.kind == stays.kind;
  });
  if (other == nullptr) return false;
  const auto hold = std::find_if(history.holds.begin(), history.holds.end(),
                                 [&](const Visit& visit) { return visit.name == other->call.name; });
  const Micros shift = random() % 2 == 0 ? kTick : -kTick;
  MoveEverywhere(history, Visit(*hold), Visit(other->result.visits.front()).name, stays.clinician, stays.start + shift);
  return true;
}

bool SwapResults(History& history, Random& random) {
  Attempt* one = PickOk(history, random, "CreateHold");
  if (one == nullptr) return false;
  Attempt* other = PickOk(history, random, "CreateHold", [&](const Attempt& attempt) {
    return attempt.result.visits.front().name != one->result.visits.front().name;
  });
  if (other == nullptr) return false;
  std::swap(one->result.visits, other->result.visits);
  return true;
}

bool AnswerDifferently(History& history, Random& random) {
  Attempt* one = PickOk(history, random, "CreateHold", [&](const Attempt& attempt) {
    return std::any_of(history.attempts.begin(), history.attempts.end(), [&](const auto& entry) {
      return entry.second.ok() && entry.first != attempt.call.op && entry.second.call.key == attempt.call.key;
    });
  });
  if (one == nullptr) return false;
  one->result.visits.front().digest += "x";
  return true;
}

bool RefuseReplay(History& history, Random& random) {
  Attempt* one = PickOk(history, random, "ConfirmHold");
  if (one == nullptr) return false;
  const Attempt answered = *one;
  Attempt& again = AddAttempt(history, answered);
  again.call.key = answered.call.key;
  again.call.at = answered.result.at + 1, again.result.at = again.call.at + 1;
  again.result.outcome = "fail", again.result.code = "FAILED_PRECONDITION", again.result.reason = "HOLD_CONFIRMED",
  again.result.visits.clear();
  AddAudit(history, again, again.call.name);
  return true;
}

bool TakeOtherBody(History& history, Random& random) {
  auto* found = Pick(history.attempts, random,
                     [](const auto& entry) { return entry.second.call.other_body && entry.second.failed(); });
  if (found == nullptr) return false;
  Return& result = found->second.result;
  result.outcome = "ok", result.code = "OK", result.reason.clear();
  for (const auto& [op, attempt] : history.attempts) {
    if (attempt.ok() && attempt.call.key == found->second.call.key && op != found->first)
      result.visits = attempt.result.visits;
  }
  return !result.visits.empty();
}

bool Resurrect(History& history, Random& random) {
  Visit* row = Pick(history.appointments, random, [](const Visit& visit) { return visit.state == "CANCELLED"; });
  if (row == nullptr) return false;
  row->state = "BOOKED";
  return true;
}

bool ConfirmAfterExpiry(History& history, Random& random) {
  Attempt* confirmed = PickOk(history, random, "ConfirmHold");
  if (confirmed == nullptr) return false;
  Micros first = confirmed->call.at;
  for (const auto& [op, attempt] : history.attempts) {
    if (attempt.call.key == confirmed->call.key) first = std::min(first, attempt.call.at);
  }
  ForEachVisit(history, [name = confirmed->call.name, first](Visit& visit) {
    if (visit.name == name) visit.expire = first - 1;
  });
  return true;
}

bool RefuseBeforeExpiry(History& history, Random& random) {
  Attempt* made = PickOk(history, random, "CreateHold");
  if (made == nullptr) return false;
  const Attempt like = *made;
  Attempt& refused = AddAttempt(history, like);
  refused.call.method = "ConfirmHold", refused.call.name = like.result.visits.front().name;
  refused.call.at = like.result.at + 1, refused.result.at = like.result.at + 2;
  refused.result.outcome = "fail", refused.result.code = "FAILED_PRECONDITION", refused.result.reason = "HOLD_EXPIRED",
  refused.result.visits.clear();
  AddAudit(history, refused, refused.call.name);
  return refused.result.at < like.result.visits.front().expire;
}

bool RefuseFreeSlot(History& history, Random& random) {
  Attempt* made = PickOk(history, random, "CreateHold");
  if (made == nullptr) return false;
  const Attempt like = *made;
  Attempt& refused = AddAttempt(history, like);
  // Before anybody owned anything.
  refused.call.at = history.attempts.begin()->second.call.at - 10, refused.result.at = refused.call.at + 5;
  refused.result.outcome = "fail", refused.result.code = "ALREADY_EXISTS", refused.result.reason = "SLOT_TAKEN",
  refused.result.visits.clear();
  AddAudit(history, refused, "");
  return true;
}

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

// The version `other` of what `read` shows, as it was answered.
const Attempt* AnswerOf(const History& history, const std::string& name, int64_t version) {
  for (const auto& [op, attempt] : history.attempts) {
    if (!attempt.ok() || attempt.call.key.empty() || attempt.result.visits.empty()) continue;
    const Visit& visit = attempt.result.visits.front();
    if (visit.name == name && visit.version == version) return &attempt;
  }
  return nullptr;
}

bool ReadStale(History& history, Random& random) {
  Attempt* read = PickOk(history, random, "GetAppointment", [&](const Attempt& attempt) {
    const Visit& visit = attempt.result.visits.front();
    const Attempt* shown = AnswerOf(history, visit.name, visit.version);
    return visit.version > 1 && shown != nullptr && shown->result.at < attempt.call.at &&
           AnswerOf(history, visit.name, visit.version - 1) != nullptr;
  });
  if (read == nullptr) return false;
  Visit& visit = read->result.visits.front();
  visit = Visit(AnswerOf(history, visit.name, visit.version - 1)->result.visits.front());
  return true;
}

bool ReadFuture(History& history, Random& random) {
  const auto first_call = [&](const Attempt& attempt) {
    Micros first = attempt.call.at;
    for (const auto& [op, other] : history.attempts) {
      if (other.call.key == attempt.call.key) first = std::min(first, other.call.at);
    }
    return first;
  };
  Attempt* read = PickOk(history, random, "GetAppointment", [&](const Attempt& attempt) {
    const Visit& visit = attempt.result.visits.front();
    const Attempt* next = AnswerOf(history, visit.name, visit.version + 1);
    return next != nullptr && first_call(*next) > attempt.result.at;
  });
  if (read == nullptr) return false;
  Visit& visit = read->result.visits.front();
  visit = Visit(AnswerOf(history, visit.name, visit.version + 1)->result.visits.front());
  return true;
}

bool HideFromList(History& history, Random& random) {
  std::string name;
  Attempt* list = PickOk(history, random, "ListAppointments", [&](const Attempt& attempt) {
    if (attempt.call.patient.empty()) return false;
    return std::any_of(attempt.result.visits.begin(), attempt.result.visits.end(), [&](const Visit& visit) {
      const Attempt* booked = AnswerOf(history, visit.name, 1);
      return booked != nullptr && booked->result.at < attempt.call.at;
    });
  });
  if (list == nullptr) return false;
  std::erase_if(list->result.visits, [&](const Visit& visit) {
    const Attempt* booked = AnswerOf(history, visit.name, 1);
    return booked != nullptr && booked->result.at < list->call.at;
  });
  return true;
}

bool OfferTaken(History& history, Random& random) {
  const auto taken = [&](const Attempt& search) -> const Visit* {
    for (const Visit& visit : history.appointments) {
      const Attempt* last = AnswerOf(history, visit.name, visit.version);
      const bool lasting = visit.state == "BOOKED" && last != nullptr && last->result.at < search.call.at;
      if (lasting && visit.clinician == search.call.clinician && visit.kind == search.call.kind) return &visit;
    }
    return nullptr;
  };
  Attempt* search =
      PickOk(history, random, "SearchSlots", [&](const Attempt& attempt) { return taken(attempt) != nullptr; });
  if (search == nullptr) return false;
  search->result.slots.push_back(taken(*search)->start);
  return true;
}

bool KeepBackFree(History& history, Random& random) {
  Attempt* search =
      PickOk(history, random, "SearchSlots", [](const Attempt& attempt) { return attempt.result.slots.size() >= 8; });
  if (search == nullptr) return false;
  search->result.slots.clear();
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

bool ConfirmTwice(History& history, Random& random) {
  Attempt* confirmed = PickOk(history, random, "ConfirmHold");
  if (confirmed == nullptr) return false;
  Attempt& again = AddAttempt(history, Attempt(*confirmed));
  again.result.visits.front().name = kForged;
  AddAudit(history, again, again.call.name);
  history.keys.push_back(
      {again.call.caller, again.call.method, again.call.key, again.call.at, again.result.visits.front()});
  return true;
}

bool AnswerAnotherPatient(History& history, Random& random) {
  Attempt* made = PickOk(history, random, "CreateHold");
  if (made == nullptr) return false;
  ForEachVisit(history, [name = made->result.visits.front().name](Visit& visit) {
    if (visit.name == name) visit.patient = "patients/somebody-else";
  });
  return true;
}

bool SkipVersion(History& history, Random& random) {
  Visit* row = Pick(history.appointments, random, [](const Visit& visit) { return visit.version > 1; });
  if (row == nullptr) return false;
  ForEachVisit(history, [name = row->name, version = row->version](Visit& visit) {
    if (visit.name == name && visit.version == version) ++visit.version;
  });
  return true;
}

bool ForgetKey(History& history, Random& random) {
  Attempt* made = PickOk(history, random, "CreateHold");
  if (made == nullptr) return false;
  const KeyRow* row = RowOf(history, *made);
  if (row == nullptr) return false;
  history.keys.erase(history.keys.begin() + (row - history.keys.data()));
  return true;
}

constexpr Corruption kCorruptions[] = {
    {"drop an acknowledged booking", "acknowledged-kept", DropBooking},
    {"drop an appointment's row", "acknowledged-kept", DropRow},
    {"drop a hold's row", "acknowledged-kept", DropHoldRow},
    {"forget an answer", "acknowledged-kept", ForgetKey},
    {"shift a time to overlap by all but one tick", "no-overlap", Overlap},
    {"swap two results", "one-answer", SwapResults},
    {"answer a replay differently", "one-answer", AnswerDifferently},
    {"refuse a replay", "one-answer", RefuseReplay},
    {"take another body under a key", "one-body", TakeOtherBody},
    {"resurrect a cancelled visit", "acknowledged-kept", Resurrect},
    {"confirm after expiry", "order", ConfirmAfterExpiry},
    {"refuse a confirm before expiry", "refusal", RefuseBeforeExpiry},
    {"refuse a free slot", "refusal", RefuseFreeSlot},
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
    {"answer with another patient", "asked-for", AnswerAnotherPatient},
    {"read stale", "stale-read", ReadStale},
    {"read the future", "read", ReadFuture},
    {"hide a booking from a list", "acknowledged-read", HideFromList},
    {"offer a taken time", "search", OfferTaken},
    {"keep a free time back", "search", KeepBackFree},
    {"leak a tick", "ticks", LeakTick},
    {"lose a tick", "ticks", LoseTick},
    {"confirm one hold twice", "once", ConfirmTwice},
    {"skip a version", "versions", SkipVersion},
};

}  // namespace

std::span<const Corruption> Corruptions() { return kCorruptions; }

}  // namespace lumbar::chaos
