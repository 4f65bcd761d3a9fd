#include "services/gateway/consult/domain/ending.h"

#include <algorithm>

#include "common/time/proto_time.h"
#include "services/gateway/consult/domain/errors.h"
#include "services/gateway/consult/domain/escalation.h"
#include "services/gateway/consult/domain/guidance.h"
#include "services/gateway/consult/domain/worklist.h"

namespace lumbar::gateway {
namespace {

using consult::v1::Consult;

// When none of its offers can be booked any more.
absl::Time OffersEnd(const Consult& consult) {
  absl::Time end = consult.offers().empty() ? absl::InfiniteFuture() : absl::InfinitePast();
  for (const auto& offer : consult.offers()) end = std::max(end, FromProto(offer.start_time()));
  // Whoever was declined gets a new proof.
  const bool needs_proof = consult.declines().empty() && consult.assessment().has_expire_time();
  return needs_proof ? std::min(end, FromProto(consult.assessment().expire_time())) : end;
}

void Conclude(Consult& consult, consult::v1::ConsultState state, absl::Time now) {
  consult.set_state(state);
  consult.set_guidance(GuidanceFor(consult));
  *consult.mutable_update_time() = ToProtoTime(now);
}

bool Move(const booking::v1::Slot& slot, Consult& consult, absl::Time now) {
  const bool moved = slot.clinician() != consult.chosen_slot().clinician() ||
                     FromProto(slot.start_time()) != FromProto(consult.chosen_slot().start_time());
  if (!moved) return false;
  *consult.mutable_chosen_slot() = slot;
  *consult.mutable_update_time() = ToProtoTime(now);
  return true;
}

}  // namespace

absl::Time DueTimeOf(const Consult& consult) {
  switch (consult.state()) {
    case consult::v1::CONSULT_STATE_OFFERED:
    case consult::v1::CONSULT_STATE_SELF_CARE:
      return OffersEnd(consult);
    case consult::v1::CONSULT_STATE_BOOKED:
    case consult::v1::CONSULT_STATE_IN_VISIT:
      return consult.chosen_slot().has_end_time() ? FromProto(consult.chosen_slot().end_time())
                                                  : absl::InfiniteFuture();
    default:
      return absl::InfiniteFuture();
  }
}

absl::Status MarkCancelled(Case& cancelled, absl::Time now) {
  Consult& consult = cancelled.consult;
  const bool busy =
      consult.state() == consult::v1::CONSULT_STATE_HELD || consult.state() == consult::v1::CONSULT_STATE_DECLINED;
  if (busy) return ConsultBusy();
  // What stands against the patient's earlier offers must not go by a click.
  if (consult.state() == consult::v1::CONSULT_STATE_EMERGENCY) return EmergencyStands();
  if (HadVisit(consult)) return ConsultOver();
  consult.clear_offers();
  StopAlerting(cancelled);
  Conclude(consult, consult::v1::CONSULT_STATE_CANCELLED, now);
  return absl::OkStatus();
}

bool FollowVisit(const booking::v1::Appointment& visit, Case& followed, absl::Time now) {
  switch (visit.state()) {
    case booking::v1::APPOINTMENT_STATE_CANCELLED:
      return MarkCancelled(followed, now).ok();
    case booking::v1::APPOINTMENT_STATE_COMPLETED:
      Conclude(followed.consult, consult::v1::CONSULT_STATE_COMPLETED, now);
      return true;
    case booking::v1::APPOINTMENT_STATE_NO_SHOW:
      Conclude(followed.consult, consult::v1::CONSULT_STATE_NO_SHOW, now);
      return true;
    default:
      return Move(visit.slot(), followed.consult, now);
  }
}

}  // namespace lumbar::gateway
