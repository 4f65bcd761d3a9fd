#include "services/triage/domain/assessor.h"

#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/strip.h>

#include <map>

#include "common/digest/sha256.h"
#include "common/status/macros.h"
#include "common/store/page_token.h"
#include "common/time/proto_time.h"
#include "services/triage/domain/engine.h"
#include "services/triage/domain/interview.h"
#include "services/triage/domain/prognosis.h"
#include "services/triage/errors.h"

namespace lumbar::triage {
namespace {

constexpr absl::string_view kListQuery = "ListProtocols";

std::string ClaimedLevel(v1::Level level) { return std::string(absl::StripPrefix(v1::Level_Name(level), "LEVEL_")); }

v1::Protocol WithoutRules(v1::Protocol protocol) {
  protocol.clear_rule_sets();
  return protocol;
}

void AssessPresentation(const Rules& rules, const v1::Presentation& presentation, const Facts& facts, absl::Time now,
                        v1::Assessment& assessment) {
  AssessFacts(*rules.protocol, *rules.rule_set, facts, now, assessment);
  if (presentation.has_start_back()) *assessment.mutable_start_back() = ScoreStartBack(presentation.start_back());
}

}  // namespace

std::string HashOfFindings(const v1::Presentation& presentation) {
  std::map<std::string, v1::Presence> known;
  for (const auto& finding : presentation.findings()) {
    if (finding.presence() == v1::PRESENCE_PRESENT || finding.presence() == v1::PRESENCE_ABSENT) {
      known[finding.code()] = finding.presence();
    }
  }
  v1::Presentation canonical = presentation;
  canonical.clear_findings();
  canonical.clear_not_known();
  for (const auto& [code, presence] : known) {
    auto* finding = canonical.add_findings();
    finding->set_code(code);
    finding->set_presence(presence);
  }
  canonical.DiscardUnknownFields();
  return absl::BytesToHexString(Sha256(canonical.SerializeAsString()));
}

Assessor::Assessor(const std::vector<v1::Protocol>& protocols, const Clock& clock, std::optional<Signing> signing)
    : protocols_(protocols), clock_(clock), signing_(std::move(signing)) {}

template <typename Request>
absl::StatusOr<Rules> Assessor::FindRules(const rpc::CallContext& context, const Request& request) const {
  const auto* protocol = protocols_.Find(request.protocol(), request.language_code());
  if (protocol == nullptr) return ProtocolNotFound();
  const auto* rule_set = protocol->FindRuleSet(request.rule_set());
  if (rule_set == nullptr) return RuleSetNotFound();
  const Rules rules{protocol, rule_set};
  if (!rules.are_default() && context.caller().role == options::v1::ROLE_PATIENT) return RuleSetStaffOnly();
  return rules;
}

absl::Status Assessor::Assess(const rpc::CallContext& context, const v1::AssessRequest& request,
                              v1::AssessResponse& response) {
  LUMBAR_ASSIGN_OR_RETURN(const Rules rules, FindRules(context, request));
  if (request.sign()) LUMBAR_RETURN_IF_ERROR(CheckSignable(request, rules));
  const absl::Time now = clock_.Now();
  LUMBAR_ASSIGN_OR_RETURN(const Facts facts, rules.protocol->ReadFacts(request.presentation(), now));
  auto& assessment = *response.mutable_assessment();
  AssessPresentation(rules, request.presentation(), facts, now, assessment);
  return request.sign() ? Sign(request, *rules.protocol, now, assessment) : absl::OkStatus();
}

absl::StatusOr<v1::NextQuestionResponse> Assessor::NextQuestion(const rpc::CallContext& context,
                                                                const v1::NextQuestionRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const Rules rules, FindRules(context, request));
  LUMBAR_ASSIGN_OR_RETURN(const Facts facts, rules.protocol->ReadFacts(request.presentation(), clock_.Now()));
  return triage::NextQuestion(*rules.protocol, *rules.rule_set, facts);
}

absl::StatusOr<v1::ReplayAssessmentResponse> Assessor::ReplayAssessment(const rpc::CallContext&,
                                                                        const v1::ReplayAssessmentRequest& request) {
  v1::Assessment stored = request.assessment();
  stored.clear_signed_assessment();
  stored.clear_expire_time();
  const Rules rules = protocols_.FindByHash(stored.rules_sha256(), stored.language_code());
  if (rules.protocol == nullptr) return RulesNotFound();
  const absl::Time then = FromProto(stored.assess_time());
  LUMBAR_ASSIGN_OR_RETURN(const Facts facts, rules.protocol->ReadFacts(request.presentation(), then));
  v1::ReplayAssessmentResponse response;
  AssessPresentation(rules, request.presentation(), facts, then, *response.mutable_assessment());
  // A consult is stored without disagreements.
  v1::Assessment again = response.assessment();
  if (stored.disagreements().empty()) again.clear_disagreements();
  response.set_identical(again.SerializeAsString() == stored.SerializeAsString());
  return response;
}

absl::StatusOr<v1::GetProtocolResponse> Assessor::GetProtocol(const rpc::CallContext&,
                                                              const v1::GetProtocolRequest& request) {
  const auto* protocol = protocols_.Find(request.name(), kEnglish);
  if (protocol == nullptr) return ProtocolNotFound();
  v1::GetProtocolResponse response;
  *response.mutable_protocol() = protocol->definition();
  return response;
}

absl::StatusOr<v1::ListProtocolsResponse> Assessor::ListProtocols(const rpc::CallContext&,
                                                                  const v1::ListProtocolsRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const int page_size, store::PageSize(request.page_size(), 50, 200));
  LUMBAR_ASSIGN_OR_RETURN(const std::string after, store::DecodePageToken(request.page_token(), kListQuery));
  v1::ListProtocolsResponse response;
  for (const auto* protocol : protocols_.current()) {
    if (protocol->definition().name() <= after) continue;
    if (response.protocols_size() == page_size) {
      response.set_next_page_token(store::EncodePageToken(response.protocols(page_size - 1).name(), kListQuery));
      break;
    }
    *response.add_protocols() = WithoutRules(protocol->definition());
  }
  return response;
}

absl::Status Assessor::CheckSignable(const v1::AssessRequest& request, const Rules& rules) const {
  if (request.patient().empty()) return PatientNeededToSign();
  // Another rule set may know fewer dangers: its answer must not open the way to a booking.
  if (!rules.are_default()) return OnlyDefaultRuleSetIsSigned();
  return signing_ ? absl::OkStatus() : SigningUnavailable();
}

absl::Status Assessor::Sign(const v1::AssessRequest& request, const CompiledProtocol& protocol, absl::Time now,
                            v1::Assessment& assessment) const {
  // The token keeps seconds; the answer shows the moment that the token means.
  const absl::Time expires = absl::FromUnixSeconds(absl::ToUnixSeconds(now + signing_->lifetime));
  // Self care has no deadline, and the token wants one; whoever reads it all the same is held to its lifetime.
  const absl::Time act_by = assessment.has_act_by_time() ? FromProto(assessment.act_by_time()) : expires;
  LUMBAR_ASSIGN_OR_RETURN(*assessment.mutable_signed_assessment(),
                          signing_->signer.Sign({.patient = request.patient(),
                                                 .level = ClaimedLevel(assessment.level()),
                                                 .act_by = act_by,
                                                 .findings_sha256 = HashOfFindings(request.presentation()),
                                                 .rules_sha256 = assessment.rules_sha256(),
                                                 .protocol = absl::StrCat(protocol.definition().name(), "@",
                                                                          protocol.definition().version()),
                                                 .issued_at = now,
                                                 .expires_at = expires}));
  *assessment.mutable_expire_time() = ToProtoTime(expires);
  return absl::OkStatus();
}

}  // namespace lumbar::triage
