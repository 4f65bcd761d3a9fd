// Forms as browsers and Twilio send them: application/x-www-form-urlencoded.
#pragma once

#include <absl/strings/string_view.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lumbar::notification {

// In their order; a name may come twice.
using Form = std::vector<std::pair<std::string, std::string>>;

std::string EncodeForm(const Form& form);

// Nothing if it isn't one: a broken escape, more than 64 KiB or 200 fields.
std::optional<Form> DecodeForm(absl::string_view text);

// The first field of that name; empty if there is none.
absl::string_view FieldOf(const Form& form, absl::string_view name);

}  // namespace lumbar::notification
