// A protocol in the language of whoever reads the answer. English is what protocols are written in.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>

#include <string>
#include <vector>

#include "lumbar/triage/v1/protocol.pb.h"

namespace lumbar::triage {

inline constexpr absl::string_view kEnglish = "en";

// The languages that `protocol` is translated to, each once, sorted.
std::vector<std::string> TranslatedTo(const v1::Protocol& protocol);

// What keeps `protocol` from being read in `language`, e.g. a text without translation; "" if nothing does.
std::string FaultOfTranslation(const v1::Protocol& protocol, absl::string_view language);

// Turns every translatable text of `protocol` into `language`; a text without translation stays. kEnglish: changes
// nothing.
void Translate(absl::string_view language, v1::Protocol& protocol);

}  // namespace lumbar::triage
