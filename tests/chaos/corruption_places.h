// Where a history can be spoiled: what the kinds of damage share.
#pragma once

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "tests/chaos/history.h"

namespace lumbar::chaos {

using Random = std::mt19937_64;
inline constexpr char kForged[] = "appointments/ffffffff-ffff-4fff-8fff-ffffffffffff";

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
inline Attempt* PickOk(History& history, Random& random, const std::string& method,
                       const std::function<bool(const Attempt&)>& fits = nullptr) {
  auto* found = Pick(history.attempts, random, [&](const auto& entry) {
    const Attempt& attempt = entry.second;
    return attempt.ok() && !attempt.call.other_body && attempt.call.method == method && (!fits || fits(attempt));
  });
  return found == nullptr ? nullptr : &found->second;
}

// Everywhere a hold or an appointment is shown.
inline void ForEachVisit(History& history, const std::function<void(Visit&)>& act) {
  for (auto& [op, attempt] : history.attempts)
    std::for_each(attempt.result.visits.begin(), attempt.result.visits.end(), act);
  for (Event& event : history.events) act(event.visit);
  for (KeyRow& row : history.keys) act(row.visit);
  for (OutboxRow& row : history.outbox) act(row.visit);
  std::for_each(history.holds.begin(), history.holds.end(), act);
  std::for_each(history.appointments.begin(), history.appointments.end(), act);
}

inline KeyRow* RowOf(History& history, const Attempt& attempt) {
  const Invocation& call = attempt.call;
  const auto row = std::find_if(history.keys.begin(), history.keys.end(), [&](const KeyRow& other) {
    return other.caller == call.caller && other.method == call.method && other.key == call.key;
  });
  return row == history.keys.end() ? nullptr : &*row;
}

inline Attempt& AddAttempt(History& history, const Attempt& like) {
  const int64_t op = history.attempts.rbegin()->first + 1;
  Attempt& added = history.attempts[op] = like;
  added.call.op = added.result.op = op;
  added.call.key = absl::StrCat("forged-", op);
  added.call.trace = absl::StrCat("forged-", op);
  return added;
}

inline void AddAudit(History& history, const Attempt& attempt, const std::string& resource) {
  history.audit.push_back({"event", absl::StrCat("/lumbar.booking.v1.BookingService/", attempt.call.method),
                           attempt.call.caller, attempt.result.code, attempt.result.reason, resource,
                           attempt.call.trace});
}

}  // namespace lumbar::chaos
