// For tests: the shipped protocol, and presentations in few words.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <string>
#include <vector>

#include "lumbar/triage/v1/assessment.pb.h"
#include "services/triage/domain/compiled_protocol.h"

namespace lumbar::triage {

inline const absl::Time kTestTime = absl::FromUnixSeconds(1'790'000'000);

// services/triage/protocols
std::string ShippedFolder();
// services/triage/lexicon/low-back-pain.textproto
std::string ShippedLexicon();
// protocols/low-back-pain. Lives as long as the program.
const CompiledProtocol& Shipped();

// services/triage/vignettes. Lives as long as the program.
const std::vector<v1::Vignette>& ShippedVignettes();

using Codes = std::vector<std::string>;

// A man of 40 whose back has hurt for 3 days at 4 of 10, and who has answered every red flag with no.
v1::Presentation Harmless();
// A presentation of which nothing is known.
inline v1::Presentation Nothing() { return {}; }

// Changes the answer to one question.
v1::Presentation With(v1::Presentation presentation, const Codes& codes, v1::Presence presence = v1::PRESENCE_PRESENT);

v1::Assessment AssessShipped(const v1::Presentation& presentation, absl::string_view rule_set = "");

// The ids of fired rules, causes or advice.
template <typename Items>
Codes Ids(const Items& items) {
  Codes ids;
  for (const auto& item : items) ids.push_back(item.id());
  return ids;
}

}  // namespace lumbar::triage
