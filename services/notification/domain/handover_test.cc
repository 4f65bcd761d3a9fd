// What the dispatcher makes of a carrier's word: taken, in doubt, later, or resting.
#include <gmock/gmock.h>

#include "common/store/resource_name.h"
#include "services/notification/domain/backoff.h"
#include "services/notification/errors.h"
#include "services/notification/testing/dispatcher_fixture.h"

namespace lumbar::notification {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

class HandoverTest : public DispatcherTest {
 protected:
  // Plans the webhook of `visit`, which booking has so, and lets a dispatcher have it.
  void TellSystem(const booking::v1::Appointment& visit) {
    Plan plan = PlanFor(visit, clock_.Now());
    plan.messages = {EventFor(visit, clock_.Now())};
    ASSERT_THAT(messages_.Record({"services/booking", "Record", store::NewUuid(), "hash"}, visit, plan), IsOk());
    Dispatcher({messages_,
                preferences_,
                versions_,
                calendar_,
                {{v1::CHANNEL_WEBHOOK, &mailer_}},
                *templates_,
                observer_,
                clock_})
        .RunBatch();
  }
};

TEST_P(HandoverTest, TellsAWebhookOfTheVisitAndNotOfThePatient) {
  TellSystem(booked_);
  ASSERT_THAT(mailer_.taken_, SizeIs(1));
  EXPECT_EQ(mailer_.taken_[0].text,
            R"({"type":"appointment.booked","timestamp":"2026-02-25T06:13:20Z","data":{"message":")" + First().name() +
                R"(","appointment":"appointments/6f1b1f0e-0000-4000-8000-000000000001","appointmentVersion":1,)"
                R"("clinician":"","startTime":"2026-02-28T06:13:20Z","endTime":"2026-02-28T06:43:20Z"}})");
}

TEST_P(HandoverTest, TellsAWebhookAtAnyHourWhateverThePatientWantsAndThoughTheVisitHasBegun) {
  v1::Preferences none;
  none.set_opted_out(true);
  Prefer(none);
  TellSystem(SampleAppointment(clock_.Now() - absl::Minutes(10)));
  EXPECT_THAT(mailer_.taken_, SizeIs(1)) << "it is 1:13 in New York";
}

TEST_P(HandoverTest, TellsAWebhookOfACancellationAndOfNothingThatBookingHasChangedSince) {
  versions_.standing_ = Standing{2, booking::v1::APPOINTMENT_STATE_CANCELLED};
  TellSystem(booked_);
  EXPECT_EQ(observer_.counts_["dropped APPOINTMENT_CANCELLED"], 1);
  TellSystem(NextVersion(booked_, booking::v1::APPOINTMENT_STATE_CANCELLED));
  ASSERT_THAT(mailer_.taken_, SizeIs(1));
  EXPECT_THAT(mailer_.taken_[0].text, testing::HasSubstr(R"("appointment.cancelled")"));
}

TEST_P(HandoverTest, RepeatsAnUnknownOutcomeUnderTheSameIdAndCountsIt) {
  Record(booked_);
  std::vector<std::string> ids;
  mailer_.script_ = [] { return MailOutcomeUnknown(); };
  dispatcher_->RunBatch();
  const std::string name = First().name();
  mailer_.script_ = nullptr;
  clock_.Advance(BackoffCeiling(1));
  dispatcher_->RunBatch();
  ASSERT_THAT(mailer_.taken_, SizeIs(1));
  EXPECT_EQ("messages/" + mailer_.taken_[0].id, name);
  EXPECT_THAT(observer_.counts_,
              ElementsAre(std::pair("retried MAIL_OUTCOME_UNKNOWN", 1), std::pair("sent", 1), std::pair("unknown", 1)));
}

TEST_P(HandoverTest, LeavesAProviderTimeToSayWhatBecameOfATextInDoubt) {
  for (int i = 0; i < 20; ++i) {
    booking::v1::Appointment visit = booked_;
    visit.set_name(absl::StrCat("appointments/00000000-0000-4000-8000-0000000000", 10 + i));
    Record(visit);
  }
  mailer_.script_ = [] { return SmsOutcomeUnknown(); };
  for (int i = 0; i < 20; ++i) dispatcher_->RunBatch();
  clock_.Advance(absl::Seconds(44));
  dispatcher_->RunBatch();
  EXPECT_EQ(mailer_.tries_, 20);
  EXPECT_THAT(mailer_.asked_, SizeIs(0));
}

TEST_P(HandoverTest, AsksBeforeItRepeatsAnUnknownOutcomeAndSendsNothingThatWasTaken) {
  Record(booked_);
  mailer_.script_ = [] { return SmsOutcomeUnknown(); };
  dispatcher_->RunBatch();
  mailer_.answer_ = SmsUnreachable("down");
  clock_.Advance(BackoffCeiling(1));
  dispatcher_->RunBatch();
  EXPECT_EQ(mailer_.tries_, 1) << "not while it can't be asked";
  mailer_.answer_ = absl::OkStatus();
  clock_.Advance(BackoffCeiling(2));
  dispatcher_->RunBatch();
  EXPECT_EQ(mailer_.tries_, 1);
  EXPECT_THAT(mailer_.asked_, SizeIs(2));
  EXPECT_EQ(mailer_.asked_[0].to_address, "ada@example.com");
  EXPECT_EQ(First().state(), v1::MESSAGE_STATE_SENT);
}

TEST_P(HandoverTest, AProviderThatCannotBeAskedYetCostsNoTryAndHoldsBackNothingElse) {
  Record(booked_);
  mailer_.script_ = [] { return SmsOutcomeUnknown(); };
  dispatcher_->RunBatch();
  mailer_.script_ = nullptr;
  mailer_.answer_ = ProvidersResting();
  mailer_.retry_after_ = absl::Hours(24);
  clock_.Advance(BackoffCeiling(1));
  Record(SampleAppointment(clock_.Now() + absl::Minutes(50), store::NewName("appointments")));
  dispatcher_->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(1)) << "the other";
  EXPECT_EQ(First().attempts(), 1);
  EXPECT_EQ(First().reason(), "PROVIDERS_RESTING");
  mailer_.answer_ = NeverTaken();
  clock_.Advance(kLongestRest);
  dispatcher_->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(2));
  EXPECT_THAT(mailer_.asked_, SizeIs(2)) << "it was still in doubt";
}

TEST_P(HandoverTest, SendsAgainWhatTheProviderSaysItNeverTook) {
  Record(booked_);
  mailer_.script_ = [] { return SmsOutcomeUnknown(); };
  dispatcher_->RunBatch();
  mailer_.answer_ = NeverTaken();
  mailer_.script_ = [] { return SmsDeferred(503); };
  clock_.Advance(BackoffCeiling(1));
  dispatcher_->RunBatch();
  mailer_.script_ = nullptr;
  clock_.Advance(BackoffCeiling(2));
  dispatcher_->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(1));
  EXPECT_THAT(mailer_.asked_, SizeIs(1)) << "a try that surely failed leaves no doubt";
}

TEST_P(HandoverTest, AfterACrashFindsThatTheMessageWasTakenEvenIfTheVisitIsOff) {
  Record(booked_);
  ASSERT_THAT(messages_.Claim(kBatch, kLease), IsOkAndHolds(SizeIs(1)));
  clock_.Advance(kLease);
  versions_.standing_ = Standing{2, booking::v1::APPOINTMENT_STATE_CANCELLED};
  mailer_.answer_ = absl::OkStatus();
  dispatcher_->RunBatch();
  EXPECT_EQ(mailer_.tries_, 0);
  EXPECT_EQ(First().state(), v1::MESSAGE_STATE_SENT) << "which is what happened";
}

TEST_P(HandoverTest, WaitsAtLeastAsLongAsTheProviderAsks) {
  Record(booked_);
  mailer_.script_ = [] { return SmsDeferred(429); };
  mailer_.retry_after_ = absl::Minutes(30);
  dispatcher_->RunBatch();
  mailer_.script_ = nullptr;
  clock_.Advance(absl::Minutes(30) - absl::Seconds(1));
  dispatcher_->RunBatch();
  EXPECT_EQ(mailer_.tries_, 1);
  clock_.Advance(absl::Seconds(1));
  dispatcher_->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(1));
}

TEST_P(HandoverTest, AMessageIsTriedAgainWhileItIsOfUseWhateverTheProviderAsks) {
  const auto soon = SampleAppointment(clock_.Now() + absl::Minutes(50), store::NewName("appointments"));
  Record(booked_);
  Record(soon);
  mailer_.script_ = [] { return SmsDeferred(503); };
  mailer_.retry_after_ = absl::Hours(24) * 365;
  dispatcher_->RunBatch();
  EXPECT_EQ(mailer_.tries_, 2);
  clock_.Advance(absl::Minutes(25) - absl::Seconds(1));
  dispatcher_->RunBatch();
  EXPECT_EQ(mailer_.tries_, 2);
  clock_.Advance(absl::Seconds(1));
  dispatcher_->RunBatch();
  EXPECT_EQ(mailer_.tries_, 3) << "the visit begins in 25 minutes";
  mailer_.script_ = nullptr;
  clock_.Advance(absl::Hours(24) - absl::Minutes(25));
  dispatcher_->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(1));
  EXPECT_EQ(First().state(), v1::MESSAGE_STATE_SENT) << "a day is the most for any";
}

TEST_P(HandoverTest, ProvidersThatRestForAYearHoldBackNothingForLong) {
  Record(booked_);
  Record(SampleAppointment(clock_.Now() + absl::Minutes(50), store::NewName("appointments")));
  mailer_.script_ = [] { return ProvidersResting(); };
  mailer_.retry_after_ = absl::Hours(24) * 365;
  dispatcher_->RunBatch();
  EXPECT_EQ(mailer_.tries_, 1);
  mailer_.script_ = nullptr;
  clock_.Advance(kLongestRest);
  dispatcher_->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(2));
}

TEST_P(HandoverTest, ARestingProviderCostsNoTryAndTheNextBatchWaits) {
  for (int i = 0; i < kBatch; ++i) {
    Record(SampleAppointment(clock_.Now() + absl::Minutes(50), store::NewName("appointments")));
  }
  mailer_.script_ = [] { return ProvidersResting(); };
  mailer_.retry_after_ = absl::Seconds(1);
  EXPECT_FALSE(dispatcher_->RunBatch());
  const auto waiting = messages_.List({"", {}, {}, 1000}).value();
  EXPECT_EQ(waiting[0].attempts(), 0);
  EXPECT_EQ(waiting[0].reason(), "PROVIDERS_RESTING");
  mailer_.script_ = nullptr;
  clock_.Advance(absl::Seconds(1));
  dispatcher_->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(kBatch));
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, HandoverTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::notification
