#include "common/server/rpc_port.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/strip.h>
#include <absl/time/clock.h>
#include <grpcpp/ext/health_check_service_server_builder_option.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server_builder.h>

#include <utility>

#include "common/rpc/grpc_wire.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace lumbar::server {
namespace {

// What a server of grpc++ may use for its buffers before it pushes back.
constexpr size_t kMaxBufferBytes = 256 * 1024 * 1024;

// The brackets that an IPv6 address has before a port.
std::string WithoutBrackets(absl::string_view host) {
  if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
  return std::string(host);
}

}  // namespace

absl::Status PortTaken(const std::string& host, int port, const char* flag) {
  return WithReason(absl::UnavailableError(absl::StrCat("can't listen on ", host, ":", port,
                                                        "; stop what uses it or choose another with --", flag)),
                    "PORT_TAKEN");
}

GrpcppPort::GrpcppPort() = default;
GrpcppPort::~GrpcppPort() = default;

absl::StatusOr<std::unique_ptr<GrpcppPort>> GrpcppPort::Open(const std::string& name, const std::string& host, int port,
                                                             const std::vector<grpc::Service*>& services) {
  std::unique_ptr<GrpcppPort> opened(new GrpcppPort);
  grpc::ServerBuilder builder;
  builder.SetOption(std::make_unique<grpc::HealthCheckServiceServerBuilderOption>(nullptr));
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder.SetResourceQuota(grpc::ResourceQuota(name).Resize(kMaxBufferBytes));
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, 300'000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 1000);
  builder.AddListeningPort(absl::StrCat(host, ":", port), grpc::InsecureServerCredentials(), &opened->port_);
  for (auto* service : services) builder.RegisterService(service);
  opened->server_ = builder.BuildAndStart();
  if (opened->server_ == nullptr || opened->port_ == 0) return PortTaken(host, port, "port");
  return opened;
}

void GrpcppPort::Drain(absl::Duration timeout) { server_->Shutdown(absl::ToChronoTime(absl::Now() + timeout)); }

absl::StatusOr<std::unique_ptr<Http2Port>> Http2Port::Open(const std::string& host, int port, int loops,
                                                           std::unique_ptr<rpc::Http2Service> service) {
  http2::ServerOptions options;
  options.address = WithoutBrackets(host);
  options.port = static_cast<uint16_t>(port);
  options.loops = loops;
  options.limits.body_bytes = kMaxMessageBytes + rpc::kFramePrefixBytes;
  std::unique_ptr<Http2Port> opened(new Http2Port(std::move(service)));
  LUMBAR_ASSIGN_OR_RETURN(opened->server_, http2::Server::Start(options, *opened->service_, opened->clock_));
  return opened;
}

}  // namespace lumbar::server
