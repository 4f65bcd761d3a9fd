// Damage to changes and to the answers that they got.
#include "tests/chaos/corruption.h"
#include "tests/chaos/corruption_places.h"

namespace lumbar::chaos {
namespace {

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

constexpr Corruption kChanges[] = {
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
    {"answer with another patient", "asked-for", AnswerAnotherPatient},
    {"confirm one hold twice", "once", ConfirmTwice},
    {"skip a version", "versions", SkipVersion},
};

}  // namespace

std::span<const Corruption> ChangeCorruptions() { return kChanges; }

}  // namespace lumbar::chaos
