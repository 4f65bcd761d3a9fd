// Damage to what reads showed.
#include "tests/chaos/corruption.h"
#include "tests/chaos/corruption_places.h"

namespace lumbar::chaos {
namespace {

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

constexpr Corruption kReads[] = {
    {"read stale", "stale-read", ReadStale},
    {"read the future", "read", ReadFuture},
    {"hide a booking from a list", "acknowledged-read", HideFromList},
    {"offer a taken time", "search", OfferTaken},
    {"keep a free time back", "search", KeepBackFree},
};

}  // namespace

std::span<const Corruption> ReadCorruptions() { return kReads; }

}  // namespace lumbar::chaos
