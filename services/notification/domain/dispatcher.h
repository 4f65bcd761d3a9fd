// Sends what is due: each message once, never after a cancellation, never blindly.
#pragma once

#include <absl/random/random.h>
#include <absl/status/status.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "common/time/clock.h"
#include "services/notification/domain/appointment_versions.h"
#include "services/notification/domain/calendar_files.h"
#include "services/notification/domain/carrier.h"
#include "services/notification/domain/delivery_observer.h"
#include "services/notification/domain/message_store.h"
#include "services/notification/domain/preference_store.h"
#include "services/notification/domain/settlements.h"
#include "services/notification/domain/templates.h"

namespace lumbar::notification {

// Messages claimed at once.
inline constexpr int kBatch = 64;
inline constexpr absl::Duration kLease = kLongestLease;
// Tries before a message is given up.
inline constexpr int32_t kMostAttempts = 8;
// What one message may take: booking's 2 s twice, carriers' 26 s for a question and for a letter, and room to save the
// outcome. With less of its lease left a message is put back.
inline constexpr absl::Duration kSendBudget = absl::Seconds(60);
// While booking can't be asked.
inline constexpr absl::Duration kBookingRetry = absl::Seconds(5);

// One thread at a time; Stop from any. Several share a store, in one process or in many.
class Dispatcher {
 public:
  // What it stands on must outlive it.
  struct Ports {
    MessageStore& messages;
    PatientWishes& wishes;
    AppointmentVersions& versions;
    CalendarFiles& calendar;
    // A message of a channel that has none is given up: CHANNEL_NOT_CONFIGURED.
    Carriers carriers;
    const Templates& templates;
    DeliveryObserver& observer;
    const Clock& clock;
    // Who is told of emergencies, and of texts that wait too long; empty: nobody.
    std::string staff_email = {};
    // IANA zone of whose zone nobody knows: a text from a stranger is answered.
    std::string time_zone = "America/New_York";
    // Sends messages to the staff alone, so that they wait for no provider that is slow with others.
    bool staff_only = false;
  };

  explicit Dispatcher(Ports ports)
      : ports_(std::move(ports)), settlements_(ports_.messages, ports_.observer, ports_.clock) {}

  // Works through one batch. Returns true if it was a full one, so that more may be due. Claims nothing once stopped.
  bool RunBatch();

  // The message under way is finished; the others are put back for other dispatchers.
  void Stop() { stopping_.store(true); }

 private:
  // Whether the batch goes on.
  enum class Next { kGoOn, kPutBackTheRest };

  Next Dispatch(const ClaimedMessage& claimed);
  // Settles what an earlier try may have done. Returns true if the message is still to be sent.
  bool SettleDoubt(const ClaimedMessage& claimed);
  // Whether booking's word allows the message; nothing if it can't be asked, and the message is put back.
  std::optional<bool> AskBooking(const ClaimedMessage& claimed);
  bool Sendable(const ClaimedMessage& claimed, const absl::StatusOr<Standing>& standing);
  // Whether the patient wants the message, and wants it now. Asked last, so that a STOP that came a moment ago counts.
  bool Wanted(const ClaimedMessage& claimed);
  // The letter but for its calendar file.
  absl::StatusOr<Letter> Compose(const ClaimedMessage& claimed);
  // ABORTED: the appointment has changed since its version was asked. FAILED_PRECONDITION: nobody can be told.
  // Otherwise as CalendarFiles and Templates fail.
  absl::StatusOr<Letter> Write(const ClaimedMessage& claimed);
  // The file that goes with the message; a letter to a patient may go without, one to a clinician is addressed by it.
  absl::StatusOr<std::optional<CalendarFile>> FileFor(const v1::Message& message);
  Carrier* CarrierFor(v1::Channel channel) const;
  Next Send(const ClaimedMessage& claimed, const Letter& letter);
  void Conclude(const ClaimedMessage& claimed, const Handover& handover);
  // Counts the attempt; after the last one the message is given up.
  void RetryOrGiveUp(const ClaimedMessage& claimed, const Handover& handover, bool doubtful);
  void Drop(const ClaimedMessage& claimed, absl::string_view reason);
  void GiveUp(const ClaimedMessage& claimed, absl::string_view reason, bool doubtful);
  // `attempts` it took: to learn of an earlier one is none.
  void Deliver(const ClaimedMessage& claimed, const Handover& handover, int32_t attempts);
  // Not tried: this claim doesn't count as an attempt.
  void PutBack(const ClaimedMessage& claimed, absl::string_view reason, absl::Duration delay);

  const Ports ports_;
  Settlements settlements_;
  absl::BitGen random_;
  // Until when nobody takes messages of a channel, as far as this batch found out.
  std::map<v1::Channel, absl::Time> resting_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace lumbar::notification
