#include "common/auth/claims.h"

#include <algorithm>

#include "common/auth/encoding.h"
#include "common/auth/errors.h"
#include "common/status/macros.h"

namespace lumbar::auth {
namespace {

// The end of the year 9999, the last that RFC 3339 can write.
constexpr double kLastSecond = 253402300799;

// A NumericDate: seconds since 1970, perhaps with a fraction. `absent` if there is no such claim.
absl::StatusOr<absl::Time> TimeClaim(const nlohmann::json& payload, const char* name, absl::Time absent) {
  const auto claim = payload.find(name);
  if (claim == payload.end()) return absent;
  if (!claim->is_number()) return TokenMalformed(absl::StrCat(name, " isn't a number"));
  const double seconds = claim->get<double>();
  if (!(seconds >= 0 && seconds <= kLastSecond)) return TokenMalformed(absl::StrCat(name, " isn't a date"));
  return absl::UnixEpoch() + absl::Seconds(seconds);
}

// One audience or an array of them. Empty if the claim is missing or of another type.
std::vector<std::string> AudiencesOf(const nlohmann::json& payload) {
  if (const auto* one = TextMember(payload, "aud")) return {*one};
  std::vector<std::string> audiences;
  const auto claim = payload.find("aud");
  if (claim == payload.end() || !claim->is_array()) return {};
  for (const auto& item : *claim) {
    if (!item.is_string()) return {};
    audiences.push_back(item.get<std::string>());
  }
  return audiences;
}

absl::Status CheckParties(const Claims& claims, const Expectations& expected) {
  if (claims.issuer.empty() || claims.issuer != expected.issuer) return TokenWrongIssuer();
  const auto& audiences = claims.audiences;
  if (expected.audience.empty() ||
      std::find(audiences.begin(), audiences.end(), expected.audience) == audiences.end()) {
    return TokenWrongAudience();
  }
  return claims.subject.empty() ? TokenMalformed("it has no sub") : absl::OkStatus();
}

absl::Status CheckTimes(const Claims& claims, absl::Time now) {
  if (claims.expires == absl::InfiniteFuture()) return TokenMalformed("it has no exp");
  if (now >= claims.expires + kMaxSkew) return TokenExpired();
  if (now < std::max(claims.not_before, claims.issued_at) - kMaxSkew) return TokenNotYetValid();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Claims> ReadClaims(absl::string_view payload, const Expectations& expected, absl::Time now) {
  auto object = ParseStrictObject(payload);
  if (!object) return TokenMalformed("its payload isn't a strict JSON object");
  Claims claims;
  if (const auto* issuer = TextMember(*object, "iss")) claims.issuer = *issuer;
  if (const auto* subject = TextMember(*object, "sub")) claims.subject = *subject;
  claims.audiences = AudiencesOf(*object);
  LUMBAR_ASSIGN_OR_RETURN(claims.expires, TimeClaim(*object, "exp", absl::InfiniteFuture()));
  LUMBAR_ASSIGN_OR_RETURN(claims.not_before, TimeClaim(*object, "nbf", absl::InfinitePast()));
  LUMBAR_ASSIGN_OR_RETURN(claims.issued_at, TimeClaim(*object, "iat", absl::InfinitePast()));
  LUMBAR_RETURN_IF_ERROR(CheckParties(claims, expected));
  LUMBAR_RETURN_IF_ERROR(CheckTimes(claims, now));
  claims.payload = *std::move(object);
  return claims;
}

}  // namespace lumbar::auth
