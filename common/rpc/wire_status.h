// Between absl::Status and what gRPC carries: code, message, and google.rpc.Status in grpc-status-details-bin.
#pragma once

#include <absl/status/status.h>
#include <grpcpp/support/status.h>

namespace lumbar::rpc {

grpc::Status ToWire(const absl::Status& status);
absl::Status FromWire(const grpc::Status& status);

}  // namespace lumbar::rpc
