#include "services/notification/domain/reader_plan.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/time/proto_time.h"
#include "services/notification/domain/reasons.h"
#include "services/notification/errors.h"

namespace lumbar::notification {
namespace {

bool IsReminder(v1::MessageKind kind) {
  return kind == v1::MESSAGE_KIND_REMINDER_24H || kind == v1::MESSAGE_KIND_REMINDER_1H;
}

// Until when a message is of use.
absl::Time UseOf(v1::MessageKind kind, absl::Time due, absl::Time expires, absl::Time start) {
  // Later than an hour before, it would be as late for who has to get up for the visit.
  if (kind == v1::MESSAGE_KIND_REMINDER_1H) return due;
  if (kind == v1::MESSAGE_KIND_REMINDER_24H) return start - kDayReminderEnds;
  return std::min(expires, start);
}

bool CanUse(v1::Channel channel, const booking::v1::PatientContact& contact, const Wishes& wishes) {
  if (IsOptedOut(wishes, channel)) return false;
  return channel == v1::CHANNEL_SMS ? !contact.phone_number().empty() : channel == v1::CHANNEL_EMAIL;
}

std::vector<v1::Channel> ChannelsFor(v1::MessageKind kind, const booking::v1::PatientContact& contact,
                                     const Wishes& wishes) {
  std::vector<v1::Channel> usable;
  bool mail_wanted = wishes.preferences.channels().empty();
  for (const int number : wishes.preferences.channels()) {
    const auto channel = static_cast<v1::Channel>(number);
    mail_wanted = mail_wanted || channel == v1::CHANNEL_EMAIL;
    if (usable.empty() && CanUse(channel, contact, wishes)) usable.push_back(channel);
  }
  const bool mail_too = usable.empty() || (mail_wanted && ChangesCalendar(kind));
  const bool has_mail = !usable.empty() && usable.front() == v1::CHANNEL_EMAIL;
  if (mail_too && !has_mail && CanUse(v1::CHANNEL_EMAIL, contact, wishes)) usable.push_back(v1::CHANNEL_EMAIL);
  return usable;
}

}  // namespace

bool IsOptedOut(const Wishes& wishes, v1::Channel channel) {
  const auto& channels = wishes.preferences.opted_out_channels();
  return wishes.preferences.opted_out() || (channel == v1::CHANNEL_SMS && wishes.number_opted_out) ||
         std::find(channels.begin(), channels.end(), channel) != channels.end();
}

bool KeepsQuietHours(v1::MessageKind kind, v1::Channel channel) {
  return channel == v1::CHANNEL_SMS || IsReminder(kind);
}

std::optional<absl::Time> WhenToSend(v1::MessageKind kind, absl::Time due, absl::Time expires, absl::Time start,
                                     const QuietHours& quiet, absl::Time now) {
  if (!quiet.Contain(due)) return due;
  const absl::Time end = quiet.EndFrom(due);
  if (end <= UseOf(kind, due, expires, start)) return end;
  if (kind == v1::MESSAGE_KIND_OFFER) return std::nullopt;
  // Of a visit that would have begun already, nobody must be told before the morning.
  if (!IsReminder(kind)) return start <= due ? end : due;
  if (const absl::Time before = quiet.EveningBefore(due); before > now && !quiet.Contain(before)) return before;
  return end < start ? std::optional(end) : std::nullopt;
}

bool GoesByMailInstead(const v1::Message& message, v1::MessageState state, absl::string_view reason) {
  const bool text_to_patient = message.channel() == v1::CHANNEL_SMS && IsForPatient(message.kind());
  if (!text_to_patient || IsOfConversation(message.kind())) return false;
  if (state == v1::MESSAGE_STATE_DEAD || state == v1::MESSAGE_STATE_UNDELIVERED) return true;
  const bool unreachable = reason == ReasonFor(OptedOut()) || reason == ReasonFor(PhoneNumberMissing());
  return state == v1::MESSAGE_STATE_DROPPED && unreachable;
}

booking::v1::Appointment InReadersWords(booking::v1::Appointment appointment, const v1::Preferences& preferences) {
  booking::v1::PatientContact& contact = *appointment.mutable_contact();
  if (!preferences.language_code().empty()) contact.set_language_code(preferences.language_code());
  if (!preferences.time_zone().empty()) contact.set_time_zone(preferences.time_zone());
  return appointment;
}

Plan ForReader(Plan plan, const booking::v1::Appointment& appointment, const Wishes& wishes, absl::Time now) {
  const absl::Time start = FromProto(appointment.slot().start_time());
  const QuietHours quiet = QuietHours::Of(wishes.preferences, appointment);
  std::vector<PlannedMessage> messages;
  for (const PlannedMessage& planned : std::exchange(plan.messages, {})) {
    if (!IsForPatient(planned.kind)) {
      messages.push_back(planned);
      continue;
    }
    for (const v1::Channel channel : ChannelsFor(planned.kind, appointment.contact(), wishes)) {
      std::optional<absl::Time> when = planned.due;
      if (KeepsQuietHours(planned.kind, channel)) {
        when = WhenToSend(planned.kind, planned.due, planned.expires, start, quiet, now);
      }
      PlannedMessage one = planned;
      one.channel = channel;
      if (!when && planned.kind == v1::MESSAGE_KIND_OFFER && CanUse(v1::CHANNEL_EMAIL, appointment.contact(), wishes)) {
        one.channel = v1::CHANNEL_EMAIL;
        when = planned.due;
      }
      if (!when) continue;
      one.due = *when;
      messages.push_back(one);
    }
  }
  std::stable_sort(messages.begin(), messages.end(), [](const auto& a, const auto& b) { return a.due < b.due; });
  plan.messages = std::move(messages);
  return plan;
}

}  // namespace lumbar::notification
