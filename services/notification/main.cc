// lumbar-notification: plans and sends messages about visits.
#include <curl/curl.h>

#include <memory>
#include <string>

#include "common/concurrency/periodic.h"
#include "common/server/command_line.h"
#include "common/server/host.h"
#include "common/status/macros.h"
#include "common/store/idempotency.h"
#include "services/notification/adapters/booking_calendar.h"
#include "services/notification/adapters/booking_versions.h"
#include "services/notification/adapters/delivery_metrics.h"
#include "services/notification/adapters/smtp_mailer.h"
#include "services/notification/domain/dispatcher.h"
#include "services/notification/domain/notifier.h"
#include "services/notification/domain/templates.h"
#include "services/notification/notification_service.h"
#include "services/notification/store/migrations.h"
#include "services/notification/store/sql_message_store.h"

namespace lumbar::notification {
namespace {

struct Options {
  std::string database = "sqlite://notification.db";
  std::string booking = "127.0.0.1:9093";
  std::string smtp = "smtp://127.0.0.1:25";
  std::string templates_dir = "services/notification/templates";
  std::string practice;
  std::string from;
};

void AddOptions(server::CommandLine& line, Options& options) {
  line.Text("database", options.database,
            "where messages are kept: sqlite:///data/notification.db or postgresql://user@host/notification");
  line.Text("booking", options.booking, "address of booking");
  line.Text("smtp", options.smtp, "mail server, smtp://host:port or smtps://host:port");
  line.Text("templates-dir", options.templates_dir, "folder of the templates");
  line.RequiredText("practice", options.practice, "the clinic's name, as patients know it");
  line.RequiredText("from", options.from, "e-mail address that messages come from");
}

void ShowBacklog(MessageStore& messages, DeliveryMetrics& metrics, const Clock& clock) {
  if (const auto backlog = messages.Measure(); backlog.ok()) metrics.Show(*backlog, clock.Now());
}

absl::Status Serve(server::Host& host, const Options& options) {
  const Clock& clock = host.clock();
  LUMBAR_ASSIGN_OR_RETURN(const auto templates, Templates::Load(options.templates_dir, options.practice));
  LUMBAR_ASSIGN_OR_RETURN(const auto mailer, SmtpMailer::Create({options.smtp, options.practice, options.from}, clock));
  LUMBAR_ASSIGN_OR_RETURN(auth::ServiceIdentity * identity, host.Identity());
  LUMBAR_ASSIGN_OR_RETURN(const auto database, store::Database::Open({options.database}));
  LUMBAR_RETURN_IF_ERROR(MigrateNotification(*database, clock));

  SqlMessageStore messages(*database, clock);
  DeliveryMetrics metrics(host.registry());
  BookingVersions versions(options.booking, *identity, clock);
  BookingCalendar calendar(options.booking, *identity, clock);
  Dispatcher dispatcher(
      {messages, versions, calendar, {{v1::CHANNEL_EMAIL, mailer.get()}}, *templates, metrics, clock});
  PeriodicTask dispatch("dispatch", absl::Seconds(1), [&] {
    while (dispatcher.RunBatch()) continue;
  });
  PeriodicTask measure("backlog", absl::Seconds(15), [&] { ShowBacklog(messages, metrics, clock); });
  PeriodicTask sweep("sweep", store::kSweepPeriod, [&] { store::SweepResponses(*database, clock); });

  Notifier notifier(messages, metrics, clock, [&] { dispatch.Wake(); });
  LUMBAR_ASSIGN_OR_RETURN(const auto pipeline, host.MakePipeline({&Contract()}));
  host.AddReadiness("database", [&] { return database->Ping(); });
  host.OnDrain([&](absl::Duration) { dispatcher.Stop(); });
  return host.Serve(*pipeline, {NotificationMethods(notifier)});
}

}  // namespace
}  // namespace lumbar::notification

int main(int argc, char** argv) {
  using namespace lumbar;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  server::CommandLine line("Plans and sends messages about visits");
  server::Flags flags;
  flags.service = "notification";
  flags.port = 9094;
  flags.ops_port = 10094;
  flags.metrics_port = 11094;
  notification::Options options;
  notification::AddOptions(line, options);
  return server::Main(argc, argv, line, flags, [&](server::Host& host) { return notification::Serve(host, options); });
}
