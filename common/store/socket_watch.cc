#include "common/store/socket_watch.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace lumbar::store {
namespace {

// How late a cut may come.
constexpr absl::Duration kPeriod = absl::Milliseconds(250);

}  // namespace

SocketWatch::SocketWatch() : task_("socket_watch", kPeriod, [this] { CutOverdue(); }) {}

SocketWatch::~SocketWatch() {
  const MutexLock lock(mutex_);
  for (const auto& [owner, armed] : armed_) close(armed.socket);
  armed_.clear();
}

void SocketWatch::Arm(const void* owner, int socket, absl::Duration limit) {
  const int own = fcntl(socket, F_DUPFD_CLOEXEC, 0);
  Disarm(owner);
  // Without a descriptor left there is no limit, and the connection works all the same.
  if (own < 0) return;
  const MutexLock lock(mutex_);
  armed_[owner] = {own, std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(limit)};
}

void SocketWatch::Disarm(const void* owner) {
  const MutexLock lock(mutex_);
  const auto found = armed_.find(owner);
  if (found == armed_.end()) return;
  close(found->second.socket);
  armed_.erase(found);
}

void SocketWatch::CutOverdue() {
  const MutexLock lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  for (const auto& [owner, armed] : armed_) {
    if (armed.end <= now) shutdown(armed.socket, SHUT_RDWR);
  }
}

}  // namespace lumbar::store
