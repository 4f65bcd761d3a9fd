// Calls to the other services: each has a deadline, says who calls, and belongs to the caller's trace.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <memory>
#include <string>
#include <utility>

#include "common/concurrency/mutex.h"
#include "common/rpc/wire_status.h"
#include "common/telemetry/trace.h"
#include "common/transport/certificate_files.h"

namespace lumbar::rpc {

// A channel to `target`, e.g. "127.0.0.1:9093" or "dns:///booking:9093", spread over what the name resolves to. With
// `credentials` TLS is spoken; "booking@10.0.0.7:9093" tells the name that the service's certificate must have then, if
// it isn't the host's.
std::shared_ptr<grpc::Channel> MakeChannel(const std::string& target,
                                           const transport::Credentials* credentials = nullptr);

// A service elsewhere, e.g. Remote<v1::BookingService>. Connects when it is first called, and again whenever it must;
// with `certificates`, which outlive it, by the latest of them. Thread safe.
template <typename Service>
class Remote {
 public:
  using Stub = typename Service::Stub;

  // As MakeChannel takes it.
  explicit Remote(std::string target, const transport::CertificateFiles* certificates = nullptr)
      : target_(std::move(target)), certificates_(certificates) {}

  // For one call. Calls that run keep theirs when the certificates change.
  std::shared_ptr<Stub> Current() {
    auto latest = certificates_ == nullptr ? nullptr : certificates_->Latest();
    const MutexLock lock(mutex_);
    if (stub_ == nullptr || latest != credentials_) {
      stub_ = Service::NewStub(MakeChannel(target_, latest.get()));
      credentials_ = std::move(latest);
    }
    return stub_;
  }

 private:
  const std::string target_;
  const transport::CertificateFiles* const certificates_;
  Mutex mutex_;
  std::shared_ptr<const transport::Credentials> credentials_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<Stub> stub_ ABSL_GUARDED_BY(mutex_);
};

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

// The same, of a service elsewhere: Call(booking, &v1::BookingService::Stub::CreateHold, request, options).
template <typename Service, typename Request, typename Response>
absl::StatusOr<Response> Call(Remote<Service>& remote,
                              grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                              const Request& request, const CallOptions& options) {
  return Call(*remote.Current(), method, request, options);
}

}  // namespace lumbar::rpc
