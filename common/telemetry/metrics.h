// Counters for Prometheus under the names that dashboards for gRPC already know.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/container/flat_hash_map.h>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <array>
#include <memory>
#include <string>

#include "common/concurrency/mutex.h"

namespace prometheus {
class Counter;
class Exposer;
class Histogram;
class Registry;
template <typename T>
class Family;
}  // namespace prometheus

namespace lumbar {

// The grpc_type label.
enum class RpcType { kUnary, kServerStream };

// The counters of one method, resolved once: a call touches them without a look-up by label. Thread safe.
class MethodMetrics {
 public:
  static constexpr size_t kCodes = 17;

  void Started();
  // Once for each Started. `duration` runs from the call's arrival to its status.
  void Handled(absl::StatusCode code, absl::Duration duration);

 private:
  friend class RpcMetrics;
  prometheus::Counter* started_ = nullptr;
  std::array<prometheus::Counter*, kCodes> handled_ = {};
  prometheus::Histogram* seconds_ = nullptr;
};

// grpc_server_started_total and grpc_server_handling_seconds by grpc_type, grpc_service and grpc_method, and
// grpc_server_handled_total by these and grpc_code. Codes are spelt as in Go ("OK", "NotFound"), which the common
// dashboards and alerts match. Every code of a method is there from the start, at zero. Thread safe.
class RpcMetrics {
 public:
  // One for each registry.
  explicit RpcMetrics(std::shared_ptr<prometheus::Registry> registry);

  // Call at start for every method, not for every call. The same arguments give the same pointer; it lives as long as
  // this object.
  MethodMetrics* ForMethod(absl::string_view service, absl::string_view method, RpcType type = RpcType::kUnary);

 private:
  const std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Family<prometheus::Counter>& started_;
  prometheus::Family<prometheus::Counter>& handled_;
  prometheus::Family<prometheus::Histogram>& seconds_;
  Mutex mutex_;
  absl::flat_hash_map<std::string, std::unique_ptr<MethodMetrics>> methods_ ABSL_GUARDED_BY(mutex_);
};

// Serves a registry at http://<address>:<port>/metrics until it is gone.
class MetricsEndpoint {
 public:
  // `address` is a numeric IPv4 or bracketed IPv6 address, e.g. "127.0.0.1"; port 0 takes any free one.
  // UNAVAILABLE/METRICS_PORT_TAKEN: it can't listen there.
  static absl::StatusOr<std::unique_ptr<MetricsEndpoint>> Start(absl::string_view address, int port,
                                                                std::shared_ptr<prometheus::Registry> registry);
  ~MetricsEndpoint();

  int port() const;

 private:
  MetricsEndpoint(std::unique_ptr<prometheus::Exposer> exposer, std::shared_ptr<prometheus::Registry> registry,
                  std::string address);

  const std::string address_;
  const std::shared_ptr<prometheus::Registry> registry_;
  std::unique_ptr<prometheus::Exposer> exposer_;
};

}  // namespace lumbar
