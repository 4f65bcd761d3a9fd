// Errors as the gateway writes them (AIP-193).
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>

#include "tools/cli/http_transport.h"

namespace lumbar::cli {

// What `answer`, which isn't 2xx, says went wrong; never OK. A body that isn't a Lumbar error, as a proxy's isn't,
// gives INTERNAL/ANSWER_NOT_UNDERSTOOD; `server` is for its message.
absl::Status ErrorOf(const HttpAnswer& answer, absl::string_view server);

}  // namespace lumbar::cli
