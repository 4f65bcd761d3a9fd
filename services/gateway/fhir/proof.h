// From a consult to the proof that lets its patient have a time: what booking asks of everybody.
#pragma once

#include <absl/status/status.h>
#include <absl/time/time.h>

#include <functional>
#include <string>

#include "lumbar/consult/v1/consult.pb.h"
#include "services/gateway/fhir/step.h"

namespace lumbar::gateway::fhir {

inline constexpr char kGetConsult[] = "/lumbar.consult.v1.ConsultService/GetConsult";
inline constexpr char kAssess[] = "/lumbar.triage.v1.TriageService/Assess";

// Reads the consult of that id, as the caller.
absl::StatusOr<Step> WithConsult(const std::string& id, FieldPaths paths,
                                 std::function<absl::StatusOr<Step>(const consult::v1::Consult&)> then);

// The same, and assesses its answers anew, signed. The assessment isn't looked at: booking does that.
absl::StatusOr<Step> WithProof(const consult::v1::Consult& consult,
                               std::function<absl::StatusOr<Step>(const std::string& signed_assessment)> then);

// FAILED_PRECONDITION/EMERGENCY_NOT_BOOKABLE, in words that help.
absl::Status CheckNoEmergency(const consult::v1::Consult& consult);
// FAILED_PRECONDITION/CONSULT_SETTLED: it is past choosing a time.
absl::Status CheckOpen(const consult::v1::Consult& consult);
// The latest begin that the consult's own assessment allows, however often its answers are assessed again.
absl::Time ActBy(const consult::v1::Consult& consult);

}  // namespace lumbar::gateway::fhir
