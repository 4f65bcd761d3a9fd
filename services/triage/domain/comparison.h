// What an edit of the rules changes: the cases whose level differs between two protocols.
#pragma once

#include <string>
#include <vector>

#include "lumbar/triage/v1/assessment.pb.h"
#include "services/triage/domain/compiled_protocol.h"

namespace lumbar::triage {

// Somebody whose level differs.
struct LevelChange {
  // Who: what is known apart from `present`, in a few words.
  std::string background;
  // The findings that are there; at most two.
  std::vector<std::string> present;
  v1::Level before = v1::LEVEL_UNSPECIFIED;
  v1::Level after = v1::LEVEL_UNSPECIFIED;
};

struct Comparison {
  size_t cases = 0;
  // Pairs are left out where one of the two alone changes in the same way.
  std::vector<LevelChange> changes;
};

// Tries every finding and every pair of findings on a few backgrounds: young and old, both sexes, long-lasting pain,
// and nobody of whom anything is known. The rule set `rule_set` of each ("": its default) must exist. A finding that
// one of them doesn't know is unknown to it.
Comparison Compare(const CompiledProtocol& before, const CompiledProtocol& after, absl::string_view rule_set);

}  // namespace lumbar::triage
