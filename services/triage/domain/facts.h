// What is known of one patient, in the form that conditions read.
#pragma once

#include <absl/strings/string_view.h>

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "lumbar/triage/v1/protocol.pb.h"

namespace lumbar::triage {

// Kleene's three values, ordered so that the opposite of x is 2 - x.
enum class Truth : uint8_t { kFalse = 0, kUnknown = 1, kTrue = 2 };

// Age, duration and severity, in the order of v1::Quantity.
inline constexpr size_t kQuantities = 3;

struct Facts {
  // One per question, in the protocol's order.
  std::vector<Truth> findings;
  // Indexed by v1::Quantity - 1. Unset: not known.
  std::array<std::optional<uint32_t>, kQuantities> quantities;
  // SEX_UNSPECIFIED: not known.
  v1::Sex sex = v1::SEX_UNSPECIFIED;
  // By atom (see Vocabulary): asked and not known, so not to be asked again.
  std::vector<bool> asked_in_vain;
};

// The names under which an unanswered number, or the sex, is reported: the fields of Presentation.
inline constexpr std::array<absl::string_view, kQuantities + 1> kMeasureNames = {"age_years", "duration_days",
                                                                                 "pain_severity", "sex"};

}  // namespace lumbar::triage
