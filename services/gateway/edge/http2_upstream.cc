#include "services/gateway/edge/http2_upstream.h"

#include <utility>
#include <vector>

#include "common/status/macros.h"
#include "services/gateway/edge/errors.h"

namespace lumbar::gateway {

// Brings what it is told to the call's loop.
class Http2Upstream::Stream final : public UpstreamStream {
 public:
  Stream(std::shared_ptr<UpstreamLane> lane, std::shared_ptr<StreamedCall> call)
      : lane_(std::move(lane)), call_(std::move(call)) {}
  void Next() override {
    lane_->OnLoop([call = call_] { call->Want(); });
  }
  void Cancel() override {
    lane_->OnLoop([call = call_] { call->EndNow(ClientGone()); });
  }

 private:
  const std::shared_ptr<UpstreamLane> lane_;
  const std::shared_ptr<StreamedCall> call_;
};

absl::StatusOr<std::unique_ptr<Http2Upstream>> Http2Upstream::Create(const Targets& targets, const Clock& clock,
                                                                     UpstreamOptions options) {
  UpstreamSettings settings{.addresses = {},
                            .clock = clock,
                            .limits = options.limits,
                            .find = std::move(options.find),
                            .certificates = options.certificates,
                            .retries = {std::move(options.repeatable), std::move(options.registry)}};
  for (const auto& [service, target] : targets) {
    LUMBAR_ASSIGN_OR_RETURN(settings.addresses[service], BackendAddress::Parse(target));
  }
  return std::unique_ptr<Http2Upstream>(new Http2Upstream(std::move(settings)));
}

Http2Upstream::Http2Upstream(UpstreamSettings settings)
    : settings_(std::move(settings)),
      loop_(settings_.limits, no_handler_, settings_.clock, [] {}),
      common_lane_(std::make_shared<UpstreamLane>(loop_, settings_)) {
  loop_.Keep(common_lane_);
  loop_.Run();
}

// Before the lanes, which have the loop's own things.
Http2Upstream::~Http2Upstream() { loop_.Stop(); }

std::shared_ptr<UpstreamLane> Http2Upstream::LaneHere() {
  http2::Loop* const loop = http2::Loop::Here();
  if (loop == nullptr) return common_lane_;
  std::shared_ptr<UpstreamLane> made;
  {
    const MutexLock lock(mutex_);
    auto& lane = lanes_[loop];
    // Another loop may have been where this one is.
    if (lane != nullptr && !lane->is_closed()) return lane;
    lane = made = std::make_shared<UpstreamLane>(*loop, settings_);
  }
  loop->Keep(made);
  return made;
}

GiveUp Http2Upstream::Call(UpstreamCall call, Callback done) {
  if (ended_) {
    done(UpstreamUnavailable());
    return nullptr;
  }
  const auto lane = LaneHere();
  const auto unary = std::make_shared<UnaryCall>(std::move(call), settings_.clock.Now(), std::move(done));
  lane->OnLoop([lane, unary] { lane->Begin(unary); });
  return [lane, weak = std::weak_ptr<UnaryCall>(unary)] {
    lane->OnLoop([weak] {
      if (const auto running = weak.lock()) running->End(ClientGone());
    });
  };
}

std::shared_ptr<UpstreamStream> Http2Upstream::Open(UpstreamCall call, std::shared_ptr<StreamTaker> taker) {
  const auto lane = LaneHere();
  const auto streamed = std::make_shared<StreamedCall>(std::move(call), settings_.clock.Now(), std::move(taker));
  ended_ ? streamed->Conclude(UpstreamUnavailable()) : lane->OnLoop([lane, streamed] { lane->Begin(streamed); });
  return std::make_shared<Stream>(lane, streamed);
}

void Http2Upstream::CancelAll() {
  ended_ = true;
  std::vector<std::shared_ptr<UpstreamLane>> lanes = {common_lane_};
  {
    const MutexLock lock(mutex_);
    for (const auto& [loop, lane] : lanes_) lanes.push_back(lane);
  }
  for (const auto& lane : lanes) lane->OnLoop([lane] { lane->EndAll(Stopped()); });
}

}  // namespace lumbar::gateway
