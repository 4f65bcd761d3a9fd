#include "common/server/host.h"

#include <absl/cleanup/cleanup.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>
#include <grpcpp/ext/health_check_service_server_builder_option.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <nlohmann/json.hpp>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <unistd.h>

#include <fstream>

#include "common/server/signals.h"
#include "common/server/stop_deadline.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/telemetry/log.h"
#include "common/time/zone.h"

namespace lumbar::server {
namespace {

constexpr absl::Duration kAuditHeadPeriod = absl::Minutes(1);
// What is left for the way out once running calls have had their time.
constexpr absl::Duration kStopGrace = absl::Seconds(5);

}  // namespace

struct Host::Servers {
  // Answers UNIMPLEMENTED. The ops server has the library's own health service and nothing else, and the library starts
  // no server that has no service of its user's.
  grpc::CallbackGenericService nothing_else;
  std::unique_ptr<grpc::Server> ops;
  int ops_port = 0;
};

absl::StatusOr<std::unique_ptr<Host>> Host::Create(Flags flags) {
  auto host = std::unique_ptr<Host>(new Host(std::move(flags)));
  const Flags& wanted = host->flags_;
  host->registry_ = std::make_shared<prometheus::Registry>();
  host->metrics_ = std::make_unique<RpcMetrics>(host->registry_);
  LUMBAR_ASSIGN_OR_RETURN(host->metrics_endpoint_,
                          MetricsEndpoint::Start(wanted.host, wanted.metrics_port, host->registry_));
  LUMBAR_ASSIGN_OR_RETURN(auth::FollowedKeys* const keys,
                          host->FollowKeys("tokens", {wanted.jwks_file, wanted.jwks_url, wanted.jwks_ca_file,
                                                      absl::Seconds(wanted.jwks_refresh_seconds)}));
  host->authenticator_ = std::make_unique<auth::Authenticator>(
      *keys, *host->clock_, auth::Expectations{wanted.token_issuer, wanted.token_audience, "JWT"});
  if (!wanted.service_key_file.empty()) {
    LUMBAR_ASSIGN_OR_RETURN(auto signer, auth::Signer::Open(wanted.service_key_file, wanted.service_key_id));
    host->identity_ =
        std::make_unique<auth::ServiceIdentity>(std::move(signer), absl::StrCat("services/", wanted.service),
                                                wanted.token_issuer, wanted.token_audience, *host->clock_);
  }
  LUMBAR_ASSIGN_OR_RETURN(host->audit_, FileAuditLog::Open(wanted.audit_file));
  host->audit_sequence_ = &prometheus::BuildGauge()
                               .Name("lumbar_audit_sequence")
                               .Help("Number of the audit log's last line, as of the last minute")
                               .Register(*host->registry_)
                               .Add({});
  host->audit_sequence_->Set(static_cast<double>(host->audit_->Head().sequence));
  LUMBAR_RETURN_IF_ERROR(host->OpenCertificates());
  host->executor_ = std::make_unique<Executor>(wanted.threads, wanted.queue);
  return host;
}

Host::~Host() = default;

absl::StatusOr<auth::FollowedKeys*> Host::FollowKeys(const std::string& set, const KeyLocation& location) {
  LUMBAR_ASSIGN_OR_RETURN(auto follower, KeyFollower::Start(set, location, *registry_));
  followers_.push_back(std::move(follower));
  auth::FollowedKeys* const keys = &followers_.back()->keys();
  key_checks_.emplace_back(absl::StrCat("keys of ", set), [keys] { return keys->Ready(); });
  return keys;
}

absl::Status Host::OpenCertificates() {
  transport::CertificatePaths paths = {
      flags_.internal_tls_certificate, flags_.internal_tls_key, flags_.internal_tls_ca,
      absl::StrSplit(flags_.internal_tls_callers, absl::ByAnyChar(", "), absl::SkipEmpty())};
  const bool is_whole = !paths.certificate.empty() && !paths.key.empty() && !paths.authorities.empty();
  const bool is_none =
      paths.certificate.empty() && paths.key.empty() && paths.authorities.empty() && paths.callers.empty();
  if (is_none) return absl::OkStatus();
  if (!is_whole) {
    return WithReason(absl::FailedPreconditionError("TLS between the processes needs --internal-tls-certificate, "
                                                    "--internal-tls-key and --internal-tls-ca: give all or none"),
                      "TLS_INCOMPLETE");
  }
  LUMBAR_ASSIGN_OR_RETURN(certificates_, transport::CertificateFiles::Open(std::move(paths), *registry_, *clock_));
  renewal_ = std::make_unique<PeriodicTask>("internal tls", absl::Seconds(2), [this] { certificates_->Refresh(); });
  return absl::OkStatus();
}

absl::StatusOr<auth::ServiceIdentity*> Host::Identity() {
  if (identity_ != nullptr) return identity_.get();
  return WithReason(absl::FailedPreconditionError("this service calls others: give it --service-key-file"),
                    "SERVICE_KEY_MISSING");
}

absl::Status Host::NeedTimeZones() const {
  if (!ZoneNames().empty()) return absl::OkStatus();
  return WithReason(absl::FailedPreconditionError("this machine has no list of time zones (tzdata.zi): install tzdata"),
                    "NO_TIME_ZONES");
}

absl::StatusOr<std::unique_ptr<rpc::Pipeline>> Host::MakePipeline(
    const std::vector<const google::protobuf::ServiceDescriptor*>& services, rpc::Handlers handlers) {
  LUMBAR_ASSIGN_OR_RETURN(
      auto pipeline,
      rpc::Pipeline::Create({*authenticator_, *audit_, *metrics_, *executor_, *clock_}, services, handlers));
  AddReadiness("audit", [watched = pipeline.get()] { return watched->Ready(); });
  return pipeline;
}

void Host::AddReadiness(std::string name, std::function<absl::Status()> check) {
  checks_.emplace_back(std::move(name), std::move(check));
}

void Host::AddPort(std::string name, int port) { ports_.emplace_back(std::move(name), port); }

void Host::OnStart(std::function<absl::Status(const std::string&)> start) { starts_.push_back(std::move(start)); }

void Host::OnDrain(std::function<void(absl::Duration)> drain) { drains_.push_back(std::move(drain)); }

absl::Status Host::StartOps(Servers& servers) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder ops;
  ops.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  ops.AddListeningPort(absl::StrCat(flags_.host, ":", flags_.ops_port), grpc::InsecureServerCredentials(),
                       &servers.ops_port);
  ops.RegisterCallbackGenericService(&servers.nothing_else);
  servers.ops = ops.BuildAndStart();
  if (servers.ops == nullptr || servers.ops_port == 0) return PortTaken(flags_.host, flags_.ops_port, "ops-port");
  servers.ops->GetHealthCheckService()->SetServingStatus(false);
  return absl::OkStatus();
}

absl::Status Host::CheckReadiness() const {
  for (const auto& [name, check] : checks_) {
    if (absl::Status status = check(); !status.ok()) {
      Log(LogLevel::kWarning, "not_ready", {{"check", name}, {"reason", ReasonOf(status)}});
      return status;
    }
  }
  return absl::OkStatus();
}

void Host::PublishReadiness(Servers& servers) {
  const bool now = !draining_.load() && CheckReadiness().ok();
  if (ready_.exchange(now) != now) Log(LogLevel::kInfo, now ? "ready" : "unready");
  servers.ops->GetHealthCheckService()->SetServingStatus(now);
}

absl::Status Host::WritePorts(const Servers& servers) const {
  if (flags_.ports_file.empty()) return absl::OkStatus();
  nlohmann::json ports = {
      {"grpc", rpc_port_->port()}, {"ops", servers.ops_port}, {"metrics", metrics_endpoint_->port()}};
  for (const auto& [name, port] : ports_) ports[name] = port;
  const std::string unfinished = flags_.ports_file + ".new";
  std::ofstream(unfinished) << ports.dump() << "\n";
  if (rename(unfinished.c_str(), flags_.ports_file.c_str()) == 0) return absl::OkStatus();
  return WithReason(absl::UnavailableError(absl::StrCat("can't write ", flags_.ports_file)), "PORTS_NOT_WRITTEN");
}

void Host::Drain(Servers& servers) {
  draining_.store(true);
  PublishReadiness(servers);
  Log(LogLevel::kInfo, "draining");
  // A second signal ends the wait early.
  AwaitStopSignal(absl::Seconds(flags_.drain_wait_seconds));
  const absl::Duration timeout = absl::Seconds(flags_.drain_timeout_seconds);
  for (const auto& drain : drains_) drain(timeout);
  rpc_port_->Drain(timeout);
  executor_->Drain(timeout);
  servers.ops->Shutdown(absl::ToChronoTime(clock_->Now() + absl::Seconds(1)));
}

// However Serve ends: what calls are served with dies with its caller. After a drain there is nothing left to do.
void Host::ClosePort() {
  if (rpc_port_ == nullptr) return;
  rpc_port_->Drain(absl::ZeroDuration());
  executor_->Drain(absl::Seconds(flags_.drain_timeout_seconds));
  rpc_port_.reset();
}

void Host::PublishAuditHead() {
  const AuditHead head = audit_->Head();
  audit_sequence_->Set(static_cast<double>(head.sequence));
  if (head == std::exchange(published_, head)) return;
  Log(LogLevel::kInfo, "audit_head", {{"sequence", head.sequence}, {"hash", head.hash}});
}

absl::Status Host::Serve(rpc::Pipeline& pipeline, const std::vector<rpc::MethodTable>& services) {
  const absl::Cleanup close = [this] { ClosePort(); };
  LUMBAR_ASSIGN_OR_RETURN(auto service, rpc::Http2Service::Create(pipeline, *clock_, services));
  LUMBAR_ASSIGN_OR_RETURN(
      rpc_port_, RpcPort::Open(flags_.host, flags_.port, flags_.loops, std::move(service), certificates_.get()));
  for (const auto& start : starts_) LUMBAR_RETURN_IF_ERROR(start(rpc_port_->LocalAddress()));
  Servers servers;
  LUMBAR_RETURN_IF_ERROR(StartOps(servers));
  LUMBAR_RETURN_IF_ERROR(CheckReadiness());
  // Only now: without keys it starts, and is ready once it has them.
  checks_.insert(checks_.end(), key_checks_.begin(), key_checks_.end());
  PublishReadiness(servers);
  LUMBAR_RETURN_IF_ERROR(WritePorts(servers));
  Log(LogLevel::kInfo, "serving", {{"port", rpc_port_->port()}, {"ops_port", servers.ops_port}});
  {
    PeriodicTask watch("readiness", absl::Seconds(1), [&] { PublishReadiness(servers); });
    PeriodicTask heads("audit_head", kAuditHeadPeriod, [this] { PublishAuditHead(); });
    heads.Wake();
    AwaitStopSignal(absl::InfiniteDuration());
    ForceStopAfter(absl::Seconds(flags_.drain_wait_seconds + flags_.drain_timeout_seconds) + kStopGrace);
  }
  Drain(servers);
  PublishAuditHead();
  Log(LogLevel::kInfo, "stopped");
  return absl::OkStatus();
}

}  // namespace lumbar::server
