#include "common/auth/authenticator.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/strip.h>

#include <algorithm>

#include "common/auth/encoding.h"
#include "common/auth/errors.h"
#include "common/digest/sha256.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace lumbar::auth {
namespace {

constexpr absl::string_view kScheme = "Bearer ";

constexpr std::pair<absl::string_view, options::v1::Role> kRoles[] = {
    {"patient", options::v1::ROLE_PATIENT}, {"clinician", options::v1::ROLE_CLINICIAN},
    {"staff", options::v1::ROLE_STAFF},     {"service", options::v1::ROLE_SERVICE},
    {"admin", options::v1::ROLE_ADMIN},
};

absl::StatusOr<options::v1::Role> RoleOf(const nlohmann::json& payload) {
  const auto* name = TextMember(payload, "role");
  for (const auto& [known, role] : kRoles) {
    if (name != nullptr && *name == known) return role;
  }
  return TokenUnknownRole();
}

bool IsName(absl::string_view subject, absl::string_view collection) {
  constexpr size_t kLongestId = 63;
  if (!absl::ConsumePrefix(&subject, collection) || subject.empty() || subject.size() > kLongestId) return false;
  return std::all_of(subject.begin(), subject.end(),
                     [](char c) { return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-'; });
}

absl::StatusOr<absl::string_view> TokenOf(absl::string_view header) {
  if (header.empty()) return TokenMissing();
  if (!absl::StartsWithIgnoreCase(header, kScheme)) return TokenMalformed("the scheme must be Bearer");
  header.remove_prefix(kScheme.size());
  if (header.size() > kMaxTokenBytes) return TokenTooLarge();
  return header;
}

}  // namespace

absl::Status CheckSubject(absl::string_view subject, options::v1::Role role) {
  if (role == options::v1::ROLE_PATIENT && !IsName(subject, "patients/")) return TokenSubject("patients/<id>");
  if (role == options::v1::ROLE_CLINICIAN && !IsName(subject, "clinicians/")) return TokenSubject("clinicians/<id>");
  return absl::OkStatus();
}

Authenticator::Authenticator(FollowedKeys& keys, const Clock& clock, Expectations expected, size_t remembered)
    : keys_(keys), clock_(clock), expected_(std::move(expected)), remembered_(remembered) {}

absl::StatusOr<Caller> Authenticator::Authenticate(absl::string_view authorization_header) {
  LUMBAR_ASSIGN_OR_RETURN(const absl::string_view token, TokenOf(authorization_header));
  const auto keys = keys_.Current();
  const absl::Time now = clock_.Now();
  const std::string digest = Sha256(token);
  if (auto known = remembered_.Find(digest, keys, now)) return *std::move(known);
  if (keys->size() == 0) return KeysMissing();
  const auto verified = Verify(token, *keys, expected_, now);
  if (!verified.ok()) {
    if (ReasonOf(verified.status()) == kUnknownKey) keys_.Missed();
    return verified.status();
  }
  const Claims& claims = *verified;
  LUMBAR_ASSIGN_OR_RETURN(const options::v1::Role role, RoleOf(claims.payload));
  LUMBAR_RETURN_IF_ERROR(CheckSubject(claims.subject, role));
  Caller caller{claims.subject, role};
  // Past exp a token is only good by the leeway for clocks, and is verified each time.
  if (now < claims.expires) {
    const absl::Time from = std::max(claims.not_before, claims.issued_at) - kMaxSkew;
    remembered_.Remember(digest, keys, {caller, from, claims.expires});
  }
  return caller;
}

}  // namespace lumbar::auth
