#include "services/gateway/consult/domain/declining.h"

#include <absl/algorithm/container.h>

#include "common/status/macros.h"
#include "common/store/resource_name.h"
#include "common/time/proto_time.h"
#include "services/gateway/consult/domain/errors.h"
#include "services/gateway/consult/domain/guidance.h"
#include "services/gateway/consult/domain/saga.h"

namespace lumbar::gateway {
namespace {

using consult::v1::Consult;

absl::Status CheckDeclinable(const Consult& consult, const std::string& clinician, absl::Time now) {
  const bool is_theirs = consult.chosen_slot().clinician() == clinician;
  if (!is_theirs && !HasDeclined(consult, clinician)) return NotYourConsult();
  switch (consult.state()) {
    case consult::v1::CONSULT_STATE_CANCELLED:
    case consult::v1::CONSULT_STATE_COMPLETED:
    case consult::v1::CONSULT_STATE_NO_SHOW:
      return ConsultOver();
    case consult::v1::CONSULT_STATE_IN_VISIT:
      return is_theirs ? VisitBegun() : NotDeclinable();
    case consult::v1::CONSULT_STATE_HELD:
    case consult::v1::CONSULT_STATE_BOOKED:
      if (!is_theirs) return NotDeclinable();
      return FromProto(consult.chosen_slot().start_time()) <= now ? VisitBegun() : absl::OkStatus();
    default:
      return NotDeclinable();
  }
}

}  // namespace

bool HasDeclined(const Consult& consult, absl::string_view clinician) {
  return absl::c_any_of(consult.declines(), [&](const auto& one) { return one.clinician() == clinician; });
}

absl::Status Decline(Case& declined, const std::string& clinician, const std::string& reason, absl::Time now) {
  Consult& consult = declined.consult;
  LUMBAR_RETURN_IF_ERROR(CheckDeclinable(consult, clinician, now));
  auto& decline = *consult.add_declines();
  decline.set_clinician(clinician);
  decline.set_reason(reason);
  *decline.mutable_decline_time() = ToProtoTime(now);
  consult.set_state(consult::v1::CONSULT_STATE_DECLINED);
  consult.clear_offers();
  consult.set_guidance(GuidanceFor(consult));
  *consult.mutable_update_time() = ToProtoTime(now);
  declined.decline_request_id = store::NewUuid();
  declined.lease_end = now + kLease;
  return absl::OkStatus();
}

}  // namespace lumbar::gateway
