// A stop that comes to its end.
#pragma once

#include <absl/time/time.h>

namespace lumbar::server {

// Ends the process with 1 and the log line stop_forced if it is still there after `limit`: what hangs would otherwise
// be waited for for ever. Can't be called off.
void ForceStopAfter(absl::Duration limit);

}  // namespace lumbar::server
