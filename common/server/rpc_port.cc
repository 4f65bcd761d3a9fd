#include "common/server/rpc_port.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/strip.h>

#include <utility>

#include "common/rpc/grpc_wire.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace lumbar::server {
namespace {

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

absl::StatusOr<std::unique_ptr<RpcPort>> RpcPort::Open(const std::string& host, int port, int loops,
                                                       std::unique_ptr<rpc::Http2Service> service,
                                                       const transport::CertificateFiles* certificates) {
  http2::ServerOptions options;
  options.address = WithoutBrackets(host);
  options.port = static_cast<uint16_t>(port);
  options.loops = loops;
  options.certificates = certificates;
  options.limits.body_bytes = kMaxMessageBytes + rpc::kFramePrefixBytes;
  // One connection carries the calls of many clients, who may all give up at once; the gateway bounds what each may
  // ask.
  options.limits.idle_frames = 20'000;
  options.limits.idle_frames_per_second = 2'000;
  std::unique_ptr<RpcPort> opened(new RpcPort(options.address, std::move(service)));
  LUMBAR_ASSIGN_OR_RETURN(opened->server_, http2::Server::Start(options, *opened->service_, opened->clock_));
  return opened;
}

std::string RpcPort::LocalAddress() const {
  if (host_ == "0.0.0.0") return absl::StrCat("127.0.0.1:", port());
  if (host_ == "::") return absl::StrCat("[::1]:", port());
  const bool v6 = host_.find(':') != std::string::npos;
  return v6 ? absl::StrCat("[", host_, "]:", port()) : absl::StrCat(host_, ":", port());
}

}  // namespace lumbar::server
