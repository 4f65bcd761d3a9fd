// Answers that a client keeps and asks for again (RFC 9110, 13.1.2).
#pragma once

#include <absl/strings/string_view.h>

#include "services/gateway/edge/http.h"

namespace lumbar::gateway {

// Gives a 200 its ETag, a digest of its body. If `if_none_match`, the request's header, names it, the client has the
// body already: the answer becomes a 304 without one.
void MakeConditional(absl::string_view if_none_match, HttpAnswer& answer);

}  // namespace lumbar::gateway
