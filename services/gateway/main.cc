// lumbar-gateway: the public port, and the consult service behind it.
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <memory>
#include <string>

#include "common/concurrency/batch_task.h"
#include "common/concurrency/periodic.h"
#include "common/server/command_line.h"
#include "common/server/host.h"
#include "common/status/macros.h"
#include "common/store/idempotency.h"
#include "common/transport/certificate_files.h"
#include "lumbar/booking/v1/calendar_service.pb.h"
#include "lumbar/booking/v1/clinician_service.pb.h"
#include "lumbar/booking/v1/routing_service.pb.h"
#include "lumbar/content/v1/editorial_service.pb.h"
#include "lumbar/notification/v1/alert_service.pb.h"
#include "lumbar/notification/v1/notification_service.pb.h"
#include "services/gateway/consult/adapters/upstream_clients.h"
#include "services/gateway/consult/consult_service.h"
#include "services/gateway/consult/store/list_change_table.h"
#include "services/gateway/consult/store/sql_access_grants.h"
#include "services/gateway/consult/store/sql_consult_store.h"
#include "services/gateway/consult/store/upkeep.h"
#include "services/gateway/docs/documentation.h"
#include "services/gateway/edge/bounded_upstream.h"
#include "services/gateway/edge/counting.h"
#include "services/gateway/edge/edge.h"
#include "services/gateway/edge/http2_upstream.h"
#include "services/gateway/fhir/fhir_facade.h"

namespace lumbar::gateway {
namespace {

struct Options {
  std::string database = "sqlite://gateway.db";
  // The public address, apart from --host, where the internal ports listen.
  std::string http_host = "127.0.0.1";
  int http_port = 8080;
  std::string tls_certificate;
  std::string tls_key;
  std::string cors_origins;
  std::string fhir_url;
  std::string triage = "127.0.0.1:9091";
  std::string content = "127.0.0.1:9092";
  std::string booking = "127.0.0.1:9093";
  std::string notification = "127.0.0.1:9094";
  CountingOptions counting;
  int calls_per_service = 256;
  int streams_per_service = 2048;
};

void AddOptions(server::CommandLine& line, Options& options) {
  line.Text("database", options.database,
            "where consults live: sqlite:///data/gateway.db or postgresql://user@host/gateway");
  line.Text("http-host", options.http_host, "numeric address of the public port");
  line.Number("http-port", options.http_port, 0, 65535, "the public port; 0: any");
  line.Text("tls-certificate", options.tls_certificate,
            "certificate of the public port, with those that signed it (PEM), followed when it changes; empty: no TLS");
  line.Text("tls-key", options.tls_key, "its private key (PEM, without a password)");
  line.Needs("tls-certificate", {"tls-key"});
  line.Needs("tls-key", {"tls-certificate"});
  line.Text("cors-origins", options.cors_origins,
            "web pages whose scripts may call, like https://clinic.example,https://desk.example; *: all; empty: none");
  line.Text("fhir-url", options.fhir_url,
            "where clients find FHIR, like https://care.example/fhir/R4, for the links of its answers; empty: as each "
            "request's Host says");
  line.Text("triage", options.triage, "host:port of the triage service");
  line.Text("content", options.content, "host:port of the content service");
  line.Text("booking", options.booking, "host:port of the booking service");
  line.Text("notification", options.notification, "host:port of the notification service");
  line.Text("rate-per-address", options.counting.rate_per_address,
            "requests from one address, for IPv6 from one /64: so many a second, so many at once; or off");
  line.Text("rate-per-identity", options.counting.rate_per_identity,
            "requests with tokens of one subject: so many a second, so many at once; or off");
  line.Text(
      "trusted-proxies", options.counting.trusted_proxies,
      "networks of the proxies in front, whose X-Forwarded-For is believed, like 10.0.0.0/8,2001:db8::/32; empty: "
      "none");
  line.Text("redis", options.counting.redis,
            "where gateways keep count together: redis://user:password@host:port/database, rediss:// for TLS, "
            "redis+sentinel://host:port,host:port/master/database; empty: each for itself");
  line.Text("redis-ca-file", options.counting.redis_ca_file, "authorities for rediss://, in PEM; empty: the system's");
  line.Number("redis-timeout-ms", options.counting.redis_timeout_ms, 1, 10'000,
              "how long a request waits for Redis before this process counts it alone");
  line.Number("calls-per-service", options.calls_per_service, 1, 100'000,
              "calls to one service at a time; more are refused at once");
  line.Number("streams-per-service", options.streams_per_service, 1, 100'000, "the same of streams");
}

// The service whose file declares `Request`. Naming a message links its contract into this program, which a name in a
// string wouldn't.
template <typename Request>
const google::protobuf::ServiceDescriptor* Contract() {
  return Request::descriptor()->file()->service(0);
}

// Functions, because a contract's descriptor isn't there before main.
std::string TriageName() { return Contract<triage::v1::AssessRequest>()->full_name(); }
std::string ContentName() { return Contract<content::v1::GetArticleRequest>()->full_name(); }
std::string EditorialName() { return Contract<content::v1::CreateArticleRequest>()->full_name(); }
std::string BookingName() { return Contract<booking::v1::CreateHoldRequest>()->full_name(); }
std::string CalendarName() { return Contract<booking::v1::GetCalendarFileRequest>()->full_name(); }
std::string ClinicianName() { return Contract<booking::v1::CreateClinicianRequest>()->full_name(); }
std::string RoutingName() { return Contract<booking::v1::FindCandidatesRequest>()->full_name(); }
std::string NotificationName() { return Contract<notification::v1::ListMessagesRequest>()->full_name(); }
std::string AlertName() { return Contract<notification::v1::RaiseAlertRequest>()->full_name(); }
std::string ConsultName() { return ConsultContract().full_name(); }
std::string AccessName() { return AccessContract().full_name(); }

Http2Upstream::Targets TargetsOf(const Options& options) {
  return {{TriageName(), options.triage},     {ContentName(), options.content},
          {EditorialName(), options.content}, {BookingName(), options.booking},
          {CalendarName(), options.booking},  {ClinicianName(), options.booking},
          {RoutingName(), options.booking},   {NotificationName(), options.notification},
          {AlertName(), options.notification}};
}

absl::Status Serve(server::Host& host, const Options& options) {
  LUMBAR_RETURN_IF_ERROR(host.NeedTimeZones());
  LUMBAR_ASSIGN_OR_RETURN(auto* identity, host.Identity());
  LUMBAR_ASSIGN_OR_RETURN(auto database, store::Database::Open({.url = options.database}));
  LUMBAR_RETURN_IF_ERROR(database->Migrate({store::IdempotencyMigrations(), ConsultMigrations()}, host.clock()));
  host.AddReadiness("database", [&] { return database->Ping(); });
  LUMBAR_ASSIGN_OR_RETURN(auto pipeline, host.MakePipeline({&ConsultContract(), &AccessContract()}));

  LUMBAR_ASSIGN_OR_RETURN(const auto counting, Counting::Open(options.counting, *host.registry()));
  const auto* const internal = host.certificates();
  TriageClient triage(options.triage, internal, *identity);
  BookingClient booking(options.booking, internal, *identity);
  ReadingClient reading(options.content, internal, *identity);
  AlertClient alerts(options.notification, internal, *identity);
  SqlConsultStore cases(*database, host.clock());
  SqlAccessGrants grants(*database, host.clock());
  AccessDesk access(grants, cases, host.clock());
  Saga saga(cases, triage, booking, reading, alerts, host.clock());
  ConsultDesk desk(cases, grants, saga, booking, host.clock());
  ConsultWatch watch(cases, grants, desk, host.clock());
  SqlListChangeLog changes(*database);
  ListFeed feed(changes, host.clock());
  ListWatch lists(feed, host.clock());

  std::unique_ptr<transport::CertificateFiles> certificates;
  if (!options.tls_certificate.empty()) {
    LUMBAR_ASSIGN_OR_RETURN(certificates, transport::CertificateFiles::Open({options.tls_certificate, options.tls_key},
                                                                            *host.registry(), host.clock()));
  }
  // Calls end by it, and so by no step of the system's time.
  const SteadyClock clock = {};
  std::unique_ptr<Http2Upstream> upstream;
  std::unique_ptr<BoundedUpstream> bounded;
  const bool is_tls = certificates != nullptr;
  LUMBAR_ASSIGN_OR_RETURN(const auto fhir,
                          FhirFacade::Create({options.fhir_url, is_tls}, Limits(), clock, host.clock()));
  std::unique_ptr<Edge> edge;
  host.OnStart([&](const std::string& address) -> absl::Status {
    auto targets = TargetsOf(options);
    // By our own name: the address is only this machine's.
    targets[ConsultName()] = targets[AccessName()] = absl::StrCat("@", address);
    EdgeOptions wanted;
    wanted.address = options.http_host;
    wanted.port = static_cast<uint16_t>(options.http_port);
    for (const auto& [name, target] : targets) wanted.services.push_back(name);
    LUMBAR_ASSIGN_OR_RETURN(upstream, Http2Upstream::Create(targets, clock,
                                                            {.certificates = internal,
                                                             .repeatable = RepeatableMethods(wanted.services),
                                                             .registry = host.registry()}));
    const UpstreamBounds bounds = {static_cast<size_t>(options.calls_per_service),
                                   static_cast<size_t>(options.streams_per_service)};
    bounded = std::make_unique<BoundedUpstream>(*upstream, wanted.services, bounds, host.registry());
    wanted.cors_origins = absl::StrSplit(options.cors_origins, ',', absl::SkipEmpty());
    wanted.pages = DocumentationPages;
    wanted.facade = fhir.get();
    wanted.admission = counting->Admit(host.authenticator(), *host.registry());
    wanted.certificates = certificates.get();
    wanted.is_ready = [&] { return host.ready(); };
    LUMBAR_ASSIGN_OR_RETURN(edge, Edge::Start(std::move(wanted), *bounded, host.registry(), clock, host.clock()));
    host.AddPort("http", edge->port());
    return absl::OkStatus();
  });
  host.OnDrain([&](absl::Duration timeout) {
    saga.Stop();
    // Those of this process's consults, before the edge waits for whoever reads them through it.
    pipeline->streams().EndAll();
    edge->Stop(timeout);
  });
  BatchTask sweep("sweep", store::kSweepPeriod, [&] { return SweepConsults(*database, host.clock()); });
  sweep.Wake();
  PeriodicTask renew("certificates", absl::Seconds(2), [&] {
    if (certificates != nullptr) certificates->Refresh();
  });
  PeriodicTask listing("lists", absl::Seconds(1), [&] { lists.Refresh(); });
  PeriodicTask watching("watch", absl::Seconds(1), [&] { pipeline->streams().WakeAll(); });
  BatchTask older("older", absl::Seconds(2), [&] { return FillInOlderConsults(cases); });
  PeriodicTask resume("resume", absl::Seconds(2), [&] { (void)saga.ResumeUnfinished(16); });
  host.OnDrain([&](absl::Duration) {
    sweep.Stop();
    older.Stop();
  });
  return host.Serve(*pipeline, {ConsultMethods(desk, watch, lists), AccessMethods(access)});
}

}  // namespace
}  // namespace lumbar::gateway

int main(int argc, char** argv) {
  lumbar::server::CommandLine line("lumbar-gateway: the public port of the suite, and its consults");
  lumbar::server::Flags flags;
  flags.service = "gateway";
  flags.port = 9090;
  flags.ops_port = 10090;
  flags.metrics_port = 11090;
  lumbar::gateway::Options options;
  lumbar::gateway::AddOptions(line, options);
  return lumbar::server::Main(argc, argv, line, flags,
                              [&](lumbar::server::Host& host) { return lumbar::gateway::Serve(host, options); });
}
