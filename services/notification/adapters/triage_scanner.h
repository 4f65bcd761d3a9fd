// Asks triage over gRPC.
#pragma once

#include <string>

#include "common/auth/service_identity.h"
#include "common/rpc/client.h"
#include "common/time/clock.h"
#include "lumbar/triage/v1/triage_service.grpc.pb.h"
#include "services/notification/domain/text_scanner.h"

namespace lumbar::notification {

// Thread safe.
class TriageScanner final : public TextScanner {
 public:
  // `target` need not be there yet; it and `certificates` are as rpc::Remote takes them. The others must outlive it.
  TriageScanner(const std::string& target, const transport::CertificateFiles* certificates,
                auth::ServiceIdentity& identity, const Clock& clock);

  absl::StatusOr<TextFindings> Scan(absl::string_view text) override;

 private:
  rpc::Remote<triage::v1::TriageService> triage_;
  auth::ServiceIdentity& identity_;
  const Clock& clock_;
};

}  // namespace lumbar::notification
