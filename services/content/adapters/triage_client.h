// Triage over gRPC. What is asked is public: the call needs no identity.
#pragma once

#include <string>

#include "common/rpc/client.h"
#include "lumbar/triage/v1/triage_service.grpc.pb.h"
#include "services/content/domain/triage_links.h"

namespace lumbar::content {

class TriageClient final : public TriageRules {
 public:
  // As rpc::Remote takes them.
  TriageClient(const std::string& target, const transport::CertificateFiles* certificates)
      : triage_(target, certificates) {}

  absl::StatusOr<triage::v1::Protocol> Read() override;

 private:
  rpc::Remote<triage::v1::TriageService> triage_;
};

}  // namespace lumbar::content
