// Triage's handlers. Stateless: everything an answer stands on is in the request, the protocols and the clock.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <memory>
#include <optional>
#include <vector>

#include "common/auth/assessment_token.h"
#include "common/rpc/call_context.h"
#include "common/time/clock.h"
#include "lumbar/triage/v1/triage_service.pb.h"
#include "services/triage/domain/compiled_protocol.h"

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
  Assessor(std::vector<v1::Protocol> protocols, const Clock& clock, std::optional<Signing> signing);

  // NOT_FOUND/PROTOCOL_NOT_FOUND, NOT_FOUND/RULE_SET_NOT_FOUND; INVALID_ARGUMENT/UNKNOWN_FINDING,
  // INVALID_ARGUMENT/CONTRADICTORY_FINDING: each names every finding at fault.
  // With `sign`: INVALID_ARGUMENT/INVALID_FIELD without a patient, or for another rule set than the default;
  // FAILED_PRECONDITION/SIGNING_UNAVAILABLE without a key. Emergencies are signed like everything else.
  absl::StatusOr<v1::AssessResponse> Assess(const rpc::CallContext& context, const v1::AssessRequest& request);
  // NOT_FOUND/PROTOCOL_NOT_FOUND.
  absl::StatusOr<v1::GetProtocolResponse> GetProtocol(const rpc::CallContext& context,
                                                      const v1::GetProtocolRequest& request);
  // By name, without the rules. INVALID_ARGUMENT/INVALID_PAGE_TOKEN.
  absl::StatusOr<v1::ListProtocolsResponse> ListProtocols(const rpc::CallContext& context,
                                                          const v1::ListProtocolsRequest& request);

 private:
  // "" finds protocols/low-back-pain; null if there is none of that name.
  const CompiledProtocol* Find(absl::string_view name) const;
  absl::Status CheckSignable(const v1::AssessRequest& request, const CompiledProtocol& protocol,
                             const CompiledRuleSet& rule_set) const;
  absl::Status Sign(const v1::AssessRequest& request, const CompiledProtocol& protocol, absl::Time now,
                    v1::Assessment& assessment) const;

  // By name.
  std::vector<std::unique_ptr<const CompiledProtocol>> protocols_;
  const Clock& clock_;
  const std::optional<Signing> signing_;
};

// SHA-256, lower-case hex, of what `presentation` says: the same for every order of the findings, and for unknown
// findings listed or left out.
std::string HashOfFindings(const v1::Presentation& presentation);

}  // namespace lumbar::triage
