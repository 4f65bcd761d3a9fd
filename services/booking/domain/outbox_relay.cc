#include "services/booking/domain/outbox_relay.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace lumbar::booking {
namespace {

constexpr int kBatch = 16;
// Longer than a whole batch of deliveries that take their ten seconds each.
constexpr absl::Duration kLease = absl::Minutes(5);
constexpr absl::Duration kFirstBackoff = absl::Seconds(1);
constexpr absl::Duration kLongestBackoff = absl::Minutes(5);

// The code alone: a message could repeat what it was told.
std::string CodeOf(const absl::Status& status) { return absl::StatusCodeToString(status.code()); }

}  // namespace

absl::Duration Backoff(int64_t attempt, double draw) {
  const int doublings = static_cast<int>(std::clamp<int64_t>(attempt - 1, 0, 20));
  return draw * std::min(kFirstBackoff * std::ldexp(1.0, doublings), kLongestBackoff);
}

int OutboxRelay::RelayDue() {
  int delivered = 0;
  while (true) {
    const auto claimed = outbox_.Claim(kBatch, kLease);
    if (!claimed.ok()) {
      spdlog::warn("outbox: nothing claimed: {}", CodeOf(claimed.status()));
      return delivered;
    }
    if (claimed->empty()) return delivered;
    for (const ClaimedEvent& event : *claimed) delivered += Relay(event);
  }
}

bool OutboxRelay::Relay(const ClaimedEvent& claimed) {
  const absl::Status delivered = sink_.Deliver(claimed.event);
  absl::Status noted;
  if (delivered.ok()) {
    noted = outbox_.MarkDelivered(claimed);
  } else {
    const absl::Duration delay = Backoff(claimed.attempt, absl::Uniform(random_, 0.0, 1.0));
    spdlog::warn("outbox: event {} not taken at attempt {}: {}", claimed.event.event_id(), claimed.attempt,
                 CodeOf(delivered));
    noted = outbox_.Postpone(claimed, delay);
  }
  // The lease ends by itself; the event is told again then.
  if (!noted.ok()) spdlog::warn("outbox: event {} not marked: {}", claimed.event.event_id(), CodeOf(noted));
  return delivered.ok();
}

}  // namespace lumbar::booking
