// What a patient wants counts when a message is sent, and not when it was planned.
#include <gmock/gmock.h>

#include "services/notification/store/sql_conversation_store.h"
#include "services/notification/testing/dispatcher_fixture.h"
#include "services/notification/testing/opting_out.h"

namespace lumbar::notification {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class DispatcherWishesTest : public DispatcherTest {};

TEST_P(DispatcherWishesTest, SendsNothingToWhoOptedOutMeanwhile) {
  Record(booked_);
  v1::Preferences none = NoQuiet();
  none.set_opted_out(true);
  Prefer(none);
  dispatcher_->RunBatch();
  EXPECT_THAT(mailer_.taken_, IsEmpty());
  EXPECT_EQ(First().state(), v1::MESSAGE_STATE_DROPPED);
  EXPECT_EQ(First().reason(), "OPTED_OUT");
  EXPECT_EQ(observer_.counts_["dropped OPTED_OUT"], 1);
}

TEST_P(DispatcherWishesTest, SendsNoTextToANumberThatWroteStop) {
  Plan plan = PlanFor(booked_, clock_.Now());
  plan.messages = {{v1::MESSAGE_KIND_CONFIRMATION, clock_.Now(), "", absl::InfiniteFuture(), v1::CHANNEL_SMS}};
  ASSERT_THAT(messages_.Record({"services/booking", "Record", store::NewUuid(), "hash"}, booked_, plan), IsOk());
  SqlConversationStore conversations(*database_, clock_);
  ASSERT_THAT(SetOptedOut(conversations, booked_.contact().phone_number(), true), IsOk());
  dispatcher_->RunBatch();
  EXPECT_THAT(mailer_.taken_, IsEmpty());
  EXPECT_EQ(observer_.counts_["dropped OPTED_OUT"], 1);
  dispatcher_->RunBatch();
  ASSERT_THAT(mailer_.taken_, SizeIs(1)) << "by mail instead";
  EXPECT_EQ(mailer_.taken_[0].to_address, booked_.contact().email());
}

TEST_P(DispatcherWishesTest, HoldsAReminderThatComesUpAtNightUntilTheMorning) {
  Prefer({});
  // It is 1:13 in New York, and so it is a day before the visit.
  Record(booked_);
  dispatcher_->RunBatch();
  ASSERT_THAT(mailer_.taken_, SizeIs(1));  // The confirmation makes no noise.
  clock_.Advance(absl::Hours(48));
  dispatcher_->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(1));
  clock_.Advance(absl::Hours(6) + absl::Minutes(46));
  dispatcher_->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(1));
  clock_.Advance(absl::Minutes(1));
  dispatcher_->RunBatch();
  ASSERT_THAT(mailer_.taken_, SizeIs(2));
  EXPECT_THAT(mailer_.taken_[1].subject, HasSubstr("Reminder"));
}

TEST_P(DispatcherWishesTest, DropsAReminderThatNightHoldsBeyondTheVisit) {
  Prefer({});
  Record(booked_);
  clock_.Advance(absl::Hours(69));
  dispatcher_->RunBatch();
  EXPECT_EQ(observer_.counts_["dropped QUIET_HOURS"], 1);
  clock_.Advance(absl::Hours(2));
  dispatcher_->RunBatch();
  EXPECT_EQ(observer_.counts_["dropped QUIET_HOURS"], 2);
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, DispatcherWishesTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::notification
