// Sends what is due: each message once, never after a cancellation, never blindly.
#pragma once

#include <absl/random/random.h>
#include <absl/status/status.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <atomic>
#include <optional>

#include "common/time/clock.h"
#include "services/notification/domain/appointment_versions.h"
#include "services/notification/domain/calendar_files.h"
#include "services/notification/domain/delivery_observer.h"
#include "services/notification/domain/mailer.h"
#include "services/notification/domain/message_store.h"
#include "services/notification/domain/templates.h"

namespace lumbar::notification {

// Messages claimed at once.
inline constexpr int kBatch = 32;
inline constexpr absl::Duration kLease = absl::Minutes(2);
// Tries before a message is given up.
inline constexpr int32_t kMostAttempts = 8;
// What one message may take: booking's 2 s twice, the mail server's 20 s, and room to save the outcome. With less of
// its lease left a message is put back.
inline constexpr absl::Duration kSendBudget = absl::Seconds(30);
// While booking can't be asked.
inline constexpr absl::Duration kBookingRetry = absl::Seconds(5);

// One thread at a time; Stop from any.
class Dispatcher {
 public:
  // What it stands on must outlive it.
  struct Ports {
    MessageStore& messages;
    AppointmentVersions& versions;
    CalendarFiles& calendar;
    Mailer& mailer;
    const Templates& templates;
    DeliveryObserver& observer;
    const Clock& clock;
  };

  explicit Dispatcher(const Ports& ports) : ports_(ports) {}

  // Works through one batch. Returns true if it was a full one, so that more may be due. Claims nothing once stopped.
  bool RunBatch();

  // The message under way is finished; the others are put back for other dispatchers.
  void Stop() { stopping_.store(true); }

 private:
  // Returns false if booking can't be asked: the rest of the batch had better wait too.
  bool Dispatch(const ClaimedMessage& claimed);
  bool Sendable(const ClaimedMessage& claimed, const absl::StatusOr<Standing>& standing);
  // ABORTED: the appointment has changed since its version was asked. FAILED_PRECONDITION: nobody can be told.
  // Otherwise as CalendarFiles and Templates fail.
  absl::StatusOr<Letter> Write(const ClaimedMessage& claimed);
  // The file that goes with the message; a letter to a patient may go without, one to a clinician is addressed by it.
  absl::StatusOr<std::optional<CalendarFile>> FileFor(const v1::Message& message);
  void Conclude(const ClaimedMessage& claimed, const absl::Status& outcome);
  // Counts the attempt; after the last one the message is given up.
  void RetryOrGiveUp(const ClaimedMessage& claimed, absl::string_view reason);
  void Drop(const ClaimedMessage& claimed, absl::string_view reason);
  void GiveUp(const ClaimedMessage& claimed, absl::string_view reason);
  // Not tried: this claim doesn't count as an attempt.
  void PutBack(const ClaimedMessage& claimed, absl::string_view reason, absl::Duration delay);
  // Returns true if the outcome is saved.
  bool Settle(const ClaimedMessage& claimed, const Settlement& settlement);

  const Ports ports_;
  absl::BitGen random_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace lumbar::notification
