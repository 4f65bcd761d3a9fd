// Calls to the other services: each has a deadline, says who calls, and belongs to the caller's trace.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <memory>
#include <string>

#include "common/rpc/wire_status.h"
#include "common/telemetry/trace.h"

namespace lumbar::rpc {

// A channel to `target`, e.g. "127.0.0.1:9093" or "dns:///booking:9093", spread over what the name resolves to.
std::shared_ptr<grpc::Channel> MakeChannel(const std::string& target);

struct CallOptions {
  // The call fails with DEADLINE_EXCEEDED at this time.
  absl::Time deadline;
  TraceContext trace;
  // Without "Bearer".
  std::string token;
};

// Puts deadline, token and traceparent into `context`.
void Prepare(grpc::ClientContext& context, const CallOptions& options);

// One blocking call, e.g. Call(*stub, &v1::BookingService::StubInterface::CreateHold, request, options). Only from
// threads that may block. Fails with the peer's status, its reason and details included.
template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> Call(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                              const Request& request, const CallOptions& options) {
  grpc::ClientContext context;
  Prepare(context, options);
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) return FromWire(status);
  return response;
}

}  // namespace lumbar::rpc
