// Notification's queue without its ports, for tests/load/notification_bench: plans one visit, or sends what is due.
#include <CLI/CLI.hpp>
#include <absl/strings/str_cat.h>
#include <curl/curl.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/status/macros.h"
#include "common/store/database.h"
#include "common/store/resource_name.h"
#include "common/time/clock.h"
#include "common/time/proto_time.h"
#include "services/notification/adapters/carrier_group.h"
#include "services/notification/adapters/twilio_carrier.h"
#include "services/notification/domain/dispatcher.h"
#include "services/notification/store/migrations.h"
#include "services/notification/store/sql_message_store.h"

namespace lumbar::notification {
namespace {

using nlohmann::json;

// Turns without a full batch after which nothing is due any more, and how long each waits for what another sender may
// have put back.
constexpr int kIdleTurns = 5;
constexpr auto kIdlePause = std::chrono::milliseconds(20);
// As the service has it if nobody says otherwise.
constexpr int kPerHour = 12;

struct Flags {
  std::string database;
  std::string templates_dir;
  // Where texts go.
  std::string provider;
  int senders = 4;
};

// Booking, to which every appointment is as it was planned.
class FirstVersions final : public AppointmentVersions {
 public:
  absl::StatusOr<Standing> Current(absl::string_view) override {
    return Standing{1, booking::v1::APPOINTMENT_STATE_BOOKED};
  }
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

// Patients who may be told at any hour.
class NoQuiet final : public PatientWishes {
 public:
  absl::StatusOr<Wishes> WishesOf(const std::string&, const std::string&) override {
    Wishes wishes;
    wishes.preferences.mutable_quiet_hours();
    return wishes;
  }
};

absl::Status Send(const Flags& flags, MessageStore& messages, const Clock& clock) {
  LUMBAR_ASSIGN_OR_RETURN(const auto templates, Templates::Load(flags.templates_dir, "Elm Street Clinic"));
  LUMBAR_ASSIGN_OR_RETURN(
      std::unique_ptr<Carrier> twilio,
      TwilioCarrier::Create({"twilio", flags.provider, "AC00000000000000000000000000000001", "12345", "+15005550006",
                             "https://clinic.example/v1/providers/twilio:status"}));
  std::vector<Provider> providers;
  providers.push_back({std::move(twilio), 0});
  CarrierGroup group(std::move(providers), clock);
  FirstVersions versions;
  NoCalendar calendar;
  NoQuiet wishes;
  Uncounted observer;
  std::vector<std::thread> senders;
  senders.reserve(static_cast<size_t>(flags.senders));
  for (int i = 0; i < flags.senders; ++i) {
    senders.emplace_back([&] {
      Dispatcher dispatcher(
          {messages, wishes, versions, calendar, {{v1::CHANNEL_SMS, &group}}, *templates, observer, clock});
      for (int idle = 0; idle < kIdleTurns;) {
        idle = dispatcher.RunBatch() ? 0 : idle + 1;
        if (idle > 0) std::this_thread::sleep_for(kIdlePause);
      }
    });
  }
  for (std::thread& sender : senders) sender.join();
  return absl::OkStatus();
}

// {"id", "phone", "start": microseconds}
absl::Status Plan(const json& wanted, MessageStore& messages, const Clock& clock) {
  booking::v1::Appointment appointment;
  appointment.set_name(absl::StrCat("appointments/", wanted["id"].get<std::string>()));
  appointment.set_version(1);
  appointment.set_state(booking::v1::APPOINTMENT_STATE_BOOKED);
  const absl::Time start = absl::FromUnixMicros(wanted["start"]);
  *appointment.mutable_slot()->mutable_start_time() = ToProtoTime(start);
  *appointment.mutable_slot()->mutable_end_time() = ToProtoTime(start + absl::Minutes(30));
  appointment.mutable_contact()->set_display_name("Ada Birch");
  appointment.mutable_contact()->set_phone_number(wanted["phone"]);
  appointment.mutable_contact()->set_time_zone("America/New_York");
  notification::Plan plan = PlanFor(appointment, clock.Now());
  for (PlannedMessage& message : plan.messages) message.channel = v1::CHANNEL_SMS;
  return messages.Record({"services/booking", "Record", store::NewUuid(), "hash"}, appointment, plan).status();
}

absl::Status Run(const Flags& flags, bool sends) {
  const SystemClock clock;
  LUMBAR_ASSIGN_OR_RETURN(const auto database, store::Database::Open({flags.database}));
  LUMBAR_RETURN_IF_ERROR(MigrateNotification(*database, clock));
  SqlMessageStore messages(*database, clock, RecipientRate(kPerHour));
  return sends ? Send(flags, messages, clock) : Plan(json::parse(std::cin), messages, clock);
}

}  // namespace
}  // namespace lumbar::notification

int main(int argc, char** argv) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CLI::App app{"Notification's queue under load"};
  lumbar::notification::Flags flags;
  app.add_option("--database", flags.database)->required();
  app.add_option("--templates-dir", flags.templates_dir);
  app.add_option("--provider", flags.provider);
  app.add_option("--senders", flags.senders);
  CLI::App* const sends = app.add_subcommand("send", "Sends what is due, until there is no more");
  app.add_subcommand("plan", "Plans the visit that standard input tells of");
  app.require_subcommand(1);
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = lumbar::notification::Run(flags, sends->parsed());
  if (!status.ok()) std::cerr << "notification_worker: " << status.message() << "\n";
  return status.ok() ? 0 : 1;
}
