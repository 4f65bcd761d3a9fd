// Judges a history of booking. Pure: it knows the history and nothing else.
//
// What it proves, if it finds nothing (services/booking/README.md, "How it is proved"):
// - There is one order of all changes that were made, each between its first call and its first answer, in which no two
//   holds or appointments of one clinician ever own the same tick, buffers included; an order is exhibited.
// - Every answer, refusal and read is possible for some moment between its call and its return, given that order's
//   bounds. Refusals and reads are judged one by one, not placed together.
// - Final tables, events and the audit log tell the same story as the answers.
// A run in which two orders of a pair are possible and the few that are tried fail is reported, though another order
// might exist: it can cry wolf there, and never keep silent.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/chaos/history.h"

namespace lumbar::chaos {

struct Finding {
  // Which promise is broken, e.g. "no-overlap"; stable.
  std::string rule;
  // Where: operations, names, times.
  std::string what;
};

struct Verdict {
  std::vector<Finding> findings;
  // What was looked at, e.g. "changes", "reads", "replays".
  std::map<std::string, int64_t> figures;
};

Verdict Check(const History& history);

}  // namespace lumbar::chaos
