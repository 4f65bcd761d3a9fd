#include "services/gateway/edge/connection_set.h"

#include "common/time/clock.h"

namespace lumbar::gateway {

size_t ConnectionSet::size() const {
  MutexLock lock(mutex_);
  return open_.size();
}

std::vector<std::shared_ptr<Connection>> ConnectionSet::Snapshot() {
  std::vector<std::shared_ptr<Connection>> connections;
  MutexLock lock(mutex_);
  connections.reserve(open_.size());
  for (const auto& [id, connection] : open_) {
    if (auto alive = connection.lock()) connections.push_back(std::move(alive));
  }
  return connections;
}

void ConnectionSet::DrainAll() {
  {
    MutexLock lock(mutex_);
    draining_ = true;
  }
  for (const auto& connection : Snapshot()) connection->Drain();
}

void ConnectionSet::CloseAll() {
  {
    MutexLock lock(mutex_);
    closing_ = true;
  }
  for (const auto& connection : Snapshot()) connection->Close();
}

bool ConnectionSet::WaitUntilEmpty(absl::Duration timeout) {
  const SteadyClock clock;
  const absl::Time deadline = clock.Now() + timeout;
  MutexLock lock(mutex_);
  while (!open_.empty()) {
    const absl::Duration left = deadline - clock.Now();
    if (left <= absl::ZeroDuration()) return false;
    removed_.WaitFor(mutex_, left);
  }
  return true;
}

void ConnectionSet::Remove(uint64_t id) {
  // Notified under the lock: whoever waits may destroy this set as soon as the lock is free.
  MutexLock lock(mutex_);
  open_.erase(id);
  removed_.NotifyAll();
}

}  // namespace lumbar::gateway
