// lumbar-gateway: the public port, and the consult service behind it.
#include <absl/strings/str_split.h>

#include <memory>

#include "common/concurrency/periodic.h"
#include "common/rpc/client.h"
#include "common/server/command_line.h"
#include "common/server/host.h"
#include "common/status/macros.h"
#include "common/store/idempotency.h"
#include "lumbar/booking/v1/calendar_service.pb.h"
#include "lumbar/booking/v1/clinician_service.pb.h"
#include "lumbar/booking/v1/routing_service.pb.h"
#include "lumbar/content/v1/editorial_service.pb.h"
#include "lumbar/notification/v1/alert_service.pb.h"
#include "lumbar/notification/v1/notification_service.pb.h"
#include "services/gateway/consult/adapters/upstream_clients.h"
#include "services/gateway/consult/consult_service.h"
#include "services/gateway/consult/store/sql_consult_store.h"
#include "services/gateway/edge/edge.h"
#include "services/gateway/edge/grpc_upstream.h"

namespace lumbar::gateway {
namespace {

struct Options {
  std::string database = "sqlite://gateway.db";
  // The public address, apart from --host, where the internal ports listen.
  std::string http_host = "127.0.0.1";
  int http_port = 8080;
  std::string cors_origins;
  std::string triage = "127.0.0.1:9091";
  std::string content = "127.0.0.1:9092";
  std::string booking = "127.0.0.1:9093";
  std::string notification = "127.0.0.1:9094";
};

void AddOptions(server::CommandLine& line, Options& options) {
  line.Text("database", options.database,
            "where consults live: sqlite:///data/gateway.db or postgresql://user@host/gateway");
  line.Text("http-host", options.http_host, "numeric address of the public port");
  line.Number("http-port", options.http_port, 0, 65535, "the public port; 0: any");
  line.Text("cors-origins", options.cors_origins,
            "web pages whose scripts may call, like https://clinic.example,https://desk.example; *: all; empty: none");
  line.Text("triage", options.triage, "host:port of the triage service");
  line.Text("content", options.content, "host:port of the content service");
  line.Text("booking", options.booking, "host:port of the booking service");
  line.Text("notification", options.notification, "host:port of the notification service");
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

GrpcUpstream::Channels ChannelsTo(const Options& options) {
  const auto booking = rpc::MakeChannel(options.booking);
  const auto content = rpc::MakeChannel(options.content);
  const auto notification = rpc::MakeChannel(options.notification);
  return {{TriageName(), rpc::MakeChannel(options.triage)},
          {ContentName(), content},
          {EditorialName(), content},
          {BookingName(), booking},
          {CalendarName(), booking},
          {ClinicianName(), booking},
          {RoutingName(), booking},
          {NotificationName(), notification},
          {AlertName(), notification}};
}

absl::Status Serve(server::Host& host, const Options& options) {
  LUMBAR_ASSIGN_OR_RETURN(auto* identity, host.Identity());
  LUMBAR_ASSIGN_OR_RETURN(auto database, store::Database::Open({.url = options.database}));
  LUMBAR_RETURN_IF_ERROR(database->Migrate({store::IdempotencyMigrations(), ConsultMigrations()}, host.clock()));
  host.AddReadiness("database", [&] { return database->Ping(); });
  LUMBAR_ASSIGN_OR_RETURN(auto pipeline, host.MakePipeline({&ConsultContract()}));

  auto channels = ChannelsTo(options);
  TriageClient triage(channels.at(TriageName()), *identity);
  BookingClient booking(channels.at(BookingName()), *identity);
  ReadingClient reading(channels.at(ContentName()), *identity);
  AlertClient alerts(channels.at(NotificationName()), *identity);
  SqlConsultStore cases(*database, host.clock());
  Saga saga(cases, triage, booking, reading, alerts, host.clock());
  ConsultDesk desk(cases, saga, booking, host.clock());

  std::unique_ptr<GrpcUpstream> upstream;
  std::unique_ptr<Edge> edge;
  host.OnStart([&](const std::string& address) -> absl::Status {
    channels[ConsultName()] = rpc::MakeChannel(address);
    upstream = std::make_unique<GrpcUpstream>(channels);
    EdgeOptions wanted;
    wanted.address = options.http_host;
    wanted.port = static_cast<uint16_t>(options.http_port);
    for (const auto& [name, channel] : channels) wanted.services.push_back(name);
    wanted.cors_origins = absl::StrSplit(options.cors_origins, ',', absl::SkipEmpty());
    wanted.is_ready = [&] { return host.ready(); };
    LUMBAR_ASSIGN_OR_RETURN(edge, Edge::Start(std::move(wanted), *upstream, host.registry(), host.clock()));
    host.AddPort("http", edge->port());
    return absl::OkStatus();
  });
  host.OnDrain([&](absl::Duration timeout) {
    saga.Stop();
    edge->Stop(timeout);
  });
  PeriodicTask sweep("sweep", store::kSweepPeriod, [&] { store::SweepResponses(*database, host.clock()); });
  PeriodicTask resume("resume", absl::Seconds(2), [&] { (void)saga.ResumeUnfinished(16); });
  return host.Serve(*pipeline, {ConsultMethods(desk)});
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
