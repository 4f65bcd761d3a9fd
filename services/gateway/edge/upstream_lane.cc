#include "services/gateway/edge/upstream_lane.h"

#include <absl/strings/str_cat.h>

#include "services/gateway/edge/errors.h"

namespace lumbar::gateway {
namespace {

constexpr size_t kAnswerBytes = 64 * 1024;

}  // namespace

UpstreamLane::UpstreamLane(http2::Loop& loop, const UpstreamSettings& settings)
    : runner_(loop.runner()),
      parts_{{settings.limits, settings.clock, loop.context(), std::string(kAnswerBytes, '\0'), settings.certificates},
             settings.find,
             settings.retries},
      ledger_(settings.limits.loop_bytes),
      timer_(std::make_unique<boost::asio::steady_timer>(loop.context())) {
  // Services at one address, of one name, share what leads there.
  absl::flat_hash_map<std::string, std::shared_ptr<Backend>> by_address;
  for (const auto& [service, address] : settings.addresses) {
    auto& backend = by_address[absl::StrCat(address.server_name, "@", address.host, ":", address.port)];
    if (backend == nullptr) {
      backend = std::make_shared<Backend>(parts_, address);
      backends_.push_back(backend);
    }
    by_service_.emplace(service, backend);
  }
}

void UpstreamLane::Begin(const std::shared_ptr<BackendCall>& call) {
  const auto backend = by_service_.find(ServiceIn(call->method()));
  if (ended_ || backend == by_service_.end()) return call->Conclude(UpstreamUnavailable());
  calls_.emplace(Key(call->deadline(), call.get()), call);
  Await(call->deadline());
  call->Start(*this, *backend->second);
}

void UpstreamLane::EndAll(const absl::Status& why) {
  ended_ = true;
  for (const auto& [key, call] : std::exchange(calls_, {})) call->EndNow(why);
}

void UpstreamLane::Forget(const BackendCall& call) { calls_.erase(Key(call.deadline(), &call)); }

void UpstreamLane::Tick() {
  EndLate();
  for (const auto& backend : backends_) backend->Tick();
}

void UpstreamLane::Close() {
  closed_ = true;
  EndAll(UpstreamUnavailable());
  for (const auto& backend : backends_) backend->Close();
  by_service_.clear();
  backends_.clear();
  timer_ = nullptr;
}

void UpstreamLane::EndLate() {
  const absl::Time now = parts_.clock.Now();
  while (!calls_.empty() && calls_.begin()->first.first <= now) {
    const auto call = calls_.begin()->second;
    call->End(UpstreamTooSlow());
    calls_.erase(Key(call->deadline(), call.get()));
  }
  if (!calls_.empty()) Await(calls_.begin()->first.first);
}

void UpstreamLane::Await(absl::Time deadline) {
  if (closed_ || deadline >= awaited_) return;
  awaited_ = deadline;
  timer_->expires_after(absl::ToChronoNanoseconds(deadline - parts_.clock.Now()));
  timer_->async_wait([this](const boost::system::error_code& error) {
    if (error || closed_) return;
    awaited_ = absl::InfiniteFuture();
    EndLate();
  });
}

}  // namespace lumbar::gateway
