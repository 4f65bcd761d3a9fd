// A dispatcher on a real store, between a booking and a mail server that tests make up.
#pragma once

#include <gmock/gmock.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/status/errors.h"
#include "common/status/matchers.h"
#include "common/store/resource_name.h"
#include "common/store/testing/engines.h"
#include "services/notification/domain/dispatcher.h"
#include "services/notification/errors.h"
#include "services/notification/store/migrations.h"
#include "services/notification/store/sql_message_store.h"
#include "services/notification/store/sql_preference_store.h"
#include "services/notification/testing/samples.h"
#include "source_dir.h"

namespace lumbar::notification {

// Takes letters, unless told to answer otherwise.
class ScriptedMailer final : public Carrier {
 public:
  Handover Send(const Letter& letter) override {
    const absl::Status answer = script_ ? script_() : absl::OkStatus();
    ++tries_;
    if (answer.ok()) taken_.push_back(letter);
    return {answer, "twilio", answer.ok() ? reference_ : "", retry_after_};
  }
  Handover Ask(const Letter& letter) override {
    asked_.push_back(letter);
    return {answer_, "twilio", answer_.ok() ? "SM1" : "", retry_after_};
  }
  absl::Status answer_ = CannotBeAsked();
  std::vector<Letter> asked_;
  std::function<absl::Status()> script_;
  std::vector<Letter> taken_;
  int tries_ = 0;
  absl::Duration retry_after_;
  // What it calls what it takes.
  std::string reference_;
};

class ScriptedVersions final : public AppointmentVersions {
 public:
  absl::StatusOr<Standing> Current(absl::string_view appointment) override {
    ++asked_;
    if (appointment == poison_) return WithReason(absl::InvalidArgumentError("no"), "INVALID_FIELD");
    return standing_;
  }
  std::string poison_;
  absl::StatusOr<Standing> standing_ = Standing{1, booking::v1::APPOINTMENT_STATE_BOOKED};
  int asked_ = 0;
};

// Shows the version that booking tells, unless told otherwise.
class ScriptedCalendar final : public CalendarFiles {
 public:
  explicit ScriptedCalendar(const ScriptedVersions& versions) : versions_(versions) {}
  absl::StatusOr<CalendarFile> For(absl::string_view appointment, const std::string& clinician) override {
    asked_.emplace_back(appointment);
    CalendarFile file{"REQUEST", "BEGIN:VCALENDAR", versions_.standing_->version, "", ""};
    if (!clinician.empty()) {
      const bool theirs = versions_.standing_->state == booking::v1::APPOINTMENT_STATE_BOOKED &&
                          versions_.standing_->clinician == clinician;
      file.method = theirs ? "REQUEST" : "CANCEL";
      file.reader_name = "Dr. " + clinician;
      file.reader_address = clinician.substr(clinician.find('/') + 1) + "@clinic.example";
    }
    return file_.value_or(file);
  }
  std::optional<absl::StatusOr<CalendarFile>> file_;
  std::vector<std::string> asked_;

 private:
  const ScriptedVersions& versions_;
};

class CountingObserver final : public DeliveryObserver {
 public:
  void Sent(v1::MessageKind) override { ++counts_["sent"]; }
  void Dropped(absl::string_view reason, int64_t count) override {
    counts_["dropped " + std::string(reason)] += static_cast<int>(count);
  }
  void Dead(absl::string_view reason) override { ++counts_["dead " + std::string(reason)]; }
  void Retried(absl::string_view reason) override { ++counts_["retried " + std::string(reason)]; }
  void Told(v1::MessageState state) override { ++counts_["told " + v1::MessageState_Name(state)]; }
  void Unknown() override { ++counts_["unknown"]; }
  std::map<std::string, int> counts_;
};

class DispatcherTest : public store::EngineTest {
 protected:
  void SetUp() override {
    ASSERT_THAT(MigrateNotification(*database_, clock_), IsOk());
    Prefer(NoQuiet());
    ASSERT_OK_AND_ASSIGN(templates_,
                         Templates::Load(LUMBAR_SOURCE_DIR "/services/notification/templates", "Elm Street Clinic"));
    dispatcher_ = MakeDispatcher();
  }

  std::unique_ptr<Dispatcher> MakeDispatcher(v1::Channel channel = v1::CHANNEL_EMAIL) {
    return std::make_unique<Dispatcher>(Dispatcher::Ports{
        messages_, preferences_, versions_, calendar_, {{channel, &mailer_}}, *templates_, observer_, clock_});
  }
  // Preferences of a patient who may be told at any hour.
  static v1::Preferences NoQuiet() {
    v1::Preferences preferences;
    preferences.mutable_quiet_hours();
    return preferences;
  }
  void Prefer(const v1::Preferences& preferences) {
    ASSERT_THAT(preferences_.Update({"patients/ada", "Update", store::NewUuid(), "hash"}, "patients/ada", preferences),
                IsOk());
  }
  void Record(const booking::v1::Appointment& appointment) {
    ASSERT_THAT(messages_.Record({"services/booking", "Record", store::NewUuid(), "hash"}, appointment,
                                 PlanFor(appointment, clock_.Now())),
                IsOk());
  }
  // Of the appointment's messages, the first by due time.
  v1::Message First() { return messages_.List({booked_.name(), {}, {}, 1}).value().front(); }

  FakeClock clock_{absl::FromUnixSeconds(1'772'000'000)};
  const std::unique_ptr<store::Database> database_ = Open();
  SqlMessageStore messages_{*database_, clock_};
  SqlPreferenceStore preferences_{*database_, clock_};
  ScriptedMailer mailer_;
  ScriptedVersions versions_;
  ScriptedCalendar calendar_{versions_};
  CountingObserver observer_;
  std::unique_ptr<Templates> templates_;
  std::unique_ptr<Dispatcher> dispatcher_;
  const booking::v1::Appointment booked_ = SampleAppointment(clock_.Now() + absl::Hours(72));
};

}  // namespace lumbar::notification
