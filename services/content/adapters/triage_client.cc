#include "services/content/adapters/triage_client.h"

#include <utility>

#include "common/status/macros.h"

namespace lumbar::content {
namespace {

// The one that assessments use unless they name another.
constexpr char kProtocol[] = "protocols/low-back-pain";
constexpr absl::Duration kTimeout = absl::Seconds(3);

}  // namespace

absl::StatusOr<triage::v1::Protocol> TriageClient::Read() {
  triage::v1::GetProtocolRequest request;
  request.set_name(kProtocol);
  LUMBAR_ASSIGN_OR_RETURN(auto response, rpc::Call(triage_, &triage::v1::TriageService::Stub::GetProtocol, request,
                                                   {absl::Now() + kTimeout, NewTrace(), ""}));
  return std::move(*response.mutable_protocol());
}

}  // namespace lumbar::content
