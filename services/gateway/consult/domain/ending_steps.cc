// The saga's steps at times that pass by themselves: nobody chose a time, or the visit has ended. Each can be made
// again.
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/telemetry/log.h"
#include "common/time/proto_time.h"
#include "services/gateway/consult/domain/ending.h"
#include "services/gateway/consult/domain/saga.h"

namespace lumbar::gateway {

absl::StatusOr<Case> Saga::End(Case moved, const Errand& errand) {
  return moved.consult.appointment().empty() ? EndOffers(std::move(moved), errand) : EndVisit(std::move(moved), errand);
}

absl::StatusOr<Case> Saga::EndOffers(Case moved, const Errand& errand) {
  consult::v1::Consult& consult = moved.consult;
  consult.clear_offers();
  // Whoever has lost a visit to a decline isn't left with none in silence: other times, or the staff.
  const bool keeps_place = !consult.declines().empty() && consult.assessment().has_act_by_time();
  consult.set_state(keeps_place ? consult::v1::CONSULT_STATE_TRIAGED : consult::v1::CONSULT_STATE_EXPIRED);
  LUMBAR_ASSIGN_OR_RETURN(moved, Save(std::move(moved)));
  return Advance(std::move(moved), errand);
}

absl::StatusOr<Case> Saga::EndVisit(Case moved, const Errand& errand) {
  const absl::Time now = clock_.Now();
  const auto visit = booking_.GetAppointment(moved.consult.appointment(), errand);
  if (!visit.ok() && !absl::IsNotFound(visit.status())) {
    // It may have been moved. Asked again when the lease ends, however long that takes.
    Log(LogLevel::kWarning, "visit_not_known",
        {{"consult", moved.consult.name()}, {"reason", ReasonOf(visit.status())}, {"trace_id", errand.trace.trace_id}});
    return moved;
  }
  if (visit.ok() && FollowVisit(*visit, moved, now)) return Save(std::move(moved));
  if (now - DueTimeOf(moved.consult) >= kVisitPatience) {
    moved.consult.set_state(consult::v1::CONSULT_STATE_COMPLETED);
    return Save(std::move(moved));
  }
  // It may go on for longer, or nobody has said yet what became of it.
  moved.lease_end = now + kVisitAskedEvery;
  return cases_.Save(std::move(moved));
}

}  // namespace lumbar::gateway
