#include "services/booking/domain/offer.h"

#include "common/status/macros.h"
#include "common/time/proto_time.h"
#include "services/booking/domain/schedule.h"
#include "services/booking/errors.h"

namespace lumbar::booking {

v1::Slot MakeSlot(const v1::Clinician& clinician, absl::string_view visit_type, const Interval& visit) {
  v1::Slot slot;
  slot.set_clinician(clinician.name());
  slot.set_clinician_display_name(clinician.display_name());
  slot.set_visit_type(std::string(visit_type));
  *slot.mutable_start_time() = ToProtoTime(visit.start);
  *slot.mutable_end_time() = ToProtoTime(visit.end);
  slot.set_time_zone(clinician.time_zone());
  return slot;
}

std::optional<DailyLimit> DailyLimitOf(const v1::Clinician& clinician, const OfficeHours& hours, absl::Time start) {
  if (clinician.daily_limit() == 0) return std::nullopt;
  return DailyLimit{hours.DayOf(start), clinician.daily_limit()};
}

absl::Status CheckWhen(const Offer& offer, absl::Time now, absl::Time act_by) {
  const absl::Time start = FromProto(offer.slot.start_time());
  const Reach reach = ReachAt(offer.type, now);
  if (start <= now) return SlotInThePast();
  if (start < reach.first) return SlotTooSoon();
  if (start > reach.last) return SlotBeyondHorizon();
  if (start > act_by) return AfterActBy();
  return absl::OkStatus();
}

absl::StatusOr<Offer> FindOffer(const v1::Clinician& clinician, absl::string_view visit_type,
                                const PatientScope& patient, absl::Time start) {
  LUMBAR_RETURN_IF_ERROR(CheckScope(clinician, patient, visit_type));
  const v1::VisitType& type = *FindVisitType(clinician, visit_type);
  const Interval visit{start, start + FromProto(type.duration())};
  LUMBAR_RETURN_IF_ERROR(CheckLicences(clinician, patient.state, visit));
  const auto schedule = Schedule::Of(clinician, type);
  if (!schedule || !schedule->VisitAt(start)) return NotASlot();
  return Offer{MakeSlot(clinician, visit_type, visit), TicksOf(WithBuffers(visit, type)),
               DailyLimitOf(clinician, schedule->hours(), start), type};
}

}  // namespace lumbar::booking
