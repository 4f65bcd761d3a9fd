// From what a gRPC call ended with: code, message, and google.rpc.Status in grpc-status-details-bin.
#pragma once

#include <absl/status/status.h>
#include <grpcpp/support/status.h>

namespace lumbar::rpc {

absl::Status FromWire(const grpc::Status& status);

}  // namespace lumbar::rpc
