// The port to the events that wait for delivery. They get there in the transaction of the change they tell of.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <vector>

#include "lumbar/booking/v1/appointment.pb.h"

namespace lumbar::booking {

// An event that this process alone may deliver until the lease ends.
struct ClaimedEvent {
  v1::AppointmentEvent event;
  // How often it was claimed, this time included. Tells one claim from the next.
  int64_t attempt = 0;
};

class Outbox {
 public:
  virtual ~Outbox() = default;

  // Claims at most `limit` due events, the longest waiting first, until now + `lease`; a claim that nobody finished
  // ends with its lease. Of one appointment never more than the earliest undelivered event, so that its events keep
  // their order. One that can't be read is left out until its lease ends, and logged.
  virtual absl::StatusOr<std::vector<ClaimedEvent>> Claim(int limit, absl::Duration lease) = 0;
  // Forgets a delivered event. Nothing happens if somebody else claimed it since.
  virtual absl::Status MarkDelivered(const ClaimedEvent& claimed) = 0;
  // Gives the claim back; the event is due again after `delay`. Nothing happens if somebody else claimed it since.
  virtual absl::Status Postpone(const ClaimedEvent& claimed, absl::Duration delay) = 0;
  // Keeps the event and never gives it out again; the later events of its appointment go on. `code` is how the sink
  // refused it, not empty. Nothing happens if somebody else claimed it since.
  virtual absl::Status GiveUp(const ClaimedEvent& claimed, absl::string_view code) = 0;
};

}  // namespace lumbar::booking
