// Every way a token, a key set or an assessment is refused. No message repeats anything from the token.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>

namespace lumbar::auth {

// The reason of TokenUnknownKey, by which a newer key set is asked for.
inline constexpr absl::string_view kUnknownKey = "TOKEN_UNKNOWN_KEY";

// UNAUTHENTICATED, with the reason that the function is named after.
absl::Status TokenMissing();
absl::Status TokenMalformed(absl::string_view why);
absl::Status TokenTooLarge();
absl::Status TokenUnknownKey();
absl::Status TokenBadSignature();
absl::Status TokenExpired();
absl::Status TokenNotYetValid();
absl::Status TokenWrongIssuer();
absl::Status TokenWrongAudience();
absl::Status TokenUnknownRole();
// `form` is what the sub of such a role must be, e.g. "patients/<id>".
absl::Status TokenSubject(absl::string_view form);

// INVALID_ARGUMENT/KEY_SET_REFUSED.
absl::Status KeySetRefused(absl::string_view why);
// NOT_FOUND/KEY_FILE_UNREADABLE.
absl::Status KeyFileUnreadable(absl::string_view path);
// INVALID_ARGUMENT/KEY_URL_REFUSED.
absl::Status KeyUrlRefused(absl::string_view why);
// UNAVAILABLE/KEY_URL_UNREACHABLE.
absl::Status KeyUrlUnreachable(absl::string_view why);
// UNAVAILABLE/KEYS_MISSING: no token can be told from a forged one yet.
absl::Status KeysMissing();

// INVALID_ARGUMENT/ASSESSMENT_FORGED: nothing in it may be believed.
absl::Status AssessmentForged();
// FAILED_PRECONDITION: genuine, but not good for this booking.
absl::Status AssessmentExpired();
absl::Status AssessmentTooOld();
absl::Status AssessmentOfOtherPatient();

}  // namespace lumbar::auth
