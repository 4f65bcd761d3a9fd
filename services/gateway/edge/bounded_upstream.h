// Bounds how much is under way to each service.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/strings/string_view.h>

#include <memory>
#include <string>
#include <vector>

#include "services/gateway/edge/upstream.h"

namespace prometheus {
class Registry;
}

namespace lumbar::gateway {

struct UpstreamBounds {
  // To each service at a time. A call beyond what it does at once would only wait there, and streams last.
  size_t calls = 256;
  size_t streams = 2048;
};

// Around another upstream. What finds no room fails at once as RESOURCE_EXHAUSTED/TOO_BUSY, before it has cost
// anything: a queue would only make everybody late. Contracts of one package are one service.
class BoundedUpstream final : public Upstream {
 public:
  // `services` are the contracts' full names. `upstream` outlives this.
  BoundedUpstream(Upstream& upstream, const std::vector<std::string>& services, const UpstreamBounds& bounds,
                  const std::shared_ptr<prometheus::Registry>& registry);
  ~BoundedUpstream() override;

  GiveUp Call(UpstreamCall call, Callback done) override;
  std::shared_ptr<UpstreamStream> Open(UpstreamCall call, std::shared_ptr<StreamTaker> taker) override;
  absl::Status CheckRoom(absl::string_view method, bool is_stream) override;
  void CancelAll() override { upstream_.CancelAll(); }

 private:
  class Room;
  struct Rooms {
    std::shared_ptr<Room> calls;
    std::shared_ptr<Room> streams;
  };

  // Null: nobody offers it.
  const Rooms* RoomsOf(absl::string_view method) const;

  Upstream& upstream_;
  // By package, e.g. "lumbar.booking.v1".
  absl::flat_hash_map<std::string, Rooms> rooms_;
};

}  // namespace lumbar::gateway
