#include "tests/chaos/describe.h"

#include <absl/strings/escaping.h>
#include <absl/strings/strip.h>
#include <absl/time/clock.h>

#include "common/digest/sha256.h"
#include "common/time/proto_time.h"

namespace lumbar::chaos {
namespace {

Micros MicrosOf(const google::protobuf::Timestamp& time) { return absl::ToUnixMicros(FromProto(time)); }

template <typename Message>
Visit DescribeCommon(const Message& message) {
  Visit visit;
  visit.name = message.name();
  visit.patient = message.patient();
  visit.clinician = message.slot().clinician();
  visit.kind = message.slot().visit_type();
  visit.start = MicrosOf(message.slot().start_time());
  visit.end = MicrosOf(message.slot().end_time());
  visit.digest = absl::BytesToHexString(Sha256(message.SerializeAsString()).substr(0, 12));
  return visit;
}

}  // namespace

Micros NowMicros() { return absl::ToUnixMicros(absl::Now()); }

Visit Describe(const booking::v1::Hold& hold) {
  Visit visit = DescribeCommon(hold);
  visit.state = std::string(absl::StripPrefix(booking::v1::HoldState_Name(hold.state()), "HOLD_STATE_"));
  visit.expire = MicrosOf(hold.expire_time());
  visit.appointment = hold.appointment();
  return visit;
}

Visit Describe(const booking::v1::Appointment& appointment) {
  Visit visit = DescribeCommon(appointment);
  const std::string state = booking::v1::AppointmentState_Name(appointment.state());
  visit.state = std::string(absl::StripPrefix(state, "APPOINTMENT_STATE_"));
  visit.version = appointment.version();
  return visit;
}

}  // namespace lumbar::chaos
