#include "services/notification/domain/dispatcher.h"

#include <string>
#include <utility>
#include <vector>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/telemetry/log.h"
#include "common/time/proto_time.h"
#include "services/notification/domain/backoff.h"
#include "services/notification/domain/plan.h"

namespace lumbar::notification {
namespace {

constexpr absl::string_view kBookingUnreachable = "BOOKING_UNREACHABLE";
constexpr absl::string_view kOutcomeUnknown = "OUTCOME_UNKNOWN";

// Never the status's message, which could repeat what a peer said.
std::string ReasonFor(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return reason.empty() ? absl::StatusCodeToString(status.code()) : reason;
}

// Whether booking can't be asked about any appointment now. Any other failure may be about this one alone.
bool IsUnreachable(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsResourceExhausted(status) ||
         absl::IsUnauthenticated(status);
}

// Why booking's word forbids the message, or "" if it doesn't.
absl::string_view WhyWrong(const v1::Message& message, const Standing& standing) {
  const bool cancelled = standing.state == booking::v1::APPOINTMENT_STATE_CANCELLED;
  // True of a clinician who hasn't the visit any more, whatever became of it since.
  if (message.kind() == v1::MESSAGE_KIND_CLINICIAN_CANCELLATION) {
    return cancelled || standing.clinician != message.clinician() ? absl::string_view() : kSuperseded;
  }
  if (cancelled && message.kind() != v1::MESSAGE_KIND_CANCELLATION) return kAppointmentCancelled;
  return message.appointment_version() == standing.version ? absl::string_view() : kSuperseded;
}

// Whether the event that the patient came, and nothing else, may be under way: it will say what becomes of the message.
bool WaitsForEvent(const v1::Message& message, const Standing& standing) {
  return Confirms(message.kind()) && IsPatientThere(standing.state) && message.appointment_version() < standing.version;
}

}  // namespace

bool Dispatcher::RunBatch() {
  if (stopping_.load()) return false;
  const absl::StatusOr<std::vector<ClaimedMessage>> batch = ports_.messages.Claim(kBatch, kLease);
  if (!batch.ok()) {
    Log(LogLevel::kWarning, "messages_not_claimed", {{"reason", ReasonFor(batch.status())}});
    return false;
  }
  bool booking_answers = true;
  for (const ClaimedMessage& claimed : *batch) {
    if (!booking_answers) {
      PutBack(claimed, kBookingUnreachable, kBookingRetry);
    } else if (stopping_.load() || claimed.lease_end - ports_.clock.Now() < kSendBudget) {
      PutBack(claimed, claimed.message.reason(), absl::ZeroDuration());
    } else {
      booking_answers = Dispatch(claimed);
    }
  }
  return batch->size() == kBatch && booking_answers && !stopping_.load();
}

bool Dispatcher::Dispatch(const ClaimedMessage& claimed) {
  if (claimed.recovered) ports_.observer.Unknown();
  if (claimed.message.attempts() > kMostAttempts) {
    GiveUp(claimed, kOutcomeUnknown);
    return true;
  }
  const absl::StatusOr<Standing> standing = ports_.versions.Current(claimed.message.appointment());
  if (!standing.ok() && !absl::IsNotFound(standing.status())) {
    Log(LogLevel::kWarning, "appointment_version_unknown",
        {{"message", claimed.message.name()}, {"reason", ReasonFor(standing.status())}});
    if (!IsUnreachable(standing.status())) {
      RetryOrGiveUp(claimed, ReasonFor(standing.status()));
      return true;
    }
    PutBack(claimed, kBookingUnreachable, kBookingRetry);
    return false;
  }
  if (!Sendable(claimed, standing)) return true;
  const absl::StatusOr<Letter> letter = Write(claimed);
  if (IsUnreachable(letter.status())) {
    PutBack(claimed, kBookingUnreachable, kBookingRetry);
    return false;
  }
  if (letter.ok()) {
    Conclude(claimed, ports_.mailer.Send(*letter));
  } else if (absl::IsAborted(letter.status())) {
    Drop(claimed, kSuperseded);
  } else if (absl::IsFailedPrecondition(letter.status())) {
    Drop(claimed, ReasonFor(letter.status()));
  } else {
    Conclude(claimed, letter.status());
  }
  return true;
}

bool Dispatcher::Sendable(const ClaimedMessage& claimed, const absl::StatusOr<Standing>& standing) {
  const bool waits = standing.ok() && WaitsForEvent(claimed.message, *standing);
  std::string reason = ReasonOf(standing.status());
  if (standing.ok() && !waits) reason = std::string(WhyWrong(claimed.message, *standing));
  if (reason.empty()) {
    const absl::Time start = FromProto(claimed.appointment.slot().start_time());
    reason = std::string(WhyTooLate(claimed.message, start, ports_.clock.Now()));
  }
  if (!reason.empty()) {
    Drop(claimed, reason);
  } else if (waits) {
    PutBack(claimed, claimed.message.reason(), kBookingRetry);
  }
  return reason.empty() && !waits;
}

absl::StatusOr<Letter> Dispatcher::Write(const ClaimedMessage& claimed) {
  const v1::Message& message = claimed.message;
  LUMBAR_ASSIGN_OR_RETURN(Rendered rendered, ports_.templates.Render(message, claimed.appointment));
  LUMBAR_ASSIGN_OR_RETURN(std::optional<CalendarFile> file, FileFor(message));
  const booking::v1::PatientContact& contact = claimed.appointment.contact();
  Letter letter = {message.name().substr(message.name().rfind('/') + 1),
                   contact.display_name(),
                   contact.email(),
                   std::move(rendered.subject),
                   std::move(rendered.text),
                   std::move(rendered.html)};
  if (IsForClinician(message.kind())) {
    letter.to_name = std::move(file->reader_name);
    letter.to_address = std::move(file->reader_address);
  }
  if (file) letter.calendar = CalendarPart{std::move(file->method), std::move(file->text)};
  return letter;
}

absl::StatusOr<std::optional<CalendarFile>> Dispatcher::FileFor(const v1::Message& message) {
  if (!ChangesCalendar(message.kind())) return std::nullopt;
  absl::StatusOr<CalendarFile> file = ports_.calendar.For(message.appointment(), message.clinician());
  const bool for_clinician = IsForClinician(message.kind());
  if (!file.ok() && (for_clinician || IsUnreachable(file.status()))) return file.status();
  if (!file.ok()) {
    // The letter says it all; without it the patient wouldn't know of the visit.
    Log(LogLevel::kWarning, "message_without_calendar_file",
        {{"message", message.name()}, {"reason", ReasonFor(file.status())}});
    return std::nullopt;
  }
  const bool farewell = message.kind() == v1::MESSAGE_KIND_CLINICIAN_CANCELLATION;
  const bool fits = farewell ? file->method == "CANCEL" : file->version == message.appointment_version();
  if (!fits) return absl::AbortedError("changed since its version was asked");
  return *std::move(file);
}

void Dispatcher::Conclude(const ClaimedMessage& claimed, const absl::Status& outcome) {
  if (outcome.ok()) {
    // Counted before it is saved: what isn't saved turns up again as an unknown outcome.
    ports_.observer.Sent(claimed.message.kind());
    Settle(claimed, {v1::MESSAGE_STATE_SENT, "", claimed.message.attempts(), ports_.clock.Now()});
    return;
  }
  const std::string reason = ReasonFor(outcome);
  Log(LogLevel::kWarning, "message_not_sent",
      {{"message", claimed.message.name()}, {"attempt", claimed.message.attempts()}, {"reason", reason}});
  if (absl::IsUnknown(outcome)) ports_.observer.Unknown();
  if (absl::IsFailedPrecondition(outcome)) return GiveUp(claimed, reason);
  RetryOrGiveUp(claimed, reason);
}

void Dispatcher::RetryOrGiveUp(const ClaimedMessage& claimed, absl::string_view reason) {
  const int32_t attempts = claimed.message.attempts();
  if (attempts >= kMostAttempts) return GiveUp(claimed, reason);
  const absl::Time next = ports_.clock.Now() + Backoff(attempts, random_);
  if (Settle(claimed, {v1::MESSAGE_STATE_QUEUED, std::string(reason), attempts, next})) {
    ports_.observer.Retried(reason);
  }
}

void Dispatcher::Drop(const ClaimedMessage& claimed, absl::string_view reason) {
  const int32_t untried = claimed.message.attempts() - 1;
  if (Settle(claimed, {v1::MESSAGE_STATE_DROPPED, std::string(reason), untried})) {
    ports_.observer.Dropped(reason, 1);
  }
}

void Dispatcher::GiveUp(const ClaimedMessage& claimed, absl::string_view reason) {
  if (Settle(claimed, {v1::MESSAGE_STATE_DEAD, std::string(reason), claimed.message.attempts()})) {
    ports_.observer.Dead(reason);
  }
}

void Dispatcher::PutBack(const ClaimedMessage& claimed, absl::string_view reason, absl::Duration delay) {
  const int32_t untried = claimed.message.attempts() - 1;
  Settle(claimed, {v1::MESSAGE_STATE_QUEUED, std::string(reason), untried, ports_.clock.Now() + delay});
}

bool Dispatcher::Settle(const ClaimedMessage& claimed, const Settlement& settlement) {
  const absl::Status saved = ports_.messages.Settle(claimed, settlement);
  if (saved.ok()) return true;
  // If it was for the store, the lease ends by itself.
  Log(LogLevel::kWarning, "message_not_settled", {{"message", claimed.message.name()}, {"reason", ReasonFor(saved)}});
  return false;
}

}  // namespace lumbar::notification
