// A triage assessment that booking can trust without asking triage: a JWS, typ "assessment+jwt", from
// "lumbar-triage" for "lumbar-booking".
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <string>

#include "common/auth/followed_keys.h"
#include "common/auth/signer.h"
#include "common/time/clock.h"

namespace lumbar::auth {

// Times are kept to the second.
struct AssessmentClaims {
  // Resource name, e.g. "patients/17".
  std::string patient;
  // "EMERGENCY_AMBULANCE", "EMERGENCY", "CONSULTATION_24", "CONSULTATION" or "SELF_CARE".
  std::string level;
  // The latest moment at which the patient should be seen.
  absl::Time act_by;
  // SHA-256 in lower-case hex of the findings as they were assessed, and of the rules that assessed them.
  std::string findings_sha256;
  std::string rules_sha256;
  // The protocol's name and version.
  std::string protocol;
  absl::Time issued_at;
  absl::Time expires_at;

  bool operator==(const AssessmentClaims&) const = default;
};

// Thread safe.
class AssessmentSigner {
 public:
  explicit AssessmentSigner(Signer signer) : signer_(std::move(signer)) {}

  // INVALID_ARGUMENT/CLAIMS_REFUSED: a member is missing, the level isn't one, or a time isn't a date after 1970.
  absl::StatusOr<std::string> Sign(const AssessmentClaims& claims) const;

 private:
  Signer signer_;
};

// Thread safe.
class AssessmentVerifier {
 public:
  // `keys` and `clock` must outlive it. Refuses assessments issued more than `max_age` ago, whatever they say.
  AssessmentVerifier(FollowedKeys& keys, const Clock& clock, absl::Duration max_age);

  // What triage found about `patient`.
  // INVALID_ARGUMENT/ASSESSMENT_FORGED: not what triage signed: signature, key, shape, issuer, audience, or a date to
  // come. FAILED_PRECONDITION: ASSESSMENT_EXPIRED; ASSESSMENT_TOO_OLD: over max_age; ASSESSMENT_OTHER_PATIENT: of
  // somebody else.
  absl::StatusOr<AssessmentClaims> Verify(absl::string_view token, absl::string_view patient) const;

 private:
  FollowedKeys& keys_;
  const Clock& clock_;
  const absl::Duration max_age_;
};

}  // namespace lumbar::auth
