#include "services/notification/domain/webhook_payload.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/strip.h>
#include <absl/time/time.h>
#include <nlohmann/json.hpp>

#include "common/time/proto_time.h"

namespace lumbar::notification {
namespace {

std::string Rfc3339(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%E*SZ", FromProto(time), absl::UTCTimeZone());
}

std::string TypeOf(v1::MessageKind kind) {
  const std::string name = v1::MessageKind_Name(kind);
  const std::string word = absl::AsciiStrToLower(absl::StripPrefix(name, "MESSAGE_KIND_EVENT_"));
  return absl::StrCat("appointment.", word);
}

}  // namespace

std::string WebhookPayload(const v1::Message& message, const booking::v1::Appointment& appointment) {
  const booking::v1::Slot& slot = appointment.slot();
  return nlohmann::ordered_json({{"type", TypeOf(message.kind())},
                                 {"timestamp", Rfc3339(message.due_time())},
                                 {"data",
                                  {{"message", message.name()},
                                   {"appointment", message.appointment()},
                                   {"appointmentVersion", message.appointment_version()},
                                   {"clinician", slot.clinician()},
                                   {"startTime", Rfc3339(slot.start_time())},
                                   {"endTime", Rfc3339(slot.end_time())}}}})
      .dump();
}

}  // namespace lumbar::notification
