#include "services/notification/domain/dispatcher.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/status/macros.h"
#include "common/telemetry/log.h"
#include "common/time/proto_time.h"
#include "services/notification/domain/backoff.h"
#include "services/notification/domain/plan.h"
#include "services/notification/domain/reasons.h"
#include "services/notification/domain/webhook_payload.h"
#include "services/notification/errors.h"

namespace lumbar::notification {
namespace {

// A provider may work for so long on a call that we have given up: sooner it can't tell what became of it.
constexpr absl::Duration kDoubtPatience = absl::Seconds(45);
constexpr absl::string_view kBookingUnreachable = "BOOKING_UNREACHABLE";
constexpr absl::string_view kQuietHours = "QUIET_HOURS";
constexpr absl::string_view kOutcomeUnknown = "OUTCOME_UNKNOWN";
// How long after a patient's text an answer wakes nobody.
constexpr absl::Duration kAwake = absl::Hours(2);

// Whether booking can't be asked about any appointment now. Any other failure may be about this one alone.
bool IsUnreachable(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsResourceExhausted(status) ||
         absl::IsUnauthenticated(status);
}

// Why booking's word forbids the message, or "" if it doesn't.
absl::string_view WhyWrong(const v1::Message& message, const Standing& standing) {
  const bool cancelled = standing.state == booking::v1::APPOINTMENT_STATE_CANCELLED;
  const bool tells_so =
      message.kind() == v1::MESSAGE_KIND_CANCELLATION || message.kind() == v1::MESSAGE_KIND_EVENT_CANCELLED;
  // True of a clinician who hasn't the visit any more, whatever became of it since.
  if (message.kind() == v1::MESSAGE_KIND_CLINICIAN_CANCELLATION) {
    return cancelled || standing.clinician != message.clinician() ? absl::string_view() : kSuperseded;
  }
  if (cancelled && !tells_so) return kAppointmentCancelled;
  return message.appointment_version() == standing.version ? absl::string_view() : kSuperseded;
}

booking::v1::Appointment InZone(booking::v1::Appointment visit, const std::string& zone) {
  if (visit.contact().time_zone().empty()) visit.mutable_contact()->set_time_zone(zone);
  return visit;
}

// Whether the event that the patient came, and nothing else, may be under way: it will say what becomes of the message.
bool WaitsForEvent(const v1::Message& message, const Standing& standing) {
  return Confirms(message.kind()) && IsPatientThere(standing.state) && message.appointment_version() < standing.version;
}

}  // namespace

bool Dispatcher::RunBatch() {
  // While the store can't take what became of the last messages, nothing more is sent.
  if (stopping_.load() || !settlements_.Save()) return false;
  const absl::StatusOr<std::vector<ClaimedMessage>> batch =
      ports_.staff_only ? ports_.messages.ClaimForStaff(kBatch, kLease) : ports_.messages.Claim(kBatch, kLease);
  if (!batch.ok()) {
    Log(LogLevel::kWarning, "messages_not_claimed", {{"reason", ReasonFor(batch.status())}});
    return false;
  }
  resting_.clear();
  bool booking_answers = true, store_answers = true;
  for (const ClaimedMessage& claimed : *batch) {
    if (!booking_answers && !IsOfConversation(claimed.message.kind())) {
      PutBack(claimed, kBookingUnreachable, kBookingRetry);
    } else if (!store_answers || stopping_.load() || claimed.lease_end - ports_.clock.Now() < kSendBudget) {
      PutBack(claimed, claimed.message.reason(), absl::ZeroDuration());
    } else if (Dispatch(claimed) == Next::kPutBackTheRest) {
      booking_answers = false;
    }
    store_answers = store_answers && settlements_.SaveIfDue();
  }
  store_answers = settlements_.SaveOrKeep();
  return batch->size() == kBatch && booking_answers && store_answers && resting_.empty() && !stopping_.load();
}

Dispatcher::Next Dispatcher::Dispatch(const ClaimedMessage& claimed) {
  if (claimed.recovered) ports_.observer.Unknown();
  if (const auto rest = resting_.find(claimed.message.channel()); rest != resting_.end()) {
    PutBack(claimed, ReasonFor(ProvidersResting()), rest->second - ports_.clock.Now());
    return Next::kGoOn;
  }
  if (claimed.doubtful && !SettleDoubt(claimed)) return Next::kGoOn;
  if (claimed.message.attempts() > kMostAttempts) {
    GiveUp(claimed, kOutcomeUnknown, true);
    return Next::kGoOn;
  }
  if (!IsOfConversation(claimed.message.kind())) {
    const std::optional<bool> allowed = AskBooking(claimed);
    if (!allowed) return Next::kPutBackTheRest;
    if (!*allowed) return Next::kGoOn;
  }
  if (!Wanted(claimed)) return Next::kGoOn;
  const absl::StatusOr<Letter> letter = Write(claimed);
  if (IsUnreachable(letter.status())) {
    PutBack(claimed, kBookingUnreachable, kBookingRetry);
    return Next::kPutBackTheRest;
  }
  if (letter.ok()) return Send(claimed, *letter);
  if (absl::IsAborted(letter.status())) {
    Drop(claimed, kSuperseded);
  } else if (absl::IsFailedPrecondition(letter.status())) {
    Drop(claimed, ReasonFor(letter.status()));
  } else {
    Conclude(claimed, {letter.status()});
  }
  return Next::kGoOn;
}

std::optional<bool> Dispatcher::AskBooking(const ClaimedMessage& claimed) {
  const absl::StatusOr<Standing> standing = ports_.versions.Current(claimed.message.appointment());
  if (standing.ok() || absl::IsNotFound(standing.status())) return Sendable(claimed, standing);
  Log(LogLevel::kWarning, "appointment_version_unknown",
      {{"message", claimed.message.name()}, {"reason", ReasonFor(standing.status())}});
  if (!IsUnreachable(standing.status())) {
    RetryOrGiveUp(claimed, {standing.status()}, claimed.doubtful);
    return false;
  }
  PutBack(claimed, kBookingUnreachable, kBookingRetry);
  return std::nullopt;
}

bool Dispatcher::SettleDoubt(const ClaimedMessage& claimed) {
  Carrier* const carrier = CarrierFor(claimed.message.channel());
  const absl::StatusOr<Letter> letter = Compose(claimed);
  if (carrier == nullptr || !letter.ok()) return true;
  const Handover answer = carrier->Ask(*letter);
  if (answer.status.ok()) {
    Deliver(claimed, answer, claimed.message.attempts() - 1);
  } else if (absl::IsResourceExhausted(answer.status)) {
    // Others, that no provider must be asked about, needn't wait.
    PutBack(claimed, ReasonFor(answer.status), std::min(answer.retry_after, kLongestRest));
  } else if (!absl::IsNotFound(answer.status) && !absl::IsUnimplemented(answer.status)) {
    RetryOrGiveUp(claimed, answer, true);
  }
  return absl::IsNotFound(answer.status) || absl::IsUnimplemented(answer.status);
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

bool Dispatcher::Wanted(const ClaimedMessage& claimed) {
  const v1::Message& message = claimed.message;
  const booking::v1::Appointment& visit = claimed.appointment;
  if (!IsForPatient(message.kind())) return true;
  const absl::StatusOr<Wishes> wishes = ports_.wishes.WishesOf(visit.patient(), visit.contact().phone_number());
  if (!wishes.ok()) {
    PutBack(claimed, ReasonFor(wishes.status()), kBookingRetry);
    return false;
  }
  if (IsOptedOut(*wishes, message.channel())) {
    Drop(claimed, ReasonFor(OptedOut()));
    return false;
  }
  if (!KeepsQuietHours(message.kind(), message.channel())) return true;
  const absl::Time now = ports_.clock.Now();
  const bool reply = message.kind() == v1::MESSAGE_KIND_REPLY;
  // Who wrote a moment ago is awake.
  if (reply && now - claimed.patient_wrote <= kAwake) return true;
  const absl::Time expires = message.has_expire_time() ? FromProto(message.expire_time()) : absl::InfiniteFuture();
  const absl::Time start = reply ? absl::InfiniteFuture() : FromProto(visit.slot().start_time());
  const QuietHours quiet = QuietHours::Of(wishes->preferences, reply ? InZone(visit, ports_.time_zone) : visit);
  const auto when = WhenToSend(message.kind(), now, expires, start, quiet, now);
  if (!when) {
    Drop(claimed, kQuietHours);
  } else if (*when > now) {
    PutBack(claimed, kQuietHours, *when - now);
  }
  return when && *when <= now;
}

absl::StatusOr<Letter> Dispatcher::Compose(const ClaimedMessage& claimed) {
  const v1::Message& message = claimed.message;
  const std::string id = message.name().substr(message.name().rfind('/') + 1);
  if (IsForSystem(message.kind())) {
    return Letter{id, "", "", "", WebhookPayload(message, claimed.appointment), ""};
  }
  if (IsForStaff(message.kind()) && ports_.staff_email.empty()) return StaffEmailMissing();
  Rendered rendered;
  if (message.kind() == v1::MESSAGE_KIND_REPLY) {
    rendered.text = claimed.text;
  } else {
    LUMBAR_ASSIGN_OR_RETURN(rendered, ports_.templates.Render(message, claimed.appointment));
  }
  const booking::v1::PatientContact& contact = claimed.appointment.contact();
  const bool is_text = message.channel() == v1::CHANNEL_SMS;
  if (is_text && contact.phone_number().empty()) return PhoneNumberMissing();
  return Letter{id,
                contact.display_name(),
                IsForStaff(message.kind()) ? ports_.staff_email
                : is_text                  ? contact.phone_number()
                                           : contact.email(),
                std::move(rendered.subject),
                std::move(rendered.text),
                std::move(rendered.html),
                std::nullopt,
                FromProto(message.due_time()),
                claimed.others};
}

absl::StatusOr<Letter> Dispatcher::Write(const ClaimedMessage& claimed) {
  LUMBAR_ASSIGN_OR_RETURN(Letter letter, Compose(claimed));
  if (claimed.message.channel() != v1::CHANNEL_EMAIL) return letter;
  LUMBAR_ASSIGN_OR_RETURN(std::optional<CalendarFile> file, FileFor(claimed.message));
  if (IsForClinician(claimed.message.kind())) {
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

Carrier* Dispatcher::CarrierFor(v1::Channel channel) const {
  const auto carrier = ports_.carriers.find(channel);
  return carrier == ports_.carriers.end() ? nullptr : carrier->second;
}

Dispatcher::Next Dispatcher::Send(const ClaimedMessage& claimed, const Letter& letter) {
  Carrier* const carrier = CarrierFor(claimed.message.channel());
  const Handover handover = carrier == nullptr ? Handover{ChannelNotConfigured()} : carrier->Send(letter);
  if (absl::IsResourceExhausted(handover.status)) {
    const absl::Duration rest = std::min(handover.retry_after, kLongestRest);
    resting_[claimed.message.channel()] = ports_.clock.Now() + rest;
    PutBack(claimed, ReasonFor(handover.status), rest);
    return Next::kGoOn;
  }
  Conclude(claimed, handover);
  return Next::kGoOn;
}

void Dispatcher::Conclude(const ClaimedMessage& claimed, const Handover& handover) {
  const absl::Status& outcome = handover.status;
  if (outcome.ok()) return Deliver(claimed, handover, claimed.message.attempts());
  const std::string reason = ReasonFor(outcome);
  Log(LogLevel::kWarning, "message_not_sent",
      {{"message", claimed.message.name()}, {"attempt", claimed.message.attempts()}, {"reason", reason}});
  if (absl::IsUnknown(outcome)) ports_.observer.Unknown();
  if (absl::IsFailedPrecondition(outcome)) return GiveUp(claimed, reason, false);
  RetryOrGiveUp(claimed, handover, absl::IsUnknown(outcome));
}

void Dispatcher::Deliver(const ClaimedMessage& claimed, const Handover& handover, int32_t attempts) {
  // Counted before it is saved: what isn't saved turns up again as an unknown outcome.
  ports_.observer.Sent(claimed.message.kind());
  settlements_.Add(claimed, {v1::MESSAGE_STATE_SENT, "", attempts, ports_.clock.Now(), false, handover.provider,
                             handover.reference});
}

void Dispatcher::RetryOrGiveUp(const ClaimedMessage& claimed, const Handover& handover, bool doubtful) {
  const std::string reason = ReasonFor(handover.status);
  const int32_t attempts = claimed.message.attempts();
  if (attempts >= kMostAttempts) return GiveUp(claimed, reason, doubtful);
  const absl::Time now = ports_.clock.Now();
  const absl::Duration useful = UsefulFor(claimed.message, FromProto(claimed.appointment.slot().start_time()), now);
  const absl::Duration asked = std::min(handover.retry_after, LongestRetryAfter(useful));
  const absl::Duration least = doubtful ? kDoubtPatience : absl::ZeroDuration();
  const absl::Duration wait = std::max({Backoff(attempts, random_), asked, least});
  settlements_.Add(claimed, {v1::MESSAGE_STATE_QUEUED, reason, attempts, now + wait, doubtful},
                   [reason](DeliveryObserver& observer) { observer.Retried(reason); });
}

void Dispatcher::Drop(const ClaimedMessage& claimed, absl::string_view reason) {
  const int32_t untried = claimed.message.attempts() - 1;
  settlements_.Add(claimed, {v1::MESSAGE_STATE_DROPPED, std::string(reason), untried},
                   [reason = std::string(reason)](DeliveryObserver& observer) { observer.Dropped(reason, 1); });
}

void Dispatcher::GiveUp(const ClaimedMessage& claimed, absl::string_view reason, bool doubtful) {
  settlements_.Add(
      claimed, {v1::MESSAGE_STATE_DEAD, std::string(reason), claimed.message.attempts(), absl::UnixEpoch(), doubtful},
      [reason = std::string(reason)](DeliveryObserver& observer) { observer.Dead(reason); });
}

void Dispatcher::PutBack(const ClaimedMessage& claimed, absl::string_view reason, absl::Duration delay) {
  const int32_t untried = claimed.message.attempts() - 1;
  settlements_.Add(
      claimed, {v1::MESSAGE_STATE_QUEUED, std::string(reason), untried, ports_.clock.Now() + delay, claimed.doubtful});
}

}  // namespace lumbar::notification
