// Upstream over HTTP/2 connections of our own, requests and answers undecoded.
//
// A call runs on the event loop that begins it: its request, the answer and what becomes of them never cross to another
// thread. For that each loop has a lane with connections of its own; callers without a loop share one. nghttp2 does the
// framing (common/http2).
//
//     upstream -> lane (a loop) -> backend (an address) -> connection; call -> answer
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/status/statusor.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "common/concurrency/mutex.h"
#include "common/http2/limits.h"
#include "common/http2/loop.h"
#include "common/time/clock.h"
#include "common/transport/certificate_files.h"
#include "services/gateway/edge/upstream.h"
#include "services/gateway/edge/upstream_lane.h"

namespace lumbar::gateway {

struct UpstreamOptions {
  http2::Limits limits = {};
  FindPlaces find = AskSystem;
  // By which we and the services show each other who we are; null: there is no TLS. Outlive the upstream.
  const transport::CertificateFiles* certificates = nullptr;
  // As RepeatableMethods gives them.
  absl::flat_hash_set<std::string> repeatable = {};
  // Where retries are counted.
  std::shared_ptr<prometheus::Registry> registry = nullptr;
};

class Http2Upstream final : public Upstream {
 public:
  // By full name of the service, e.g. "lumbar.booking.v1.BookingService": where it is, as BackendAddress takes it.
  using Targets = std::map<std::string, std::string, std::less<>>;

  // Outlives the loops on which it is called. `clock` outlives it and goes on evenly.
  // INVALID_ARGUMENT/INVALID_FIELD: no such target.
  static absl::StatusOr<std::unique_ptr<Http2Upstream>> Create(const Targets& targets, const Clock& clock,
                                                               UpstreamOptions options = {});
  ~Http2Upstream() override;

  // Besides what Upstream says, RESOURCE_EXHAUSTED/TOO_BUSY: too many calls wait, or they hold too much. A service that
  // isn't a target is answered UNAVAILABLE/UPSTREAM_UNAVAILABLE.
  GiveUp Call(UpstreamCall call, Callback done) override;
  std::shared_ptr<UpstreamStream> Open(UpstreamCall call, std::shared_ptr<StreamTaker> taker) override;
  void CancelAll() override;

 private:
  class Stream;
  // Is never called: nobody connects to the loop of those who have none.
  class NoHandler final : public http2::Handler {
    void OnRequest(const std::shared_ptr<http2::Stream>&) override {}
  };

  explicit Http2Upstream(UpstreamSettings settings);
  std::shared_ptr<UpstreamLane> LaneHere();

  const UpstreamSettings settings_;
  std::atomic<bool> ended_ = false;
  Mutex mutex_;
  std::map<http2::Loop*, std::shared_ptr<UpstreamLane>> lanes_ ABSL_GUARDED_BY(mutex_);
  NoHandler no_handler_;
  http2::Loop loop_;
  const std::shared_ptr<UpstreamLane> common_lane_;
};

}  // namespace lumbar::gateway
