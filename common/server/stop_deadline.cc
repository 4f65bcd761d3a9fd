#include "common/server/stop_deadline.h"

#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "common/telemetry/log.h"

namespace lumbar::server {

void ForceStopAfter(absl::Duration limit) {
  std::thread([limit] {
    std::this_thread::sleep_for(absl::ToChronoNanoseconds(limit));
    // If nobody takes the log line either, the kernel ends the process.
    alarm(1);
    Log(LogLevel::kError, "stop_forced", {{"seconds", absl::ToDoubleSeconds(limit)}});
    FlushLogging();
    std::_Exit(1);
  }).detach();
}

}  // namespace lumbar::server
