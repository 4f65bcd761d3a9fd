// Triage over gRPC. What is asked is public: the call needs no identity.
#pragma once

#include <grpcpp/channel.h>

#include <memory>

#include "lumbar/triage/v1/triage_service.grpc.pb.h"
#include "services/content/domain/triage_links.h"

namespace lumbar::content {

class TriageClient final : public TriageRules {
 public:
  explicit TriageClient(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(triage::v1::TriageService::NewStub(channel)) {}

  absl::StatusOr<triage::v1::Protocol> Read() override;

 private:
  const std::unique_ptr<triage::v1::TriageService::Stub> stub_;
};

}  // namespace lumbar::content
