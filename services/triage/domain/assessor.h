// Triage's handlers. Stateless: everything an answer stands on is in the request, the protocols and the clock.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <optional>
#include <vector>

#include "common/auth/assessment_token.h"
#include "common/rpc/call_context.h"
#include "common/time/clock.h"
#include "lumbar/triage/v1/triage_service.pb.h"
#include "services/triage/domain/protocol_registry.h"

namespace lumbar::triage {

// What it takes to sign.
struct Signing {
  auth::AssessmentSigner signer;
  // How long a signed assessment is accepted.
  absl::Duration lifetime;
};

// Thread safe.
class Assessor {
 public:
  // `protocols` as LoadProtocols gives them. `clock` must outlive it. Without `signing`, nothing is signed.
  Assessor(const std::vector<v1::Protocol>& protocols, const Clock& clock, std::optional<Signing> signing);

  // NOT_FOUND/PROTOCOL_NOT_FOUND, NOT_FOUND/RULE_SET_NOT_FOUND; PERMISSION_DENIED/RULE_SET_STAFF_ONLY;
  // INVALID_ARGUMENT/UNKNOWN_FINDING, INVALID_ARGUMENT/CONTRADICTORY_FINDING: each names every finding at fault. With
  // `sign`: INVALID_ARGUMENT/INVALID_FIELD without a patient, or for another rule set than the default;
  // FAILED_PRECONDITION/SIGNING_UNAVAILABLE without a key. Emergencies are signed like everything else.
  // On an arena, `response` borrows from the protocols: see AssessFacts.
  absl::Status Assess(const rpc::CallContext& context, const v1::AssessRequest& request, v1::AssessResponse& response);
  // Errors as in Assess without `sign`.
  absl::StatusOr<v1::NextQuestionResponse> NextQuestion(const rpc::CallContext& context,
                                                        const v1::NextQuestionRequest& request);
  // NOT_FOUND/RULES_NOT_FOUND; errors of the presentation as in Assess.
  absl::StatusOr<v1::ReplayAssessmentResponse> ReplayAssessment(const rpc::CallContext& context,
                                                                const v1::ReplayAssessmentRequest& request);
  // NOT_FOUND/PROTOCOL_NOT_FOUND.
  absl::StatusOr<v1::GetProtocolResponse> GetProtocol(const rpc::CallContext& context,
                                                      const v1::GetProtocolRequest& request);
  // By name, without the rules. INVALID_ARGUMENT/INVALID_PAGE_TOKEN.
  absl::StatusOr<v1::ListProtocolsResponse> ListProtocols(const rpc::CallContext& context,
                                                          const v1::ListProtocolsRequest& request);

 private:
  // The rules that a request asks for. NOT_FOUND/PROTOCOL_NOT_FOUND, NOT_FOUND/RULE_SET_NOT_FOUND;
  // PERMISSION_DENIED/RULE_SET_STAFF_ONLY.
  template <typename Request>
  absl::StatusOr<Rules> FindRules(const rpc::CallContext& context, const Request& request) const;
  absl::Status CheckSignable(const v1::AssessRequest& request, const Rules& rules) const;
  absl::Status Sign(const v1::AssessRequest& request, const CompiledProtocol& protocol, absl::Time now,
                    v1::Assessment& assessment) const;

  const ProtocolRegistry protocols_;
  const Clock& clock_;
  const std::optional<Signing> signing_;
};

// SHA-256, lower-case hex, of what `presentation` says: the same for every order of the findings, and for unknown
// findings listed or left out.
std::string HashOfFindings(const v1::Presentation& presentation);

}  // namespace lumbar::triage
