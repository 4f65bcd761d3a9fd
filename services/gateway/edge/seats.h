// How many connections each client has.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/container/flat_hash_map.h>
#include <boost/asio/ip/address.hpp>

#include <cstddef>
#include <memory>
#include <string>

#include "common/concurrency/mutex.h"
#include "services/gateway/edge/client_address.h"

namespace lumbar::gateway {

// Thread safe. Outlives the seats.
class Seats {
 public:
  // A network (NetworkOf) has `most`; the proxies, who stand for many clients, as many as they like.
  Seats(size_t most, const TrustedProxies& proxies) : most_(most), proxies_(proxies) {}

  // A place for one connection, until it is let go; null: that network has all it may have.
  std::shared_ptr<void> Take(const boost::asio::ip::address& peer);

 private:
  void Leave(const std::string& network);

  const size_t most_;
  const TrustedProxies proxies_;
  Mutex mutex_;
  absl::flat_hash_map<std::string, size_t> taken_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace lumbar::gateway
