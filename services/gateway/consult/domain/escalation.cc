#include "services/gateway/consult/domain/escalation.h"

#include <algorithm>

#include "common/store/resource_name.h"
#include "common/time/proto_time.h"

namespace lumbar::gateway {

absl::Duration RespondWithin(const consult::v1::Consult& consult) {
  if (!consult.has_assessment()) return absl::Minutes(15);
  return consult.assessment().level() >= triage::v1::LEVEL_CONSULTATION_24 ? absl::Minutes(30) : absl::Hours(4);
}

void Escalate(Case& escalated, const std::string& reason, absl::Time now) {
  consult::v1::Consult& consult = escalated.consult;
  consult.set_state(consult::v1::CONSULT_STATE_ESCALATED);
  consult.set_escalation_reason(reason);
  *consult.mutable_respond_by_time() = ToProtoTime(now + RespondWithin(consult));
  consult.clear_handler();
  escalated.alert_time = now;
  escalated.alerts = 0;
  escalated.alert_request_id = store::NewUuid();
}

void MarkAlerted(Case& told, absl::Time now) {
  const absl::Time respond_by = FromProto(told.consult.respond_by_time());
  ++told.alerts;
  told.alert_request_id = store::NewUuid();
  told.alert_time = told.alerts >= kMostAlerts ? absl::InfiniteFuture()
                    : now < respond_by         ? respond_by
                                               : now + RespondWithin(told.consult);
}

void StopAlerting(Case& settled) {
  settled.alert_time = absl::InfiniteFuture();
  settled.consult.clear_respond_by_time();
}

}  // namespace lumbar::gateway
