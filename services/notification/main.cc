// lumbar-notification: plans and sends messages about visits.
#include <curl/curl.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/concurrency/batch_task.h"
#include "common/concurrency/periodic.h"
#include "common/server/command_line.h"
#include "common/server/host.h"
#include "common/status/macros.h"
#include "common/store/idempotency.h"
#include "common/telemetry/log.h"
#include "services/notification/adapters/booking_calendar.h"
#include "services/notification/adapters/booking_versions.h"
#include "services/notification/adapters/carrier_flags.h"
#include "services/notification/adapters/clinic_flags.h"
#include "services/notification/adapters/conversation_metrics.h"
#include "services/notification/adapters/delivery_metrics.h"
#include "services/notification/adapters/triage_scanner.h"
#include "services/notification/domain/dispatcher.h"
#include "services/notification/domain/escalation.h"
#include "services/notification/domain/notifier.h"
#include "services/notification/domain/templates.h"
#include "services/notification/domain/text_desk.h"
#include "services/notification/notification_service.h"
#include "services/notification/store/migrations.h"
#include "services/notification/store/sql_conversation_store.h"
#include "services/notification/store/sql_message_store.h"
#include "services/notification/store/sql_preference_store.h"
#include "services/notification/store/sweep.h"

namespace lumbar::notification {
namespace {

struct Options {
  std::string database = "sqlite://notification.db";
  std::string booking = "127.0.0.1:9093";
  std::string triage = "127.0.0.1:9091";
  std::string templates_dir = "services/notification/templates";
  std::string practice;
  std::string from;
  int answer_minutes = 30;
  // Threads that send.
  int senders = 4;
  // What one address may get in an hour.
  int recipient_rate = 12;
  ClinicFlags clinic;
  CarrierFlags carriers;
};

void AddOptions(server::CommandLine& line, Options& options) {
  line.Text("database", options.database,
            "where messages are kept: sqlite:///data/notification.db or postgresql://user@host/notification");
  line.Text("booking", options.booking, "address of booking");
  line.Text("triage", options.triage, "address of triage, which looks for emergencies in texts");
  line.Text("templates-dir", options.templates_dir, "folder of the templates");
  line.RequiredText("practice", options.practice, "the clinic's name, as patients know it");
  line.RequiredText("from", options.from, "e-mail address that messages come from");
  line.Text("staff-email", options.clinic.staff_email,
            "who is told of emergencies in texts, of texts and of consults that wait; empty: nobody");
  line.Number("answer-minutes", options.answer_minutes, 1, 10'080, "how long a patient's text may wait for a person");
  line.Text("time-zone", options.clinic.time_zone, "IANA zone of whose zone isn't known");
  line.Number("senders", options.senders, 1, 64, "threads that send; each has a batch of its own");
  line.Number("recipient-rate", options.recipient_rate, 0, 1000,
              "messages that one telephone or mailbox gets in an hour at most; 0: no limit");
  CarrierFlags& carriers = options.carriers;
  line.Text("smtp", carriers.smtp,
            "mail servers, the preferred first, with commas: smtp://host:port or smtps://host:port");
  line.Text("smtp-user", carriers.smtp_user, "who logs in to the mail servers; empty: nobody");
  line.Text("smtp-password-file", carriers.smtp_password_file, "file with that user's password");
  line.Text("smtp-tls", carriers.smtp_tls, "offered: encrypt if the mail server does; required: else hand it nothing");
  line.Text("smtp-ca-file", carriers.smtp_ca_file,
            "certificates that the mail servers' are checked by; empty: the system's");
  line.Number("smtp-rate", carriers.smtp_rate, 0, 100'000,
              "letters a second from this process to each mail server; 0: no limit");
  line.Text(
      "sms-providers", carriers.sms_providers,
      "text providers that speak Twilio's API, the preferred first, with semicolons, each with a name of its own: "
      "name=twilio,account=AC...,token-file=path,from=+15005550006[,url=https://...][,rate=10]");
  line.Text("public-url", carriers.public_url, "https://host as text providers reach the gateway; empty: they don't");
  line.Text("webhook-url", carriers.webhook_url,
            "where the clinic's own system takes what becomes of appointments; empty: nowhere");
  line.Text("webhook-secret-file", carriers.webhook_secret_file, "its secrets, whsec_..., a line each, newest first");
  line.Text("webhook-network", carriers.webhook_network,
            "public: only https, and no private address; private: it may be in a private network, and http");
}

void ShowBacklog(MessageStore& messages, DeliveryMetrics& metrics, const Clock& clock) {
  if (const auto backlog = messages.Measure(); backlog.ok()) metrics.Show(*backlog, clock.Now());
}

// An operator may shorten the practice's name, or the template; a long text costs as many as it has segments.
void WarnOfLongTexts(const Templates& templates) {
  for (const LongestText& text : templates.long_texts()) {
    Log(LogLevel::kWarning, "text_longer_than_a_segment",
        {{"template", text.file}, {"units", text.size.units}, {"segments", text.size.segments}});
  }
}

// What is told to nobody, or by nobody, is seen only by who looks.
void WarnOfNobody(const Options& options) {
  if (options.clinic.staff_email.empty()) {
    Log(LogLevel::kWarning, "no_staff_email",
        {{"flag", "--staff-email"}, {"effect", "emergency texts and consults without a visit alert nobody"}});
  }
  if (!options.carriers.sms_providers.empty() && options.carriers.public_url.empty()) {
    Log(LogLevel::kWarning, "no_public_url",
        {{"flag", "--public-url"}, {"effect", "no callback is believed: what patients text, STOP too, is lost"}});
  }
}

void TendConversations(ConversationStore& conversations, ConversationMetrics& metrics, const Clock& clock, bool alert,
                       const std::function<void()>& wake) {
  if (EscalateOverdue(conversations, metrics, alert) > 0 && alert) wake();
  if (const auto backlog = conversations.Measure(); backlog.ok()) metrics.Show(*backlog, clock.Now());
}

absl::Status Serve(server::Host& host, const Options& options) {
  const Clock& clock = host.clock();
  LUMBAR_RETURN_IF_ERROR(host.NeedTimeZones());
  LUMBAR_RETURN_IF_ERROR(CheckClinic(options.clinic));
  LUMBAR_ASSIGN_OR_RETURN(const auto templates, Templates::Load(options.templates_dir, options.practice));
  WarnOfLongTexts(*templates);
  WarnOfNobody(options);
  LUMBAR_ASSIGN_OR_RETURN(const auto carriers, MakeCarriers(options.carriers, options.practice, options.from, clock));
  LUMBAR_ASSIGN_OR_RETURN(auth::ServiceIdentity * identity, host.Identity());
  LUMBAR_ASSIGN_OR_RETURN(const auto database, store::Database::Open({options.database}));
  LUMBAR_RETURN_IF_ERROR(MigrateNotification(*database, clock));

  SqlMessageStore messages(*database, clock, RecipientRate(options.recipient_rate));
  SqlPreferenceStore preferences(*database, clock);
  SqlConversationStore conversations(*database, clock);
  DeliveryMetrics metrics(host.registry());
  ConversationMetrics text_metrics(host.registry());
  BookingVersions versions(options.booking, host.certificates(), *identity, clock);
  BookingCalendar calendar(options.booking, host.certificates(), *identity, clock);
  std::vector<std::unique_ptr<Dispatcher>> dispatchers;
  std::vector<std::unique_ptr<PeriodicTask>> senders;
  const auto add_sender = [&](bool staff_only) {
    dispatchers.push_back(std::make_unique<Dispatcher>(
        Dispatcher::Ports{messages, preferences, versions, calendar, Lend(carriers), *templates, metrics, clock,
                          options.clinic.staff_email, options.clinic.time_zone, staff_only}));
    senders.push_back(std::make_unique<PeriodicTask>("dispatch", absl::Seconds(1), [own = dispatchers.back().get()] {
      while (own->RunBatch()) continue;
    }));
  };
  for (int i = 0; i < options.senders; ++i) add_sender(false);
  const bool alert = !options.clinic.staff_email.empty();
  if (alert) add_sender(true);
  PeriodicTask measure("backlog", absl::Seconds(15), [&] { ShowBacklog(messages, metrics, clock); });
  BatchTask sweep("sweep", store::kSweepPeriod, [&] {
    const bool more_responses = store::SweepResponses(*database, clock);
    const bool more_texters = SweepTexters(conversations);
    return Sweep(*database, clock).value_or(false) || more_responses || more_texters;
  });
  host.OnDrain([&](absl::Duration) { sweep.Stop(); });

  LUMBAR_ASSIGN_OR_RETURN(const auto pipeline, host.MakePipeline({&Contract(), &AlertContract()}));
  // What senders and other replicas change is told a second later.
  PeriodicTask watching("watch", absl::Seconds(1), [&] { pipeline->streams().WakeAll(); });
  const auto wake = [&] {
    senders.front()->Wake();
    // The staff's, if there is one.
    senders.back()->Wake();
    watching.Wake();
  };
  PeriodicTask tend("conversations", kEscalationPeriod,
                    [&] { TendConversations(conversations, text_metrics, clock, alert, wake); });
  MessageWatch watch(messages, clock);
  const bool tells_system = !options.carriers.webhook_url.empty();
  Notifier notifier(messages, preferences, metrics, clock, wake, tells_system);
  AlertDesk alerts(messages, alert, wake);
  PreferenceDesk desk(preferences);
  DeadLetters dead_letters(messages, metrics, wake);
  LUMBAR_ASSIGN_OR_RETURN(auto tokens, SmsTokens(options.carriers));
  TriageScanner scanner(options.triage, host.certificates(), *identity, clock);
  TextDesk texts(
      {conversations, scanner, *templates, text_metrics, clock, absl::Minutes(options.answer_minutes), alert, wake});
  ConversationDesk conversation_desk(conversations, wake);
  Callbacks callbacks({messages, texts, metrics, std::move(tokens), options.carriers.public_url});
  host.AddReadiness("database", [&] { return database->Ping(); });
  host.OnDrain([&](absl::Duration) {
    pipeline->streams().EndAll();
    for (const auto& dispatcher : dispatchers) dispatcher->Stop();
  });
  return host.Serve(*pipeline,
                    {NotificationMethods(notifier, desk, dead_letters, callbacks, texts, conversation_desk, watch),
                     AlertMethods(alerts)});
}

}  // namespace
}  // namespace lumbar::notification

int main(int argc, char** argv) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  lumbar::server::CommandLine line("Plans and sends messages about visits");
  lumbar::server::Flags flags;
  flags.service = "notification";
  flags.port = 9094;
  flags.ops_port = 10094;
  flags.metrics_port = 11094;
  lumbar::notification::Options options;
  lumbar::notification::AddOptions(line, options);
  return lumbar::server::Main(argc, argv, line, flags,
                              [&](lumbar::server::Host& host) { return lumbar::notification::Serve(host, options); });
}
