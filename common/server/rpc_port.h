// The port on which a service is called, whichever transport serves it.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <memory>
#include <string>
#include <vector>

#include "common/http2/server.h"
#include "common/rpc/http2_service.h"
#include "common/time/clock.h"

namespace grpc {
class Server;
class Service;
}  // namespace grpc

namespace lumbar::server {

// Largest request or answer between services.
inline constexpr int kMaxMessageBytes = 256 * 1024;

class RpcPort {
 public:
  virtual ~RpcPort() = default;
  virtual int port() const = 0;
  // Accepts no more, lets running calls end for at most `timeout`, and ends the rest.
  virtual void Drain(absl::Duration timeout) = 0;
};

// Of the library: for services that haven't moved to the other, and for the streams that it doesn't have yet.
class GrpcppPort final : public RpcPort {
 public:
  // UNAVAILABLE/PORT_TAKEN.
  static absl::StatusOr<std::unique_ptr<GrpcppPort>> Open(const std::string& name, const std::string& host, int port,
                                                          const std::vector<grpc::Service*>& services);
  ~GrpcppPort() override;

  int port() const override { return port_; }
  void Drain(absl::Duration timeout) override;
  grpc::Server& server() { return *server_; }

 private:
  GrpcppPort();

  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

// Of common/http2, with its bounds.
class Http2Port final : public RpcPort {
 public:
  // `loops` 0: one a core, two at most.
  // INVALID_ARGUMENT/INVALID_FIELD: `host` isn't numeric. UNAVAILABLE/PORT_TAKEN.
  static absl::StatusOr<std::unique_ptr<Http2Port>> Open(const std::string& host, int port, int loops,
                                                         std::unique_ptr<rpc::Http2Service> service);

  int port() const override { return server_->port(); }
  void Drain(absl::Duration timeout) override { server_->Drain(timeout); }

 private:
  explicit Http2Port(std::unique_ptr<rpc::Http2Service> service) : service_(std::move(service)) {}

  // Connections end by it, and so by no step of the system's time.
  const SteadyClock clock_;
  const std::unique_ptr<rpc::Http2Service> service_;
  std::unique_ptr<http2::Server> server_;
};

// For --host and --port.
absl::Status PortTaken(const std::string& host, int port, const char* flag);

}  // namespace lumbar::server
