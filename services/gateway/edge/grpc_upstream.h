// Upstream over grpc++ channels, requests and responses undecoded.
#pragma once

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <map>
#include <memory>
#include <string>

#include "services/gateway/edge/upstream.h"

namespace lumbar::gateway {

class GrpcUpstream final : public Upstream {
 public:
  // By full name of the service, e.g. "lumbar.booking.v1.BookingService".
  using Channels = std::map<std::string, std::shared_ptr<grpc::Channel>, std::less<>>;

  explicit GrpcUpstream(const Channels& channels);

  // A service without a channel is answered UNAVAILABLE/UPSTREAM_UNAVAILABLE.
  GiveUp Call(UpstreamCall call, Callback done) override;
  std::shared_ptr<UpstreamStream> Open(UpstreamCall call, std::shared_ptr<StreamTaker> taker) override;
  void CancelAll() override;

 private:
  // The running calls. Shared with their callbacks, which may come after this object is gone.
  struct Running;
  class Streamed;

  std::map<std::string, std::unique_ptr<grpc::GenericStub>, std::less<>> stubs_;
  const std::shared_ptr<Running> running_;
};

}  // namespace lumbar::gateway
