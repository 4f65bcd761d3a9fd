#include "services/notification/domain/dispatcher.h"

#include <absl/random/random.h>
#include <gmock/gmock.h>

#include <algorithm>

#include "common/time/proto_time.h"
#include "services/notification/domain/backoff.h"
#include "services/notification/errors.h"
#include "services/notification/testing/dispatcher_fixture.h"

namespace lumbar::notification {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

TEST_P(DispatcherTest, SendsEachMessageOnceWhenItsTimeComes) {
  Record(booked_);
  for (int minute = 0; minute < 73 * 60; minute += 10) {
    dispatcher_->RunBatch();
    clock_.Advance(absl::Minutes(10));
  }
  ASSERT_THAT(mailer_.taken_, SizeIs(3));
  EXPECT_THAT(mailer_.taken_[0].subject, HasSubstr("is confirmed"));
  EXPECT_THAT(mailer_.taken_[1].subject, HasSubstr("Reminder"));
  EXPECT_THAT(mailer_.taken_[2].subject, HasSubstr("starts at"));
  EXPECT_EQ(mailer_.taken_[0].to_address, "ada@example.com");
  EXPECT_THAT(observer_.counts_, ElementsAre(std::pair("sent", 3)));
  EXPECT_EQ(First().state(), v1::MESSAGE_STATE_SENT);
}

TEST_P(DispatcherTest, TellsOfAnOfferOnceAndNeverAfterItsTime) {
  const auto offer = SampleOffer(clock_.Now() + absl::Hours(2), clock_.Now() + absl::Minutes(15));
  const auto record = [&](const booking::v1::WaitlistEntry& entry) {
    ASSERT_THAT(messages_.Record({"services/booking", "Record", store::NewUuid(), "hash"}, VisitOnOffer(entry),
                                 PlanFor(entry, clock_.Now())),
                IsOk());
  };
  record(offer);
  versions_.standing_ = Standing{offer.version()};
  dispatcher_->RunBatch();
  dispatcher_->RunBatch();
  ASSERT_THAT(mailer_.taken_, SizeIs(1));
  EXPECT_THAT(mailer_.taken_[0].subject, HasSubstr("has come free"));

  auto later = offer;
  later.set_name("waitlistEntries/6f1b1f0e-0000-4000-8000-000000000003");
  record(later);
  clock_.Advance(absl::Minutes(15));
  dispatcher_->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(1));
  EXPECT_EQ(observer_.counts_["dropped OFFER_EXPIRED"], 1);
}

TEST_P(DispatcherTest, SendsNothingAfterACancellationThatOnlyBookingKnowsOf) {
  Record(booked_);
  versions_.standing_ = Standing{2, booking::v1::APPOINTMENT_STATE_CANCELLED};
  dispatcher_->RunBatch();
  EXPECT_EQ(mailer_.tries_, 0);
  EXPECT_EQ(First().state(), v1::MESSAGE_STATE_DROPPED);
  EXPECT_EQ(First().reason(), "APPOINTMENT_CANCELLED");
  EXPECT_THAT(observer_.counts_, ElementsAre(std::pair("dropped APPOINTMENT_CANCELLED", 1)));
}

TEST_P(DispatcherTest, AfterACancellationSendsOnlyTheCancellation) {
  Record(booked_);
  Record(NextVersion(booked_, booking::v1::APPOINTMENT_STATE_CANCELLED));
  versions_.standing_ = Standing{2, booking::v1::APPOINTMENT_STATE_CANCELLED};
  for (int hour = 0; hour < 73; ++hour) {
    dispatcher_->RunBatch();
    clock_.Advance(absl::Hours(1));
  }
  ASSERT_THAT(mailer_.taken_, SizeIs(1));
  EXPECT_THAT(mailer_.taken_[0].subject, HasSubstr("is canceled"));
}

TEST_P(DispatcherTest, RemindsOfAMovedVisitBeforeItsNewTimeAlone) {
  Record(booked_);
  dispatcher_->RunBatch();
  clock_.Advance(absl::Hours(1));
  booking::v1::Appointment moved = NextVersion(booked_, booking::v1::APPOINTMENT_STATE_BOOKED);
  const absl::Time start = clock_.Now() + absl::Hours(200);
  *moved.mutable_slot()->mutable_start_time() = ToProtoTime(start);
  Record(moved);
  versions_.standing_ = Standing{2, booking::v1::APPOINTMENT_STATE_BOOKED};
  std::vector<absl::Time> sent;
  for (; clock_.Now() < start; clock_.Advance(absl::Minutes(30))) {
    dispatcher_->RunBatch();
    sent.resize(mailer_.taken_.size(), clock_.Now());
  }
  EXPECT_THAT(sent, ElementsAre(testing::_, start - absl::Hours(200), start - absl::Hours(24), start - absl::Hours(1)));
  EXPECT_THAT(mailer_.taken_[1].subject, HasSubstr("is confirmed"));
}

TEST_P(DispatcherTest, DropsAMessageOfAnotherVersion) {
  Record(booked_);
  versions_.standing_ = Standing{2, booking::v1::APPOINTMENT_STATE_BOOKED};
  dispatcher_->RunBatch();
  EXPECT_EQ(mailer_.tries_, 0);
  EXPECT_EQ(First().reason(), "SUPERSEDED");
}

TEST_P(DispatcherTest, ConfirmsAVisitToWhichThePatientHasComeAlready) {
  booking::v1::Appointment visit = SampleAppointment(clock_.Now() + absl::Minutes(65));
  visit.mutable_slot()->set_clinician("clinicians/grace");
  Record(visit);
  clock_.Advance(absl::Minutes(5));
  versions_.standing_ = Standing{2, booking::v1::APPOINTMENT_STATE_CHECKED_IN, "clinicians/grace"};
  dispatcher_->RunBatch();
  EXPECT_EQ(mailer_.tries_, 0) << "the event may still tell of a move in between";
  Record(NextVersion(visit, booking::v1::APPOINTMENT_STATE_CHECKED_IN));
  versions_.standing_ = Standing{3, booking::v1::APPOINTMENT_STATE_IN_VISIT, "clinicians/grace"};
  Record(NextVersion(NextVersion(visit, booking::v1::APPOINTMENT_STATE_CHECKED_IN),
                     booking::v1::APPOINTMENT_STATE_IN_VISIT));
  clock_.Advance(kBookingRetry);
  while (dispatcher_->RunBatch()) continue;
  std::vector<std::string> to;
  for (const Letter& letter : mailer_.taken_) to.push_back(letter.to_address);
  EXPECT_THAT(to, testing::UnorderedElementsAre("ada@example.com", "grace@clinic.example"));
}

TEST_P(DispatcherTest, SaysNothingOfAnOldTimeWhenThePatientHasComeToTheNewOne) {
  Record(booked_);
  booking::v1::Appointment moved = NextVersion(booked_, booking::v1::APPOINTMENT_STATE_BOOKED);
  *moved.mutable_slot()->mutable_start_time() = ToProtoTime(clock_.Now() + absl::Minutes(30));
  Record(NextVersion(moved, booking::v1::APPOINTMENT_STATE_CHECKED_IN));
  versions_.standing_ = Standing{3, booking::v1::APPOINTMENT_STATE_CHECKED_IN};
  dispatcher_->RunBatch();
  EXPECT_EQ(mailer_.tries_, 0);
  EXPECT_EQ(First().reason(), "SUPERSEDED");
}

TEST_P(DispatcherTest, DropsAMessageOfAnAppointmentThatBookingDoesNotHave) {
  Record(booked_);
  versions_.standing_ = WithReason(absl::NotFoundError("none"), "APPOINTMENT_NOT_FOUND");
  dispatcher_->RunBatch();
  EXPECT_EQ(mailer_.tries_, 0);
  EXPECT_EQ(First().reason(), "APPOINTMENT_NOT_FOUND");
}

TEST_P(DispatcherTest, DropsAReminderThatWouldComeAfterTheBegin) {
  Record(booked_);
  clock_.Advance(absl::Hours(72));
  while (dispatcher_->RunBatch()) continue;
  EXPECT_EQ(mailer_.tries_, 0);
  EXPECT_THAT(observer_.counts_, ElementsAre(std::pair("dropped VISIT_BEGUN", 3)));
}

TEST_P(DispatcherTest, RemindsOnceAfterAnOutageThatBothRemindersWaitedThrough) {
  Record(booked_);
  dispatcher_->RunBatch();
  clock_.Advance(absl::Hours(71));
  while (dispatcher_->RunBatch()) continue;
  ASSERT_THAT(mailer_.taken_, SizeIs(2));
  EXPECT_THAT(mailer_.taken_[1].subject, HasSubstr("starts at"));
  EXPECT_THAT(observer_.counts_, ElementsAre(std::pair("dropped NEXT_REMINDER_DUE", 1), std::pair("sent", 2)));
}

TEST_P(DispatcherTest, SendsNothingBlindlyWhileBookingCannotBeAsked) {
  Record(booked_);
  Record(SampleAppointment(clock_.Now() + absl::Hours(5), store::NewName("appointments")));
  versions_.standing_ = absl::UnavailableError("down");
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(dispatcher_->RunBatch());
    clock_.Advance(kBookingRetry);
  }
  // One question each time, not one for each message.
  EXPECT_EQ(versions_.asked_, 20);
  EXPECT_EQ(mailer_.tries_, 0);
  EXPECT_EQ(First().attempts(), 0);
  EXPECT_EQ(First().reason(), "BOOKING_UNREACHABLE");
  versions_.standing_ = Standing{1, booking::v1::APPOINTMENT_STATE_BOOKED};
  dispatcher_->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(2));
}

TEST_P(DispatcherTest, StopsTheBatchWheneverBookingCannotBeAskedAboutAny) {
  Record(booked_);
  for (const absl::Status& failure : {absl::UnavailableError("down"), absl::DeadlineExceededError("slow"),
                                      absl::ResourceExhaustedError("busy"), absl::UnauthenticatedError("who")}) {
    versions_.standing_ = failure;
    dispatcher_->RunBatch();
    EXPECT_EQ(First().attempts(), 0) << failure;
    EXPECT_EQ(First().reason(), "BOOKING_UNREACHABLE") << failure;
    clock_.Advance(kBookingRetry);
  }
}

TEST_P(DispatcherTest, AMessageThatBookingRefusesToAnswerForHoldsUpNoOther) {
  Record(booked_);
  const auto other = SampleAppointment(clock_.Now() + absl::Hours(50), store::NewName("appointments"));
  Record(other);
  versions_.poison_ = booked_.name();
  for (int i = 1; i <= kMostAttempts; ++i) {
    dispatcher_->RunBatch();
    EXPECT_THAT(mailer_.taken_, SizeIs(1)) << "the other's";
    EXPECT_EQ(First().attempts(), i);
    clock_.Advance(BackoffCeiling(i));
  }
  EXPECT_EQ(First().state(), v1::MESSAGE_STATE_DEAD);
  EXPECT_EQ(First().reason(), "INVALID_FIELD");
}

TEST_P(DispatcherTest, ACrashAfterTheClaimCostsTheLeaseAndIsCounted) {
  Record(booked_);
  ASSERT_THAT(messages_.Claim(kBatch, kLease), IsOkAndHolds(SizeIs(1)));
  dispatcher_->RunBatch();
  EXPECT_EQ(mailer_.tries_, 0);
  clock_.Advance(kLease);
  MakeDispatcher()->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(1));
  EXPECT_THAT(observer_.counts_, ElementsAre(std::pair("sent", 1), std::pair("unknown", 1)));
}

TEST_P(DispatcherTest, AMessageThatEndsEveryProcessIsGivenUp) {
  Record(booked_);
  for (int i = 0; i < kMostAttempts; ++i) {
    ASSERT_THAT(messages_.Claim(kBatch, kLease), IsOkAndHolds(SizeIs(1)));
    clock_.Advance(kLease);
  }
  dispatcher_->RunBatch();
  EXPECT_EQ(mailer_.tries_, 0);
  EXPECT_EQ(First().state(), v1::MESSAGE_STATE_DEAD);
  EXPECT_EQ(First().reason(), "OUTCOME_UNKNOWN");
}

TEST_P(DispatcherTest, GivesUpAfterEightTries) {
  Record(booked_);
  mailer_.script_ = [] { return MailDeferred(451); };
  for (int i = 1; i <= kMostAttempts; ++i) {
    EXPECT_EQ(First().state(), v1::MESSAGE_STATE_QUEUED);
    dispatcher_->RunBatch();
    EXPECT_EQ(First().attempts(), i);
    clock_.Advance(BackoffCeiling(i));
  }
  EXPECT_EQ(First().state(), v1::MESSAGE_STATE_DEAD);
  EXPECT_EQ(First().reason(), "MAIL_DEFERRED");
  dispatcher_->RunBatch();
  EXPECT_EQ(mailer_.tries_, kMostAttempts);
  EXPECT_THAT(observer_.counts_,
              ElementsAre(std::pair("dead MAIL_DEFERRED", 1), std::pair("retried MAIL_DEFERRED", 7)));
}

TEST_P(DispatcherTest, GivesUpAtOnceWhenTheServerRefusesForGood) {
  Record(booked_);
  mailer_.script_ = [] { return MailRefused(550); };
  dispatcher_->RunBatch();
  EXPECT_EQ(First().state(), v1::MESSAGE_STATE_DEAD);
  EXPECT_EQ(First().reason(), "MAIL_REFUSED");
  EXPECT_EQ(First().attempts(), 1);
}

TEST_P(DispatcherTest, GivesUpWhatNoCarrierIsThereFor) {
  Plan plan = PlanFor(booked_, clock_.Now());
  for (PlannedMessage& planned : plan.messages) planned.channel = v1::CHANNEL_SMS;
  ASSERT_THAT(messages_.Record({"services/booking", "Record", store::NewUuid(), "hash"}, booked_, plan), IsOk());
  const std::string name = First().name();
  dispatcher_->RunBatch();
  EXPECT_EQ(mailer_.tries_, 0);
  EXPECT_EQ(messages_.Get(name)->state(), v1::MESSAGE_STATE_DEAD);
  EXPECT_EQ(messages_.Get(name)->reason(), "CHANNEL_NOT_CONFIGURED");
}

TEST(SendBudgetTest, HasRoomForCarriersThatAreAskedAndTried) {
  const absl::Duration carriers = kLatestTry + kCarrierTime;
  EXPECT_LE(2 * absl::Seconds(2) + 2 * carriers, kSendBudget - absl::Seconds(2));
}

TEST_P(DispatcherTest, PutsBackWhatItsLeaseIsTooShortFor) {
  Record(booked_);
  for (int i = 0; i < 9; ++i) {
    Record(SampleAppointment(clock_.Now() + absl::Minutes(50), store::NewName("appointments")));
  }
  mailer_.script_ = [&] {
    clock_.Advance(absl::Seconds(20));
    return absl::OkStatus();
  };
  dispatcher_->RunBatch();
  // 0, 20, 40 and 60 s leave 60 s or more of two minutes.
  EXPECT_THAT(mailer_.taken_, SizeIs(4));
  dispatcher_->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(8));
  EXPECT_THAT(observer_.counts_, ElementsAre(std::pair("sent", 8)));
}

TEST_P(DispatcherTest, PutsTheBatchBackWhenItIsToldToStop) {
  Record(booked_);
  Record(SampleAppointment(clock_.Now() + absl::Hours(50), store::NewName("appointments")));
  mailer_.script_ = [&] {
    dispatcher_->Stop();
    return absl::OkStatus();
  };
  EXPECT_FALSE(dispatcher_->RunBatch());
  EXPECT_EQ(mailer_.tries_, 1);
  MakeDispatcher()->RunBatch();
  EXPECT_THAT(observer_.counts_, ElementsAre(std::pair("sent", 2)));
}

TEST_P(DispatcherTest, ClaimsNothingOnceItIsStopped) {
  Record(booked_);
  dispatcher_->Stop();
  EXPECT_FALSE(dispatcher_->RunBatch());
  ASSERT_OK_AND_ASSIGN(const auto claimed, messages_.Claim(kBatch, kLease));
  ASSERT_THAT(claimed, SizeIs(1));
  EXPECT_EQ(claimed[0].fence, 1) << "the first claim";
}

TEST_P(DispatcherTest, SaysWhetherMoreMayBeDue) {
  for (int i = 0; i < kBatch + 1; ++i) {
    Record(SampleAppointment(clock_.Now() + absl::Minutes(50), store::NewName("appointments")));
  }
  EXPECT_TRUE(dispatcher_->RunBatch());
  EXPECT_FALSE(dispatcher_->RunBatch());
  EXPECT_THAT(mailer_.taken_, SizeIs(kBatch + 1));
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, DispatcherTest, testing::ValuesIn(store::Engines()), store::EngineName());

TEST(BackoffTest, DoublesUpToAnHour) {
  EXPECT_EQ(BackoffCeiling(1), absl::Minutes(1));
  EXPECT_EQ(BackoffCeiling(2), absl::Minutes(2));
  EXPECT_EQ(BackoffCeiling(6), absl::Minutes(32));
  EXPECT_EQ(BackoffCeiling(7), absl::Hours(1));
  EXPECT_EQ(BackoffCeiling(1'000'000), absl::Hours(1));
}

TEST(BackoffTest, SpreadsOverTheWholeWait) {
  absl::BitGen random;
  for (int32_t attempts = 1; attempts <= kMostAttempts; ++attempts) {
    absl::Duration least = absl::InfiniteDuration(), most = absl::ZeroDuration();
    for (int i = 0; i < 1000; ++i) {
      const absl::Duration wait = Backoff(attempts, random);
      ASSERT_GE(wait, absl::ZeroDuration());
      ASSERT_LE(wait, BackoffCeiling(attempts));
      least = std::min(least, wait);
      most = std::max(most, wait);
    }
    EXPECT_LT(least, 0.1 * BackoffCeiling(attempts));
    EXPECT_GT(most, 0.9 * BackoffCeiling(attempts));
  }
}

}  // namespace
}  // namespace lumbar::notification
