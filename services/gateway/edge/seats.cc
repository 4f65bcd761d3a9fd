#include "services/gateway/edge/seats.h"

namespace lumbar::gateway {

std::shared_ptr<void> Seats::Take(const boost::asio::ip::address& peer) {
  if (proxies_.Trusts(peer)) return std::shared_ptr<void>(this, [](void*) {});
  std::string network = NetworkOf(peer);
  const MutexLock lock(mutex_);
  size_t& taken = taken_[network];
  if (taken == most_) return nullptr;
  ++taken;
  return std::shared_ptr<void>(this, [this, network = std::move(network)](void*) { Leave(network); });
}

void Seats::Leave(const std::string& network) {
  const MutexLock lock(mutex_);
  const auto found = taken_.find(network);
  if (--found->second == 0) taken_.erase(found);
}

}  // namespace lumbar::gateway
