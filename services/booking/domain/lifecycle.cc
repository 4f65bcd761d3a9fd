#include "services/booking/domain/lifecycle.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/status/macros.h"
#include "common/time/proto_time.h"
#include "services/booking/errors.h"

namespace lumbar::booking {
namespace {

// Every change of an appointment goes through here, so that version, etag and update_time never part. The time grows
// with the version even if another process's clock is behind: who follows the changes reads them by their time.
void Stamp(v1::Appointment& appointment, absl::Time now) {
  if (appointment.has_update_time()) now = std::max(now, FromProto(appointment.update_time()) + absl::Microseconds(1));
  appointment.set_version(appointment.version() + 1);
  appointment.set_etag(absl::StrCat("v", appointment.version()));
  *appointment.mutable_update_time() = ToProtoTime(now);
}

// `after` the patient came at `now`; `before` if the patient was as far already.
v1::Appointment Arrived(const v1::Appointment& before, v1::Appointment after, absl::Time now) {
  if (after.state() == before.state()) return before;
  if (!after.has_check_in_time()) *after.mutable_check_in_time() = ToProtoTime(now);
  return after;
}

}  // namespace

v1::Hold AsOf(v1::Hold hold, absl::Time now) {
  if (hold.state() == v1::HOLD_STATE_ACTIVE && FromProto(hold.expire_time()) <= now) {
    hold.set_state(v1::HOLD_STATE_EXPIRED);
  }
  return hold;
}

absl::StatusOr<v1::Appointment> Confirm(const v1::Hold& hold, absl::string_view name, absl::Time now) {
  switch (AsOf(hold, now).state()) {
    case v1::HOLD_STATE_ACTIVE:
      break;
    case v1::HOLD_STATE_CONFIRMED:
      return HoldConfirmed();
    case v1::HOLD_STATE_RELEASED:
      return HoldReleased();
    default:
      return HoldExpired();
  }
  v1::Appointment appointment;
  appointment.set_name(std::string(name));
  appointment.set_patient(hold.patient());
  *appointment.mutable_slot() = hold.slot();
  *appointment.mutable_contact() = hold.contact();
  appointment.set_state(v1::APPOINTMENT_STATE_BOOKED);
  appointment.set_level(hold.level());
  if (hold.has_act_by_time()) *appointment.mutable_act_by_time() = hold.act_by_time();
  *appointment.mutable_create_time() = ToProtoTime(now);
  Stamp(appointment, now);
  return appointment;
}

absl::StatusOr<v1::Hold> Release(const v1::Hold& hold, absl::Time now) {
  v1::Hold after = AsOf(hold, now);
  if (after.state() == v1::HOLD_STATE_CONFIRMED) return HoldConfirmed();
  if (after.state() == v1::HOLD_STATE_ACTIVE) after.set_state(v1::HOLD_STATE_RELEASED);
  return after;
}

absl::StatusOr<v1::Appointment> Advance(const v1::Appointment& appointment, Step step, absl::string_view etag,
                                        absl::Time now) {
  const auto legal = [&](const Transition& row) { return row.from == appointment.state() && row.step == step; };
  const auto* const row = std::find_if(std::begin(kTransitions), std::end(kTransitions), legal);
  if (row == std::end(kTransitions)) return NotBooked();
  if (!etag.empty() && etag != appointment.etag()) return EtagMismatch();
  v1::Appointment after = appointment;
  after.set_state(row->to);
  Stamp(after, now);
  return after;
}

absl::StatusOr<v1::Appointment> Reschedule(const v1::Appointment& appointment, absl::string_view etag, absl::Time now) {
  LUMBAR_ASSIGN_OR_RETURN(v1::Appointment after, Advance(appointment, Step::kReschedule, etag, now));
  if (FromProto(appointment.slot().start_time()) <= now) return VisitBegun();
  after.clear_check_in_time();
  return after;
}

absl::StatusOr<v1::Appointment> Cancel(const v1::Appointment& appointment, absl::string_view etag,
                                       const CancellationTerms& terms, absl::Time now) {
  if (FromProto(appointment.slot().end_time()) <= now) return NotBooked();
  LUMBAR_ASSIGN_OR_RETURN(v1::Appointment after, Advance(appointment, Step::kCancel, etag, now));
  const bool late = FromProto(appointment.slot().start_time()) - now < terms.window;
  v1::Cancellation& cancellation = *after.mutable_cancellation();
  cancellation.set_late(late);
  cancellation.set_waiver(terms.waiver);
  cancellation.set_fee_due(late && terms.waiver == v1::FEE_WAIVER_UNSPECIFIED);
  return after;
}

absl::StatusOr<v1::Appointment> CheckIn(const v1::Appointment& appointment, absl::string_view etag, absl::Time now) {
  LUMBAR_ASSIGN_OR_RETURN(v1::Appointment after, Advance(appointment, Step::kCheckIn, etag, now));
  if (now < FromProto(appointment.slot().start_time()) - kCheckInOpensBefore) return CheckInNotOpen();
  if (now >= FromProto(appointment.slot().end_time())) return NotBooked();
  return Arrived(appointment, std::move(after), now);
}

absl::StatusOr<v1::Appointment> Join(const v1::Appointment& appointment, absl::Time now) {
  LUMBAR_ASSIGN_OR_RETURN(v1::Appointment after, Advance(appointment, Step::kJoin, "", now));
  if (now < FromProto(appointment.slot().start_time()) - kRoomOpensBefore) return RoomNotOpen();
  if (now >= FromProto(appointment.slot().end_time()) + kRoomClosesAfter) return NotBooked();
  return Arrived(appointment, std::move(after), now);
}

absl::StatusOr<v1::Appointment> Complete(const v1::Appointment& appointment, absl::string_view etag, absl::Time now) {
  LUMBAR_ASSIGN_OR_RETURN(v1::Appointment after, Advance(appointment, Step::kComplete, etag, now));
  if (now < FromProto(appointment.slot().start_time())) return NotBegun();
  return after;
}

absl::StatusOr<v1::Appointment> MarkNoShow(const v1::Appointment& appointment, absl::string_view etag, absl::Time now) {
  LUMBAR_ASSIGN_OR_RETURN(v1::Appointment after, Advance(appointment, Step::kMarkNoShow, etag, now));
  const v1::Slot& slot = appointment.slot();
  if (now < std::min(FromProto(slot.start_time()) + kPatience, FromProto(slot.end_time()))) return MayStillCome();
  return after;
}

}  // namespace lumbar::booking
