#include "services/booking/domain/outbox_relay.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "common/telemetry/log.h"

namespace lumbar::booking {
namespace {

constexpr int kBatch = 16;
// Longer than a whole batch of deliveries that take the ten seconds each that a sink may take.
constexpr absl::Duration kLease = absl::Minutes(5);
constexpr absl::Duration kFirstBackoff = absl::Seconds(1);
constexpr absl::Duration kLongestBackoff = absl::Minutes(5);

// The code alone: a message could repeat what it was told.
std::string CodeOf(const absl::Status& status) { return absl::StatusCodeToString(status.code()); }

bool IsUnreachable(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

// The sink has understood and said no, so that it would say no again.
bool IsRefusal(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsNotFound(status) || absl::IsAlreadyExists(status) ||
         absl::IsPermissionDenied(status) || absl::IsFailedPrecondition(status) || absl::IsOutOfRange(status) ||
         absl::IsUnimplemented(status);
}

}  // namespace

absl::Duration Backoff(int64_t attempt, double draw) {
  const int doublings = static_cast<int>(std::clamp<int64_t>(attempt - 1, 0, 20));
  return draw * std::min(kFirstBackoff * std::ldexp(1.0, doublings), kLongestBackoff);
}

bool OutboxRelay::RelayBatch() {
  const absl::Time now = clock_.Now();
  // A wall clock that was set back must not keep it quiet for hours.
  quiet_until_ = std::min(quiet_until_, now + kOutage);
  if (now < quiet_until_) return false;
  const auto claimed = outbox_.Claim(kBatch, kLease);
  if (!claimed.ok()) {
    Log(LogLevel::kWarning, "outbox_not_claimed", {{"code", CodeOf(claimed.status())}});
    return false;
  }
  bool reachable = true;
  for (const ClaimedEvent& event : *claimed) {
    if (reachable) {
      reachable = !IsUnreachable(Deliver(event));
    } else {
      Postpone(event);
    }
  }
  if (!reachable) quiet_until_ = clock_.Now() + kOutage;
  return reachable && !claimed->empty();
}

absl::Status OutboxRelay::Deliver(const ClaimedEvent& claimed) {
  const absl::Status delivered = sink_.Deliver(claimed.event);
  if (!delivered.ok()) {
    Log(LogLevel::kWarning, "event_not_taken",
        {{"event_id", claimed.event.event_id()}, {"attempt", claimed.attempt}, {"code", CodeOf(delivered)}});
    Keep(claimed, delivered);
  } else if (const absl::Status marked = outbox_.MarkDelivered(claimed); !marked.ok()) {
    // Told again when the lease ends; the sink takes it once.
    Log(LogLevel::kWarning, "event_not_marked", {{"event_id", claimed.event.event_id()}, {"code", CodeOf(marked)}});
  }
  return delivered;
}

void OutboxRelay::Keep(const ClaimedEvent& claimed, const absl::Status& refusal) {
  if (claimed.attempt < kMostAttempts || !IsRefusal(refusal)) return Postpone(claimed);
  const absl::Status given_up = outbox_.GiveUp(claimed, CodeOf(refusal));
  // If it could not be written, the event is due again when the lease ends.
  Log(LogLevel::kError, given_up.ok() ? "event_given_up" : "event_not_given_up",
      {{"event_id", claimed.event.event_id()}, {"attempt", claimed.attempt}, {"code", CodeOf(refusal)}});
}

void OutboxRelay::Postpone(const ClaimedEvent& claimed) {
  const absl::Duration delay = Backoff(claimed.attempt, absl::Uniform(random_, 0.0, 1.0));
  const absl::Status postponed = outbox_.Postpone(claimed, delay);
  if (postponed.ok()) return;
  // Due again when the lease ends.
  Log(LogLevel::kWarning, "event_not_postponed", {{"event_id", claimed.event.event_id()}, {"code", CodeOf(postponed)}});
}

}  // namespace lumbar::booking
