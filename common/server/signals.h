// SIGTERM and SIGINT without handlers: blocked in every thread, waited for in one. A handler that shuts a gRPC server
// down can deadlock.
#pragma once

#include <absl/time/time.h>

namespace lumbar::server {

// Call first thing in main, before any thread starts.
void BlockStopSignals();

// Returns true when SIGTERM or SIGINT came, false after `timeout`.
bool AwaitStopSignal(absl::Duration timeout);

}  // namespace lumbar::server
