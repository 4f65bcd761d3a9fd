// Carries events from the outbox to the sink: at least once, those of one appointment in order. Only an event
// that is refused for good is given up.
#pragma once

#include <absl/random/random.h>
#include <absl/time/time.h>

#include "common/time/clock.h"
#include "services/booking/domain/event_sink.h"
#include "services/booking/domain/outbox.h"

namespace lumbar::booking {

// Exponential backoff with full jitter: anywhere up to 1 s * 2^(attempt - 1), and up to 5 minutes in the end. `draw` is
// uniform in [0, 1).
absl::Duration Backoff(int64_t attempt, double draw);

// Deliveries of an event before a refusal for good is believed; they spread over half an hour or so.
inline constexpr int64_t kMostAttempts = 20;

// How long a sink that couldn't be reached is left alone.
inline constexpr absl::Duration kOutage = absl::Seconds(1);

// Not thread safe: one PeriodicTask drives it. Any number of processes may relay from one outbox.
class OutboxRelay {
 public:
  // All must outlive it.
  OutboxRelay(Outbox& outbox, EventSink& sink, const Clock& clock) : outbox_(outbox), sink_(sink), clock_(clock) {}

  // Claims what is due, up to a batch, and delivers it. Returns whether more may be due right now. Once the sink can't
  // be reached, the rest of the batch is postponed unsent, so that this returns within seconds, and nothing is claimed
  // for kOutage: each booking would cost the database a claim and a postponement for nothing.
  bool RelayBatch();

 private:
  absl::Status Deliver(const ClaimedEvent& claimed);
  // After a delivery that failed.
  void Keep(const ClaimedEvent& claimed, const absl::Status& refusal);
  void Postpone(const ClaimedEvent& claimed);

  Outbox& outbox_;
  EventSink& sink_;
  const Clock& clock_;
  absl::Time quiet_until_ = absl::InfinitePast();
  absl::BitGen random_;
};

}  // namespace lumbar::booking
