// Answers that a client keeps and asks for again (RFC 9110, 13.1.2).
#pragma once

#include <absl/strings/string_view.h>

#include <string>

#include "services/gateway/edge/http.h"

namespace lumbar::gateway {

// A digest of a body, as an ETag has it.
std::string EtagOf(absl::string_view body);

// Gives a 200 its ETag. If `if_none_match`, the request's header, names it, the client has the
// body already: the answer becomes a 304 without one.
void MakeConditional(absl::string_view if_none_match, const std::string& etag, HttpAnswer& answer);

}  // namespace lumbar::gateway
