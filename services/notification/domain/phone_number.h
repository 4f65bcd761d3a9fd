// Telephone numbers, made comparable.
#pragma once

#include <absl/strings/string_view.h>

#include <string>

namespace lumbar::notification {

// `number` as a person or a provider writes it, in E.164: "(212) 555-0123" gives "+12125550123". Without a country's
// code it is taken for a US number. Empty: it is no number that anybody could have.
std::string InE164(absl::string_view number);

}  // namespace lumbar::notification
