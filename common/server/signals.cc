#include "common/server/signals.h"

#include <cerrno>
#include <csignal>

namespace lumbar::server {
namespace {

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

void BlockStopSignals() {
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // A peer that hangs up must cost an error, not the process.
  std::signal(SIGPIPE, SIG_IGN);
}

bool AwaitStopSignal(absl::Duration timeout) {
  const sigset_t signals = StopSignals();
  if (timeout == absl::InfiniteDuration()) {
    int received = 0;
    return sigwait(&signals, &received) == 0;
  }
  const timespec wait = absl::ToTimespec(timeout);
  int received = 0;
  do {
    received = sigtimedwait(&signals, nullptr, &wait);
  } while (received < 0 && errno == EINTR);
  return received > 0;
}

}  // namespace lumbar::server
