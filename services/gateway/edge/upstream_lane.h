// What an upstream has on one loop: connections of its own, and the calls that were begun there.
#pragma once

#include <absl/container/btree_map.h>
#include <absl/container/flat_hash_map.h>
#include <absl/time/time.h>
#include <boost/asio/steady_timer.hpp>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/http2/ledger.h"
#include "common/http2/loop.h"
#include "services/gateway/edge/backend.h"

namespace lumbar::gateway {

// What the lanes of one upstream share.
struct UpstreamSettings {
  // By full name of the service.
  std::map<std::string, BackendAddress, std::less<>> addresses;
  const Clock& clock;
  http2::Limits limits;
  FindPlaces find;
  // Null: there is no TLS.
  const transport::CertificateFiles* certificates;
  RetryPolicy retries;
};

// Everything on its loop but OnLoop and the constructor.
class UpstreamLane final : public http2::Resident {
 public:
  // Both outlive the lane.
  UpstreamLane(http2::Loop& loop, const UpstreamSettings& settings);

  // Runs `task` on the loop: at once if that is where we are.
  template <typename Task>
  void OnLoop(Task task) {
    if (runner_->IsHere()) {
      task();
    } else {
      runner_->Post(std::move(task));
    }
  }

  void Begin(const std::shared_ptr<BackendCall>& call);
  // Ends what runs, and what is begun later at once.
  void EndAll(const absl::Status& why);
  bool is_closed() const { return closed_; }

  void Tick() override;
  void Close() override;

  // For its calls: what all of them hold, and that one is over.
  http2::Ledger& ledger() { return ledger_; }
  void Forget(const BackendCall& call);

 private:
  using Key = std::pair<absl::Time, const BackendCall*>;

  // Ends what has taken too long, and sets the timer for what comes next.
  void EndLate();
  void Await(absl::Time deadline);

  const std::shared_ptr<http2::Runner> runner_;
  BackendParts parts_;
  http2::Ledger ledger_;
  // Null once the loop ends, like all that hangs on it.
  std::unique_ptr<boost::asio::steady_timer> timer_;
  // What the timer is set for; calls that end by themselves leave it as it is.
  absl::Time awaited_ = absl::InfiniteFuture();
  absl::flat_hash_map<std::string, std::shared_ptr<Backend>> by_service_;
  std::vector<std::shared_ptr<Backend>> backends_;
  // By deadline.
  absl::btree_map<Key, std::shared_ptr<BackendCall>> calls_;
  bool ended_ = false;
  bool closed_ = false;
};

}  // namespace lumbar::gateway
