// Whether a condition of a protocol can be compiled, and where it may stand.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/strings/string_view.h>

#include <string>

#include "lumbar/triage/v1/protocol.pb.h"

namespace lumbar::triage {

// Whether a finding is a red flag, by its code.
using RedFlags = absl::flat_hash_map<std::string, bool>;

struct ConditionLimits {
  // `not` around a finding.
  bool absence_allowed = true;
  // Findings without a `not` around them.
  bool presence_allowed = true;
  // Findings that aren't red flags.
  bool soft_findings_allowed = true;
};

// What is wrong with `condition`, in words that follow a rule's name; "" if nothing is.
std::string FaultOf(const v1::Condition& condition, const RedFlags& findings, const ConditionLimits& limits);

}  // namespace lumbar::triage
