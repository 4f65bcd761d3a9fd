// Ids that are the same for the same thing.
#pragma once

#include <absl/strings/string_view.h>

#include <string>

namespace lumbar::gateway {

// A UUID made of a text (RFC 9562, version 8).
std::string DerivedUuid(absl::string_view text);

}  // namespace lumbar::gateway
