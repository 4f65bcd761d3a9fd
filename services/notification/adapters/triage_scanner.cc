#include "services/notification/adapters/triage_scanner.h"

#include <utility>

#include "common/status/macros.h"

namespace lumbar::notification {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(2);

}  // namespace

TriageScanner::TriageScanner(const std::string& target, const transport::CertificateFiles* certificates,
                             auth::ServiceIdentity& identity, const Clock& clock)
    : triage_(target, certificates), identity_(identity), clock_(clock) {}

absl::StatusOr<TextFindings> TriageScanner::Scan(absl::string_view text) {
  LUMBAR_ASSIGN_OR_RETURN(std::string token, identity_.Token());
  triage::v1::ScanTextRequest request;
  request.set_text(std::string(text));
  LUMBAR_ASSIGN_OR_RETURN(const auto response, rpc::Call(triage_, &triage::v1::TriageService::Stub::ScanText, request,
                                                         {clock_.Now() + kTimeout, NewTrace(), std::move(token)}));
  TextFindings findings;
  findings.emergency = response.level() >= triage::v1::LEVEL_EMERGENCY;
  for (const auto& mention : response.mentions()) {
    if (!mention.negated() && findings.language.empty()) findings.language = mention.language_code();
  }
  return findings;
}

}  // namespace lumbar::notification
