#include "services/gateway/fhir/risk_assessment.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/strip.h>

#include "services/gateway/fhir/names.h"
#include "services/gateway/fhir/proof.h"
#include "services/gateway/fhir/times.h"

namespace lumbar::gateway::fhir {
namespace {

using triage::v1::Assessment;

constexpr char kRulesDigests[] = "urn:lumbar:rules-sha256";

Json Method(const Assessment& assessment) {
  const Json rule_set = {
      {"system", kRuleSets}, {"version", assessment.protocol_version()}, {"code", assessment.rule_set()}};
  const Json digest = {{"system", kRulesDigests}, {"code", assessment.rules_sha256()}};
  return {{"coding", Json::array({rule_set, digest})},
          {"text", absl::StrCat(IdOf(assessment.protocol()), ", ", assessment.rule_set(), ", ",
                                assessment.protocol_version())}};
}

Json Prediction(const Assessment& assessment) {
  const std::string level(absl::StripPrefix(triage::v1::Level_Name(assessment.level()), "LEVEL_"));
  Json prediction = {{"outcome", {{"text", assessment.headline()}}}, {"qualitativeRisk", Concept(kLevels, level)}};
  std::string why;
  for (const auto& rule : assessment.fired_rules()) absl::StrAppend(&why, why.empty() ? "" : "; ", rule.note());
  if (!why.empty()) prediction["rationale"] = why;
  return prediction;
}

}  // namespace

Json RiskAssessment(const consult::v1::Consult& consult) {
  const Assessment& assessment = consult.assessment();
  Json resource = {{"resourceType", "RiskAssessment"},
                   {"id", IdOf(consult.name())},
                   {"status", consult.has_assessment() ? "final" : "registered"}};
  if (consult.has_assessment()) resource["method"] = Method(assessment);
  resource["subject"] = ReferenceTo("Patient", consult.patient());
  resource["basis"] = Json::array({ReferenceTo("QuestionnaireResponse", consult.name())});
  if (!consult.has_assessment()) return resource;
  resource["occurrenceDateTime"] = Instant(assessment.assess_time());
  resource["prediction"] = Json::array({Prediction(assessment)});
  resource["mitigation"] = assessment.instructions();
  resource["note"] = Json::array({Json{{"text", assessment.safety_net()}}});
  return resource;
}

absl::StatusOr<Step> ReadRiskAssessment(const FhirRequest& request) {
  return WithConsult(request.id, {}, [](const consult::v1::Consult& consult) {
    FhirAnswer answer;
    answer.resource = RiskAssessment(consult);
    return Answered(std::move(answer));
  });
}

}  // namespace lumbar::gateway::fhir
