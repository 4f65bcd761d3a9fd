#include "common/auth/errors.h"

#include <absl/strings/str_cat.h>

#include "common/status/errors.h"

namespace lumbar::auth {
namespace {

absl::Status Refused(absl::string_view reason, absl::string_view message) {
  return WithReason(absl::UnauthenticatedError(message), reason);
}

}  // namespace

absl::Status TokenMissing() {
  return Refused("TOKEN_MISSING", "sign in: the call needs an Authorization header with a bearer token");
}
absl::Status TokenMalformed(absl::string_view why) {
  return Refused("TOKEN_MALFORMED", absl::StrCat("the token can't be accepted: ", why));
}
absl::Status TokenTooLarge() { return Refused("TOKEN_TOO_LARGE", "the token is larger than 8 KiB"); }
absl::Status TokenUnknownKey() {
  return Refused(kUnknownKey, "the token is signed with a key that isn't known here; sign in again");
}
absl::Status TokenBadSignature() {
  return Refused("TOKEN_BAD_SIGNATURE", "the token's signature doesn't hold; sign in again");
}
absl::Status TokenExpired() { return Refused("TOKEN_EXPIRED", "the token has expired; sign in again"); }
absl::Status TokenNotYetValid() {
  return Refused("TOKEN_NOT_YET_VALID", "the token isn't valid yet; check the clock of the device that issued it");
}
absl::Status TokenWrongIssuer() {
  return Refused("TOKEN_WRONG_ISSUER", "the token is from an issuer not trusted here");
}
absl::Status TokenWrongAudience() {
  return Refused("TOKEN_WRONG_AUDIENCE", "the token was issued for another service");
}
absl::Status TokenUnknownRole() {
  return Refused("TOKEN_UNKNOWN_ROLE",
                 "the token's role must be one of patient, clinician, staff, service and admin; ask whoever issues it");
}
absl::Status TokenSubject(absl::string_view form) {
  return Refused("TOKEN_SUBJECT", absl::StrCat("the sub of a token of this role must be ", form,
                                               ", the id of up to 63 letters, digits, '.', '_' and '-'"));
}

absl::Status KeySetRefused(absl::string_view why) {
  return WithReason(absl::InvalidArgumentError(absl::StrCat("the key set is refused: ", why)), "KEY_SET_REFUSED");
}
absl::Status KeyFileUnreadable(absl::string_view path) {
  return WithReason(absl::NotFoundError(absl::StrCat("can't read the key set ", path, "; check the path and the mode")),
                    "KEY_FILE_UNREADABLE");
}
absl::Status KeyUrlRefused(absl::string_view why) {
  return WithReason(absl::InvalidArgumentError(absl::StrCat("the URL of the key set is refused: ", why)),
                    "KEY_URL_REFUSED");
}
absl::Status KeyUrlUnreachable(absl::string_view why) {
  return WithReason(absl::UnavailableError(absl::StrCat("the key set can't be had from its URL: ", why)),
                    "KEY_URL_UNREACHABLE");
}
absl::Status KeysMissing() {
  return WithReason(absl::UnavailableError("the keys that tokens are verified with can't be had now; try again"),
                    "KEYS_MISSING");
}

absl::Status AssessmentForged() {
  return WithReason(absl::InvalidArgumentError("the assessment can't be verified; answer the triage questions again"),
                    "ASSESSMENT_FORGED");
}
absl::Status AssessmentExpired() {
  return WithReason(absl::FailedPreconditionError("the assessment has expired; answer the triage questions again"),
                    "ASSESSMENT_EXPIRED");
}
absl::Status AssessmentTooOld() {
  return WithReason(absl::FailedPreconditionError("the assessment is too old; answer the triage questions again"),
                    "ASSESSMENT_TOO_OLD");
}
absl::Status AssessmentOfOtherPatient() {
  return WithReason(absl::FailedPreconditionError("the assessment is of another patient; use this patient's own"),
                    "ASSESSMENT_OTHER_PATIENT");
}

}  // namespace lumbar::auth
