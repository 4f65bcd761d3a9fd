// Notification's queue without its ports: one process plans and tells how messages stand, others send. Time runs
// faster, so that backoffs and leases of minutes are of seconds. Called by notification_outbox.mjs and
// notification_bench.mjs.
#include <CLI/CLI.hpp>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <curl/curl.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/status/macros.h"
#include "common/store/database.h"
#include "common/store/resource_name.h"
#include "common/telemetry/log.h"
#include "common/time/clock.h"
#include "common/time/proto_time.h"
#include "services/notification/adapters/carrier_group.h"
#include "services/notification/adapters/http_exchange.h"
#include "services/notification/adapters/twilio_carrier.h"
#include "services/notification/domain/dispatcher.h"
#include "services/notification/store/migrations.h"
#include "services/notification/store/sql_message_store.h"

namespace lumbar::notification {
namespace {

using nlohmann::json;

// Turns without a full batch, of 20 ms each, after which nothing is due any more.
constexpr int kIdleTurns = 5;

struct Flags {
  std::string database;
  std::string templates_dir;
  // Where texts go and where appointments are asked about; without the latter every appointment is at its first
  // version.
  std::string provider;
  std::string booking;
  int senders = 4;
  // Ends once nothing is due.
  bool until_empty = false;
  int64_t epoch_millis = 0;
  double scale = 1;
};

class ScaledClock final : public Clock {
 public:
  ScaledClock(absl::Time epoch, double scale) : epoch_(epoch), scale_(scale) {}
  absl::Time Now() const override { return epoch_ + (absl::Now() - epoch_) * scale_; }

 private:
  const absl::Time epoch_;
  const double scale_;
};

// Booking, as the run's own program plays it.
class AskedVersions final : public AppointmentVersions {
 public:
  explicit AskedVersions(std::string url) : url_(std::move(url)) {}

  absl::StatusOr<Standing> Current(absl::string_view appointment) override {
    if (url_.empty()) return Standing{1, booking::v1::APPOINTMENT_STATE_BOOKED};
    const absl::StatusOr<HttpAnswer> answer = http_.Do({absl::StrCat(url_, "/", appointment)});
    if (!answer.ok()) return absl::UnavailableError("booking is gone");
    const json told = json::parse(answer->body);
    const bool cancelled = told["state"] == "CANCELLED";
    return Standing{told["version"],
                    cancelled ? booking::v1::APPOINTMENT_STATE_CANCELLED : booking::v1::APPOINTMENT_STATE_BOOKED};
  }

 private:
  const std::string url_;
  HttpExchanger http_{{}};
};

class NoCalendar final : public CalendarFiles {
 public:
  absl::StatusOr<CalendarFile> For(absl::string_view, const std::string&) override {
    return absl::NotFoundError("texts have none");
  }
};

class Uncounted final : public DeliveryObserver {
 public:
  void Sent(v1::MessageKind) override {}
  void Dropped(absl::string_view, int64_t) override {}
  void Dead(absl::string_view) override {}
  void Retried(absl::string_view) override {}
  void Told(v1::MessageState) override {}
  void Unknown() override {}
};

std::atomic<bool> stopping = false;

absl::Status Send(const Flags& flags, MessageStore& messages, const Clock& clock) {
  LUMBAR_ASSIGN_OR_RETURN(const auto templates, Templates::Load(flags.templates_dir, "Elm Street Clinic"));
  LUMBAR_ASSIGN_OR_RETURN(
      std::unique_ptr<Carrier> twilio,
      TwilioCarrier::Create({"twilio", flags.provider, "AC00000000000000000000000000000001", "12345", "+15005550006",
                             "https://clinic.example/v1/providers/twilio:status"}));
  std::vector<Provider> providers;
  providers.push_back({std::move(twilio), 0});
  CarrierGroup group(std::move(providers), clock);
  AskedVersions versions(flags.booking);
  NoCalendar calendar;
  Uncounted observer;
  std::vector<std::thread> senders;
  for (int i = 0; i < flags.senders; ++i) {
    senders.emplace_back([&] {
      Dispatcher dispatcher({messages, versions, calendar, {{v1::CHANNEL_SMS, &group}}, *templates, observer, clock});
      for (int idle = 0; !stopping.load() && !(flags.until_empty && idle == kIdleTurns);) {
        idle = dispatcher.RunBatch() ? 0 : idle + 1;
        if (idle > 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
      }
    });
  }
  for (std::thread& sender : senders) sender.join();
  return absl::OkStatus();
}

// {"id", "version", "state", "phone", "start": microseconds}
absl::StatusOr<json> Plan(const json& wanted, MessageStore& messages, const Clock& clock) {
  booking::v1::Appointment appointment;
  appointment.set_name(absl::StrCat("appointments/", wanted["id"].get<std::string>()));
  appointment.set_version(wanted["version"]);
  appointment.set_state(wanted["state"] == "CANCELLED" ? booking::v1::APPOINTMENT_STATE_CANCELLED
                                                       : booking::v1::APPOINTMENT_STATE_BOOKED);
  const absl::Time start = absl::FromUnixMicros(wanted["start"]);
  *appointment.mutable_slot()->mutable_start_time() = ToProtoTime(start);
  *appointment.mutable_slot()->mutable_end_time() = ToProtoTime(start + absl::Minutes(30));
  appointment.mutable_contact()->set_display_name("Ada Birch");
  appointment.mutable_contact()->set_phone_number(wanted["phone"]);
  appointment.mutable_contact()->set_time_zone("America/New_York");
  notification::Plan plan = PlanFor(appointment, clock.Now());
  for (PlannedMessage& message : plan.messages) message.channel = v1::CHANNEL_SMS;
  LUMBAR_RETURN_IF_ERROR(
      messages.Record({"services/booking", "Record", store::NewUuid(), "hash"}, appointment, plan).status());
  return wanted["id"];
}

absl::StatusOr<json> List(MessageStore& messages) {
  json all = json::array();
  MessageQuery query{"", v1::MESSAGE_STATE_UNSPECIFIED, std::nullopt, 1000};
  while (true) {
    LUMBAR_ASSIGN_OR_RETURN(const std::vector<v1::Message> page, messages.List(query));
    for (const v1::Message& message : page) {
      all.push_back({message.name(), message.appointment(), message.appointment_version(),
                     v1::MessageKind_Name(message.kind()), v1::MessageState_Name(message.state()), message.reason()});
    }
    if (page.size() < 1000) return all;
    query.after = MessageQuery::Position{FromProto(page.back().due_time()), page.back().name()};
  }
}

absl::StatusOr<json> Obey(const std::string& line, MessageStore& messages, const Clock& clock) {
  const json wanted = json::parse(line);
  const std::string what = wanted.value("do", "plan");
  if (what == "plan") return Plan(wanted, messages, clock);
  if (what == "list") return List(messages);
  if (what == "replay") {
    LUMBAR_ASSIGN_OR_RETURN(const auto replayed,
                            messages.ReplayMany({"staff/1", "Replay", store::NewUuid(), "hash"}, "", 1000));
    return json(replayed.replayed_count());
  }
  LUMBAR_ASSIGN_OR_RETURN(const Backlog backlog, messages.Measure());
  return json(backlog.queued);
}

// A line of JSON in, a line out: what was asked for, or null for a failure that a repeat may mend.
void Serve(MessageStore& messages, const Clock& clock) {
  std::mutex in, out;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (std::string line;;) {
        {
          const std::lock_guard lock(in);
          if (!std::getline(std::cin, line)) return;
        }
        const absl::StatusOr<json> answer = Obey(line, messages, clock);
        const json told = {{"asked", json::parse(line)}, {"answer", answer.ok() ? *answer : json()}};
        const std::lock_guard lock(out);
        std::cout << told.dump() << std::endl;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

absl::Status Run(const Flags& flags, bool sends) {
  const ScaledClock clock(absl::FromUnixMillis(flags.epoch_millis), flags.scale);
  LUMBAR_ASSIGN_OR_RETURN(const auto database, store::Database::Open({flags.database}));
  LUMBAR_RETURN_IF_ERROR(MigrateNotification(*database, clock));
  SqlMessageStore messages(*database, clock);
  if (sends) return Send(flags, messages, clock);
  Serve(messages, clock);
  return absl::OkStatus();
}

}  // namespace
}  // namespace lumbar::notification

int main(int argc, char** argv) {
  using namespace lumbar::notification;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  std::signal(SIGTERM, [](int) { stopping.store(true); });
  CLI::App app{"Notification's queue under load and in chaos"};
  Flags flags;
  app.add_option("--database", flags.database)->required();
  app.add_option("--templates-dir", flags.templates_dir);
  app.add_option("--provider", flags.provider);
  app.add_option("--booking", flags.booking);
  app.add_option("--senders", flags.senders);
  app.add_option("--epoch-millis", flags.epoch_millis);
  app.add_option("--scale", flags.scale);
  app.add_flag("--until-empty", flags.until_empty);
  CLI::App* const sends = app.add_subcommand("send", "Sends what is due");
  app.add_subcommand("plan", "Does what standard input says");
  app.require_subcommand(1);
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = Run(flags, sends->parsed());
  if (!status.ok()) std::cerr << "notification_worker: " << status.message() << "\n";
  return status.ok() ? 0 : 1;
}
