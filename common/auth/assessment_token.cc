#include "common/auth/assessment_token.h"

#include <algorithm>
#include <array>

#include "common/auth/encoding.h"
#include "common/auth/errors.h"
#include "common/auth/jwt.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace lumbar::auth {
namespace {

constexpr absl::string_view kType = "assessment+jwt";
constexpr char kIssuer[] = "lumbar-triage";
constexpr char kAudience[] = "lumbar-booking";
constexpr std::array<absl::string_view, 5> kLevels = {"EMERGENCY_AMBULANCE", "EMERGENCY", "CONSULTATION_24",
                                                      "CONSULTATION", "SELF_CARE"};

bool IsDate(absl::Time time) { return time > absl::UnixEpoch() && time < absl::FromUnixSeconds(253402300800); }

// What both ends demand, so that no signer makes what no verifier takes.
bool IsComplete(const AssessmentClaims& claims) {
  return !claims.patient.empty() && std::find(kLevels.begin(), kLevels.end(), claims.level) != kLevels.end() &&
         !claims.findings_sha256.empty() && !claims.rules_sha256.empty() && !claims.protocol.empty() &&
         IsDate(claims.act_by) && IsDate(claims.issued_at) && IsDate(claims.expires_at);
}

std::string TextOf(const nlohmann::json& payload, const char* name) {
  const auto* text = TextMember(payload, name);
  return text == nullptr ? "" : *text;
}

AssessmentClaims AssessmentOf(const Claims& claims) {
  const auto& payload = claims.payload;
  const auto act_by = payload.find("act_by");
  return {.patient = claims.subject,
          .level = TextOf(payload, "level"),
          .act_by = act_by != payload.end() && act_by->is_number_integer()
                        ? absl::FromUnixSeconds(act_by->get<int64_t>())
                        : absl::InfinitePast(),
          .findings_sha256 = TextOf(payload, "findings_sha256"),
          .rules_sha256 = TextOf(payload, "rules_sha256"),
          .protocol = TextOf(payload, "protocol"),
          .issued_at = claims.issued_at,
          .expires_at = claims.expires};
}

}  // namespace

absl::StatusOr<std::string> AssessmentSigner::Sign(const AssessmentClaims& claims) const {
  if (!IsComplete(claims)) {
    return WithReason(absl::InvalidArgumentError("an assessment needs every member, and one of the five levels"),
                      "CLAIMS_REFUSED");
  }
  return signer_.Sign(kType, {{"iss", kIssuer},
                              {"aud", kAudience},
                              {"sub", claims.patient},
                              {"level", claims.level},
                              {"act_by", absl::ToUnixSeconds(claims.act_by)},
                              {"findings_sha256", claims.findings_sha256},
                              {"rules_sha256", claims.rules_sha256},
                              {"protocol", claims.protocol},
                              {"iat", absl::ToUnixSeconds(claims.issued_at)},
                              {"exp", absl::ToUnixSeconds(claims.expires_at)}});
}

AssessmentVerifier::AssessmentVerifier(FollowedKeys& keys, const Clock& clock, absl::Duration max_age)
    : keys_(keys), clock_(clock), max_age_(max_age) {}

absl::StatusOr<AssessmentClaims> AssessmentVerifier::Verify(absl::string_view token, absl::string_view patient) const {
  const absl::Time now = clock_.Now();
  const auto claims = auth::Verify(token, *keys_.Current(), {kIssuer, kAudience, std::string(kType)}, now);
  if (!claims.ok()) {
    const std::string reason = ReasonOf(claims.status());
    if (reason == kUnknownKey) keys_.Missed();
    return reason == "TOKEN_EXPIRED" ? AssessmentExpired() : AssessmentForged();
  }
  AssessmentClaims assessment = AssessmentOf(*claims);
  if (!IsComplete(assessment)) return AssessmentForged();
  if (assessment.patient != patient) return AssessmentOfOtherPatient();
  if (now - assessment.issued_at > max_age_) return AssessmentTooOld();
  return assessment;
}

}  // namespace lumbar::auth
