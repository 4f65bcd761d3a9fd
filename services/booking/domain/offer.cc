#include "services/booking/domain/offer.h"

#include "common/status/macros.h"
#include "common/time/proto_time.h"
#include "services/booking/domain/slot_search.h"
#include "services/booking/errors.h"

namespace lumbar::booking {

absl::Status CheckWhen(absl::Time start, absl::Time now, absl::Time act_by) {
  if (start <= now) return SlotInThePast();
  if (start > now + kHorizon) return SlotBeyondHorizon();
  if (start > act_by) return AfterActBy();
  return absl::OkStatus();
}

absl::StatusOr<Offer> FindOffer(const v1::Clinician& clinician, absl::string_view visit_type,
                                const PatientScope& patient, absl::Time start) {
  LUMBAR_RETURN_IF_ERROR(CheckScope(clinician, patient, visit_type));
  const v1::VisitType& type = *FindVisitType(clinician, visit_type);
  const Interval visit{start, start + FromProto(type.duration())};
  LUMBAR_RETURN_IF_ERROR(CheckEligible(clinician, patient, visit_type, visit));
  const auto schedule = Schedule::Of(clinician, type);
  if (!schedule || !schedule->VisitAt(start)) return NotASlot();
  return Offer{MakeSlot(clinician, visit_type, visit), TicksOf(WithBuffers(visit, type))};
}

}  // namespace lumbar::booking
