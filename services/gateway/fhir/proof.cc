#include "services/gateway/fhir/proof.h"

#include <absl/strings/str_cat.h>

#include <utility>

#include "common/status/errors.h"
#include "common/time/proto_time.h"
#include "lumbar/consult/v1/consult_service.pb.h"
#include "lumbar/triage/v1/triage_service.pb.h"
#include "services/gateway/fhir/search.h"

namespace lumbar::gateway::fhir {

using consult::v1::Consult;

absl::StatusOr<Step> WithConsult(const std::string& id, FieldPaths paths,
                                 std::function<absl::StatusOr<Step>(const Consult&)> then) {
  if (!IsUuid(id)) return NoSuchResource();
  consult::v1::GetConsultRequest wanted;
  wanted.set_name(absl::StrCat("consults/", id));
  return Call<consult::v1::GetConsultResponse>(
      kGetConsult, wanted, paths,
      [then = std::move(then)](const consult::v1::GetConsultResponse& response) { return then(response.consult()); });
}

absl::StatusOr<Step> WithProof(const Consult& consult, std::function<absl::StatusOr<Step>(const std::string&)> then) {
  triage::v1::AssessRequest wanted;
  *wanted.mutable_presentation() = consult.presentation();
  wanted.set_patient(consult.patient());
  wanted.set_sign(true);
  return Call<triage::v1::AssessResponse>(kAssess, wanted, {},
                                          [then = std::move(then)](const triage::v1::AssessResponse& response) {
                                            return then(response.assessment().signed_assessment());
                                          });
}

absl::Status CheckNoEmergency(const Consult& consult) {
  const bool is_one = consult.has_assessment() && !consult.assessment().virtual_visit_fits();
  if (!is_one) return absl::OkStatus();
  return WithReason(absl::FailedPreconditionError("this may be an emergency: call 911 or go to an emergency room now; "
                                                  "no visit is booked for it"),
                    "EMERGENCY_NOT_BOOKABLE");
}

absl::Status CheckOpen(const Consult& consult) {
  switch (consult.state()) {
    case consult::v1::CONSULT_STATE_TRIAGED:
    case consult::v1::CONSULT_STATE_OFFERED:
    case consult::v1::CONSULT_STATE_SELF_CARE:
    case consult::v1::CONSULT_STATE_ESCALATED:
    case consult::v1::CONSULT_STATE_EMERGENCY:
      return absl::OkStatus();
    default:
      return WithReason(absl::FailedPreconditionError("a time was chosen for this already, or it is over; answer the "
                                                      "questionnaire again for another visit"),
                        "CONSULT_SETTLED");
  }
}

absl::Time ActBy(const Consult& consult) {
  return consult.assessment().has_act_by_time() ? FromProto(consult.assessment().act_by_time())
                                                : absl::InfiniteFuture();
}

}  // namespace lumbar::gateway::fhir
