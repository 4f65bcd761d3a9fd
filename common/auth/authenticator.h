// From an Authorization header to the caller.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include "common/auth/caller.h"
#include "common/auth/followed_keys.h"
#include "common/auth/jwt.h"
#include "common/auth/remembered_tokens.h"
#include "common/time/clock.h"

namespace lumbar::auth {

// UNAUTHENTICATED/TOKEN_SUBJECT: a patient or a clinician is known by the name "patients/<id>" or "clinicians/<id>",
// and owns nothing by another.
absl::Status CheckSubject(absl::string_view subject, options::v1::Role role);

// Thread safe.
class Authenticator {
 public:
  // `keys` and `clock` must outlive it. At most `remembered` verified tokens are remembered, by their SHA-256.
  Authenticator(FollowedKeys& keys, const Clock& clock, Expectations expected, size_t remembered = 10'000);

  // The caller whose "Bearer <token>" this is. The token's claim `role` is patient, clinician, staff, service or admin.
  // UNAUTHENTICATED: TOKEN_MISSING for an empty header, TOKEN_MALFORMED for another scheme, TOKEN_UNKNOWN_ROLE,
  // as CheckSubject or as Verify refuses. UNAVAILABLE/KEYS_MISSING: there is a token and no key yet. Never waits. A
  // token is remembered no longer than its exp, and not beyond a change of the keys.
  absl::StatusOr<Caller> Authenticate(absl::string_view authorization_header);

  // How many tokens are remembered now; a gauge.
  size_t remembered() { return remembered_.size(); }

 private:
  FollowedKeys& keys_;
  const Clock& clock_;
  const Expectations expected_;
  RememberedTokens remembered_;
};

}  // namespace lumbar::auth
