// The life of a process: what every service stands on, and its way from start to a clean stop.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/auth/authenticator.h"
#include "common/auth/service_identity.h"
#include "common/concurrency/executor.h"
#include "common/concurrency/periodic.h"
#include "common/rpc/method_table.h"
#include "common/rpc/pipeline.h"
#include "common/server/clock.h"
#include "common/server/command_line.h"
#include "common/server/flags.h"
#include "common/server/key_follower.h"
#include "common/server/rpc_port.h"
#include "common/telemetry/audit.h"
#include "common/telemetry/metrics.h"
#include "common/time/clock.h"
#include "common/transport/certificate_files.h"

namespace prometheus {
class Gauge;
class Registry;
}  // namespace prometheus

namespace lumbar::server {

class Host {
 public:
  // Starts the metrics port, reads keys and certificates, opens the audit log.
  // FAILED_PRECONDITION/TLS_INCOMPLETE: some of the flags of TLS between the processes, but not all that belong to it.
  static absl::StatusOr<std::unique_ptr<Host>> Create(Flags flags);
  ~Host();

  const Flags& flags() const { return flags_; }
  const Clock& clock() const { return *clock_; }
  Executor& executor() { return *executor_; }
  std::shared_ptr<prometheus::Registry> registry() { return registry_; }
  // Keys besides those of callers' tokens, followed while this lives; `set` names them in metrics and readiness. See
  // KeyFollower::Start.
  absl::StatusOr<auth::FollowedKeys*> FollowKeys(const std::string& set, const KeyLocation& location);
  // What TLS with the other processes is spoken with; null: it isn't.
  const transport::CertificateFiles* certificates() const { return certificates_.get(); }
  // Of whoever calls this process.
  auth::Authenticator& authenticator() { return *authenticator_; }
  // FAILED_PRECONDITION/SERVICE_KEY_MISSING: this service was started without --service-key-file.
  absl::StatusOr<auth::ServiceIdentity*> Identity();
  // FAILED_PRECONDITION/NO_TIME_ZONES: this machine has no tz database, so that every zone would be refused.
  absl::Status NeedTimeZones() const;

  absl::StatusOr<std::unique_ptr<rpc::Pipeline>> MakePipeline(
      const std::vector<const google::protobuf::ServiceDescriptor*>& services,
      rpc::Handlers handlers = rpc::Handlers::kMayWait);

  // The service is ready while every one of these is OK; they are asked once a second, from a thread of their own.
  void AddReadiness(std::string name, std::function<absl::Status()> check);
  // Shown in the ports file beside grpc, ops and metrics.
  void AddPort(std::string name, int port);
  // Called by Serve once the gRPC port is served, with the address at which this process reaches it, before the service
  // is ready; a failure ends Serve.
  void OnStart(std::function<absl::Status(const std::string& address)> start);
  // Called when the stop begins, before the gRPC server is shut down: stop accepting, let running work end.
  void OnDrain(std::function<void(absl::Duration timeout)> drain);
  // Whether every check was OK when last asked.
  bool ready() const { return ready_.load(); }

  // Serves until SIGTERM or SIGINT, then drains: not ready, wait, stop accepting, let running calls finish. What is
  // still there some seconds after the time for that ends with the process, whose exit code is then 1. OK after a clean
  // stop. UNAVAILABLE/PORT_TAKEN: a port is in use. FAILED_PRECONDITION/CONTRACT_REFUSED: `services` don't offer what
  // their contracts say.
  absl::Status Serve(rpc::Pipeline& pipeline, const std::vector<rpc::MethodTable>& services);

 private:
  struct Servers;

  explicit Host(Flags flags) : flags_(std::move(flags)) {}
  absl::Status OpenCertificates();
  absl::Status StartOps(Servers& servers);
  absl::Status CheckReadiness() const;
  void PublishReadiness(Servers& servers);
  absl::Status WritePorts(const Servers& servers) const;
  void Drain(Servers& servers);
  void ClosePort();
  // Writes the audit log's head to this process's log if it has moved on.
  void PublishAuditHead();

  const Flags flags_;
  const std::unique_ptr<const Clock> clock_ = MakeClock();
  std::shared_ptr<prometheus::Registry> registry_;
  std::unique_ptr<RpcMetrics> metrics_;
  std::unique_ptr<MetricsEndpoint> metrics_endpoint_;
  std::unique_ptr<transport::CertificateFiles> certificates_;
  std::unique_ptr<PeriodicTask> renewal_;
  std::vector<std::unique_ptr<KeyFollower>> followers_;
  std::unique_ptr<auth::Authenticator> authenticator_;
  std::unique_ptr<auth::ServiceIdentity> identity_;
  std::unique_ptr<FileAuditLog> audit_;
  prometheus::Gauge* audit_sequence_ = nullptr;
  AuditHead published_;
  std::unique_ptr<RpcPort> rpc_port_;
  std::unique_ptr<Executor> executor_;
  std::vector<std::pair<std::string, std::function<absl::Status()>>> checks_;
  std::vector<std::pair<std::string, std::function<absl::Status()>>> key_checks_;
  std::vector<std::pair<std::string, int>> ports_;
  std::vector<std::function<absl::Status(const std::string&)>> starts_;
  std::vector<std::function<void(absl::Duration)>> drains_;
  std::atomic<bool> ready_ = false;
  std::atomic<bool> draining_ = false;
};

// What a service's main does: blocks the signals before any thread starts, parses the command line, sets logging up,
// makes the host and runs `serve`, which wires the service and ends with Host::Serve. Returns the exit code: 0 after a
// clean stop, 1 when it can't start, with one line on stderr that says why; 2 for a wrong command line.
int Main(int argc, char** argv, CommandLine& line, Flags& flags, const std::function<absl::Status(Host&)>& serve);

}  // namespace lumbar::server
