// The port on which a service is called.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <memory>
#include <string>

#include "common/http2/server.h"
#include "common/rpc/http2_service.h"
#include "common/time/clock.h"

namespace lumbar::server {

// Largest request or answer between services.
inline constexpr int kMaxMessageBytes = 256 * 1024;

class RpcPort {
 public:
  // `loops` 0: one a core, two at most. Without `certificates`, which outlive it, there is no TLS.
  // INVALID_ARGUMENT/INVALID_FIELD: `host` isn't numeric. UNAVAILABLE/PORT_TAKEN.
  static absl::StatusOr<std::unique_ptr<RpcPort>> Open(const std::string& host, int port, int loops,
                                                       std::unique_ptr<rpc::Http2Service> service,
                                                       const transport::CertificateFiles* certificates);

  int port() const { return server_->port(); }
  // Where this machine reaches it, e.g. "127.0.0.1:9090".
  std::string LocalAddress() const;
  // Accepts no more, lets running calls end for at most `timeout`, and ends the rest.
  void Drain(absl::Duration timeout) { server_->Drain(timeout); }

 private:
  RpcPort(std::string host, std::unique_ptr<rpc::Http2Service> service)
      : host_(std::move(host)), service_(std::move(service)) {}

  // Connections end by it, and so by no step of the system's time.
  const SteadyClock clock_;
  const std::string host_;
  const std::unique_ptr<rpc::Http2Service> service_;
  std::unique_ptr<http2::Server> server_;
};

// For --host and --port.
absl::Status PortTaken(const std::string& host, int port, const char* flag);

}  // namespace lumbar::server
