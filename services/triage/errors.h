// Every way triage says no. One function per failure: the message is for a person and says what to do next, the reason
// is for a program and stays. No message holds patient data: neither a finding nor its presence is repeated.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>

#include <string>
#include <vector>

namespace lumbar::triage {

// INVALID_ARGUMENT/PROTOCOL_REFUSED: `where` in `file` can't be used, and `why`. For whoever edits rules.
absl::Status ProtocolRefused(absl::string_view file, absl::string_view where, absl::string_view why);
// NOT_FOUND/PROTOCOL_UNREADABLE: there is no such file or folder to read, or it is too large.
absl::Status ProtocolUnreadable(absl::string_view path, absl::string_view why);
// INVALID_ARGUMENT/VIGNETTE_REFUSED: `where` in `file`, and why. For whoever measures rules.
absl::Status VignetteRefused(absl::string_view file, absl::string_view where, absl::string_view why);
// What is wrong with a presentation; all of it is reported at once.
struct PresentationFaults {
  // Indices into presentation.findings.
  std::vector<int> unknown_findings;
  std::vector<int> contradictory_findings;
  // What is wrong with presentation.onset_time; empty: nothing.
  std::string onset;

  bool any() const { return !unknown_findings.empty() || !contradictory_findings.empty() || !onset.empty(); }
};
// INVALID_ARGUMENT with one violation per fault. The reason is that of the first: UNKNOWN_FINDING,
// CONTRADICTORY_FINDING, INVALID_FIELD.
absl::Status PresentationRefused(const PresentationFaults& faults);
// NOT_FOUND/PROTOCOL_NOT_FOUND.
absl::Status ProtocolNotFound();
// PERMISSION_DENIED/RULE_SET_STAFF_ONLY: a patient gets the default rule set, which knows every danger.
absl::Status RuleSetStaffOnly();
// NOT_FOUND/RULE_SET_NOT_FOUND.
absl::Status RuleSetNotFound();
// NOT_FOUND/RULES_NOT_FOUND: no loaded version of a protocol has rules of that hash.
absl::Status RulesNotFound();
// INVALID_ARGUMENT/INVALID_FIELD on `patient`: a signature without a patient would prove nothing.
absl::Status PatientNeededToSign();
// INVALID_ARGUMENT/INVALID_FIELD on `rule_set`: only the default rule set's answer is good enough to book on.
absl::Status OnlyDefaultRuleSetIsSigned();
// FAILED_PRECONDITION/SIGNING_UNAVAILABLE: this server was started without a signing key.
absl::Status SigningUnavailable();

}  // namespace lumbar::triage
