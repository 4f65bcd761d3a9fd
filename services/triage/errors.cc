#include "services/triage/errors.h"

#include <absl/strings/str_cat.h>

#include "common/status/errors.h"

namespace lumbar::triage {
namespace {

absl::Status NameFindings(absl::Status status, const std::vector<int>& indices, absl::string_view description) {
  for (const int index : indices) {
    status = WithViolation(std::move(status), absl::StrCat("presentation.findings[", index, "].code"), description);
  }
  return status;
}

absl::Status FirstFault(const PresentationFaults& faults) {
  if (!faults.unknown_findings.empty()) {
    return WithReason(
        absl::InvalidArgumentError("some findings aren't questions of this protocol; it lists what can be told: "
                                   "GetProtocol, or GET /v1/protocols/{id}"),
        "UNKNOWN_FINDING");
  }
  if (!faults.contradictory_findings.empty()) {
    return WithReason(
        absl::InvalidArgumentError("some findings are given twice with different answers; ask again and send one"),
        "CONTRADICTORY_FINDING");
  }
  return WithReason(absl::InvalidArgumentError("the presentation says when the pain began, and that can't be"),
                    "INVALID_FIELD");
}

}  // namespace

absl::Status ProtocolRefused(absl::string_view file, absl::string_view where, absl::string_view why) {
  return WithReason(absl::InvalidArgumentError(absl::StrCat(file, ": ", where, ": ", why)), "PROTOCOL_REFUSED");
}

absl::Status ProtocolUnreadable(absl::string_view path, absl::string_view why) {
  return WithReason(absl::NotFoundError(absl::StrCat(path, ": ", why)), "PROTOCOL_UNREADABLE");
}

absl::Status VignetteRefused(absl::string_view file, absl::string_view where, absl::string_view why) {
  return WithReason(absl::InvalidArgumentError(absl::StrCat(file, ": ", where, ": ", why)), "VIGNETTE_REFUSED");
}

absl::Status PresentationRefused(const PresentationFaults& faults) {
  absl::Status status = FirstFault(faults);
  status = NameFindings(std::move(status), faults.unknown_findings, "is not a question of this protocol");
  status = NameFindings(std::move(status), faults.contradictory_findings, "was already given with another presence");
  if (!faults.onset.empty()) status = WithViolation(std::move(status), "presentation.onset_time", faults.onset);
  return status;
}

absl::Status ProtocolNotFound() {
  return WithReason(absl::NotFoundError("there is no such protocol; ListProtocols names those there are"),
                    "PROTOCOL_NOT_FOUND");
}

absl::Status RuleSetStaffOnly() {
  return WithReason(
      absl::PermissionDeniedError("patients are assessed by the protocol's default rules; leave rule_set empty"),
      "RULE_SET_STAFF_ONLY");
}

absl::Status RuleSetNotFound() {
  return WithReason(absl::NotFoundError("the protocol has no such rule set; GetProtocol names those there are"),
                    "RULE_SET_NOT_FOUND");
}

absl::Status RulesNotFound() {
  return WithReason(absl::NotFoundError("no protocol here has the rules of that hash; load the version that it names"),
                    "RULES_NOT_FOUND");
}

absl::Status PatientNeededToSign() {
  return InvalidField("patient", "name the patient: a signed assessment is bound to one");
}

absl::Status OnlyDefaultRuleSetIsSigned() {
  return InvalidField("rule_set", "only the protocol's default rule set is signed; leave this empty to sign");
}

absl::Status SigningUnavailable() {
  return WithReason(absl::FailedPreconditionError("this server has no signing key; ask for the assessment unsigned"),
                    "SIGNING_UNAVAILABLE");
}

}  // namespace lumbar::triage
