#include "services/triage/domain/assessor.h"

#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/strip.h>

#include <algorithm>
#include <map>

#include "common/auth/algorithm.h"
#include "common/status/macros.h"
#include "common/store/page_token.h"
#include "common/time/proto_time.h"
#include "services/triage/domain/engine.h"
#include "services/triage/errors.h"

namespace lumbar::triage {
namespace {

constexpr absl::string_view kDefaultProtocol = "protocols/low-back-pain";
constexpr absl::string_view kListQuery = "ListProtocols";

std::string ClaimedLevel(v1::Level level) { return std::string(absl::StripPrefix(v1::Level_Name(level), "LEVEL_")); }

v1::Protocol WithoutRules(v1::Protocol protocol) {
  protocol.clear_rule_sets();
  return protocol;
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
  for (const auto& [code, presence] : known) {
    auto* finding = canonical.add_findings();
    finding->set_code(code);
    finding->set_presence(presence);
  }
  canonical.DiscardUnknownFields();
  return absl::BytesToHexString(auth::Sha256(canonical.SerializeAsString()));
}

Assessor::Assessor(std::vector<v1::Protocol> protocols, const Clock& clock, std::optional<Signing> signing)
    : clock_(clock), signing_(std::move(signing)) {
  for (auto& protocol : protocols) protocols_.push_back(std::make_unique<CompiledProtocol>(std::move(protocol)));
  std::sort(protocols_.begin(), protocols_.end(),
            [](const auto& a, const auto& b) { return a->definition().name() < b->definition().name(); });
}

absl::StatusOr<v1::AssessResponse> Assessor::Assess(const rpc::CallContext&, const v1::AssessRequest& request) {
  const auto* protocol = Find(request.protocol());
  if (protocol == nullptr) return ProtocolNotFound();
  const auto* rule_set = protocol->FindRuleSet(request.rule_set());
  if (rule_set == nullptr) return RuleSetNotFound();
  if (request.sign()) LUMBAR_RETURN_IF_ERROR(CheckSignable(request, *protocol, *rule_set));
  LUMBAR_ASSIGN_OR_RETURN(const Facts facts, protocol->vocabulary().Read(request.presentation()));
  const absl::Time now = clock_.Now();
  v1::AssessResponse response;
  *response.mutable_assessment() = AssessFacts(*protocol, *rule_set, facts, now);
  if (request.sign()) LUMBAR_RETURN_IF_ERROR(Sign(request, *protocol, now, *response.mutable_assessment()));
  return response;
}

absl::StatusOr<v1::GetProtocolResponse> Assessor::GetProtocol(const rpc::CallContext&,
                                                              const v1::GetProtocolRequest& request) {
  const auto* protocol = Find(request.name());
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
  for (const auto& protocol : protocols_) {
    if (protocol->definition().name() <= after) continue;
    if (response.protocols_size() == page_size) {
      response.set_next_page_token(store::EncodePageToken(response.protocols(page_size - 1).name(), kListQuery));
      break;
    }
    *response.add_protocols() = WithoutRules(protocol->definition());
  }
  return response;
}

const CompiledProtocol* Assessor::Find(absl::string_view name) const {
  if (name.empty()) name = kDefaultProtocol;
  for (const auto& protocol : protocols_) {
    if (protocol->definition().name() == name) return protocol.get();
  }
  return nullptr;
}

absl::Status Assessor::CheckSignable(const v1::AssessRequest& request, const CompiledProtocol& protocol,
                                     const CompiledRuleSet& rule_set) const {
  if (request.patient().empty()) return PatientNeededToSign();
  // Another rule set may know fewer dangers: its answer must not open the way to a booking.
  if (&rule_set != &protocol.rule_sets().front()) return OnlyDefaultRuleSetIsSigned();
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
