#include "services/notification/domain/recipient_rate.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>

#include "common/digest/sha256.h"
#include "common/time/proto_time.h"
#include "services/notification/domain/phone_number.h"
#include "services/notification/domain/plan.h"

namespace lumbar::notification {
namespace {

bool IsLimited(const v1::Message& message) {
  switch (message.kind()) {
    case v1::MESSAGE_KIND_CONFIRMATION:
    case v1::MESSAGE_KIND_REMINDER_24H:
    case v1::MESSAGE_KIND_REMINDER_1H:
    case v1::MESSAGE_KIND_OFFER:
      return true;
    default:
      return false;
  }
}

// The same for one telephone or mailbox, however it is written.
std::string AddressFor(v1::Channel channel, const booking::v1::PatientContact& contact) {
  if (channel != v1::CHANNEL_SMS) return absl::AsciiStrToLower(contact.email());
  std::string number = InE164(contact.phone_number());
  return number.empty() ? contact.phone_number() : number;
}

}  // namespace

RecipientRate::RecipientRate(int per_hour) {
  if (per_hour <= 0) return;
  const int at_once = (3 * per_hour + 3) / 4, evenly = per_hour - at_once + 1;
  // Room is taken when a message is claimed, and a claim may be sent at any time of its lease.
  const absl::Duration window = absl::Hours(1) + kLongestLease;
  // Rounded up, or one more would fit into it.
  interval_ = absl::Ceil(window / evenly, absl::Microseconds(1));
  slack_ = interval_ * (at_once - 1);
}

std::string RoomFor(const ClaimedMessage& claimed, absl::Time now) {
  const v1::Message& message = claimed.message;
  const absl::Time start = FromProto(claimed.appointment.slot().start_time());
  // What is too late needs no room to be dropped.
  if (!IsLimited(message) || !WhyTooLate(message, start, now).empty()) return "";
  const std::string address = AddressFor(message.channel(), claimed.appointment.contact());
  if (address.empty()) return "";
  return absl::BytesToHexString(Sha256(absl::StrCat(message.channel(), " ", address)));
}

bool KeepsRoom(const ClaimedMessage& claimed, const Settlement& settlement) {
  // What an earlier try sent has the room that it took.
  const bool tried = settlement.attempts == claimed.message.attempts();
  return tried && (settlement.state == v1::MESSAGE_STATE_SENT || settlement.doubtful);
}

}  // namespace lumbar::notification
