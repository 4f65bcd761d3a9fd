// Every way a token, a key set or an assessment is refused. No message repeats anything from the token.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>

namespace lumbar::auth {

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

// INVALID_ARGUMENT/KEY_SET_REFUSED.
absl::Status KeySetRefused(absl::string_view why);

// INVALID_ARGUMENT/ASSESSMENT_FORGED: nothing in it may be believed.
absl::Status AssessmentForged();
// FAILED_PRECONDITION: genuine, but not good for this booking.
absl::Status AssessmentExpired();
absl::Status AssessmentTooOld();
absl::Status AssessmentOfOtherPatient();

}  // namespace lumbar::auth
