// Over every engine: how the care team's answers travel.
#include <gmock/gmock.h>

#include "services/notification/domain/backoff.h"
#include "services/notification/testing/conversation_fixture.h"

namespace lumbar::notification {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class DispatcherRepliesTest : public ConversationFixture {
 protected:
  void SetUp() override {
    ConversationFixture::SetUp();
    // It is 1:13 in New York.
    Text("Can I come at 3?");
  }
  // A reply that the provider refuses for good.
  std::string GiveUp(const std::string& text) {
    const std::string name = Reply(Conversation(), text)->name();
    texter_.script_ = [] { return SmsRefused(21211); };
    dispatcher_->RunBatch();
    texter_.script_ = nullptr;
    clock_.Advance(absl::Seconds(1));
    return name;
  }
  v1::ReplayDeadLettersResponse ReplayMany() {
    return messages_.ReplayMany({"staff/1", "Replay", store::NewUuid(), "hash"}, {.limit = 10})->response;
  }
  v1::MessageState Delivery() { return Show(Conversation().name()).texts(0).delivery(); }
};

TEST_P(DispatcherRepliesTest, ReachesWhoWroteAMomentAgoAlsoAtNight) {
  ASSERT_THAT(Reply(Conversation(), "Yes & ¡sí!"), IsOk());
  versions_.standing_ = absl::UnavailableError("down");
  dispatcher_->RunBatch();
  ASSERT_THAT(texter_.taken_, SizeIs(1));
  EXPECT_EQ(texter_.taken_[0].to_address, kNumber);
  EXPECT_EQ(texter_.taken_[0].text, "Yes & ¡sí!");
  EXPECT_EQ(versions_.asked_, 0) << "booking knows nothing of it";
  EXPECT_EQ(Delivery(), v1::MESSAGE_STATE_SENT);
}

TEST_P(DispatcherRepliesTest, WaitsForNothingThatBookingIsAskedAbout) {
  Record(booked_);
  clock_.Advance(absl::Seconds(1));
  ASSERT_THAT(Reply(Conversation(), "Yes."), IsOk());
  EXPECT_EQ(woken_, 1);
  versions_.standing_ = absl::UnavailableError("down");
  dispatcher_->RunBatch();
  EXPECT_THAT(texter_.taken_, SizeIs(1));
  EXPECT_THAT(mailer_.taken_, IsEmpty());
}

TEST_P(DispatcherRepliesTest, WaitsForTheMorningIfThePatientWroteHoursAgo) {
  clock_.Advance(absl::Hours(2) + absl::Seconds(1));
  ASSERT_THAT(Reply(Conversation(), "Yes."), IsOk());
  dispatcher_->RunBatch();
  EXPECT_THAT(texter_.taken_, IsEmpty());
  clock_.Advance(absl::Hours(4) + absl::Minutes(45));
  dispatcher_->RunBatch();
  EXPECT_THAT(texter_.taken_, IsEmpty()) << "7:58";
  clock_.Advance(absl::Minutes(2));
  dispatcher_->RunBatch();
  EXPECT_THAT(texter_.taken_, SizeIs(1));
}

TEST_P(DispatcherRepliesTest, KeepsTheHoursOfThePatientsOwnZone) {
  booking::v1::Appointment visit = booked_;
  visit.mutable_contact()->set_time_zone("Asia/Tokyo");
  Prefer({});
  Record(visit);
  ASSERT_THAT(Close(Conversation()), IsOk());
  Text("Can I come at 3?");
  clock_.Advance(absl::Hours(2) + absl::Seconds(1));
  ASSERT_THAT(Reply(Conversation(), "Yes."), IsOk());
  dispatcher_->RunBatch();
  EXPECT_THAT(texter_.taken_, SizeIs(1)) << "it is the afternoon there";
}

TEST_P(DispatcherRepliesTest, IsDroppedIfThePatientWroteStopMeanwhile) {
  ASSERT_THAT(Reply(Conversation(), "Yes."), IsOk());
  Text("STOP");
  dispatcher_->RunBatch();
  EXPECT_THAT(texter_.taken_, IsEmpty());
  EXPECT_EQ(observer_.counts_["dropped OPTED_OUT"], 1);
  EXPECT_EQ(Conversation().state(), v1::CONVERSATION_STATE_WAITING) << "somebody has to call";
}

TEST_P(DispatcherRepliesTest, WhatDoesntReachThePatientLeavesThemWaitingAndStaffIsToldSo) {
  ASSERT_THAT(Reply(Conversation(), "Yes."), IsOk());
  texter_.script_ = [] { return SmsRefused(21211); };
  dispatcher_->RunBatch();
  EXPECT_EQ(Delivery(), v1::MESSAGE_STATE_DEAD);
  EXPECT_EQ(Conversation().state(), v1::CONVERSATION_STATE_WAITING);
  EXPECT_EQ(EscalateOverdue(conversations_, text_observer_, true), 1);

  texter_.script_ = nullptr;
  ASSERT_OK_AND_ASSIGN(const v1::Message second, Reply(Conversation(), "Yes."));
  dispatcher_->RunBatch();
  EXPECT_EQ(Conversation().state(), v1::CONVERSATION_STATE_ANSWERED);
  ASSERT_THAT(messages_.RecordStatus({second.name(), "twilio", "SM1", v1::MESSAGE_STATE_UNDELIVERED, "SMS_30003"}),
              IsOk());
  EXPECT_EQ(Conversation().state(), v1::CONVERSATION_STATE_WAITING);
  ASSERT_THAT(Close(Conversation()), IsOk());
  ASSERT_THAT(messages_.RecordStatus({second.name(), "twilio", "SM1", v1::MESSAGE_STATE_UNDELIVERED, "SMS_30003"}),
              IsOk());
  EXPECT_EQ(Conversation().state(), v1::CONVERSATION_STATE_CLOSED) << "a repeat changes nothing";
}

TEST_P(DispatcherRepliesTest, WhatDoesntReachThePatientOpensAConversationThatWasClosedMeanwhile) {
  ASSERT_THAT(Reply(Conversation(), "Come now."), IsOk());
  ASSERT_THAT(Close(Conversation()), IsOk());
  texter_.script_ = [] { return SmsRefused(21211); };
  dispatcher_->RunBatch();
  EXPECT_EQ(Conversation().state(), v1::CONVERSATION_STATE_WAITING);
  EXPECT_EQ(EscalateOverdue(conversations_, text_observer_, true), 1) << "and staff is told";
}

TEST_P(DispatcherRepliesTest, IsTriedAgainAndSaysTheSame) {
  ASSERT_THAT(Reply(Conversation(), "First."), IsOk());
  clock_.Advance(absl::Minutes(1));
  ASSERT_THAT(Reply(Conversation(), "Second."), IsOk());
  texter_.script_ = [] { return SmsDeferred(503); };
  dispatcher_->RunBatch();
  EXPECT_EQ(Delivery(), v1::MESSAGE_STATE_QUEUED);
  texter_.script_ = nullptr;
  clock_.Advance(BackoffCeiling(1));
  dispatcher_->RunBatch();
  ASSERT_THAT(texter_.taken_, SizeIs(2));
  EXPECT_EQ(texter_.taken_[0].text, "First.");
  EXPECT_EQ(texter_.taken_[1].text, "Second.");
}

TEST_P(DispatcherRepliesTest, WithoutSomebodyToTellAnAlertIsDropped) {
  Text("I can't pee");
  Dispatcher lonely(Dispatcher::Ports{
      messages_, preferences_, versions_, calendar_, {{v1::CHANNEL_EMAIL, &mailer_}}, *templates_, observer_, clock_});
  lonely.RunBatch();
  EXPECT_EQ(observer_.counts_["dropped STAFF_EMAIL_MISSING"], 1);
}

TEST_P(DispatcherRepliesTest, IsReplayedWithManyWhileItAnswersTheLastText) {
  GiveUp("Yes.");
  EXPECT_EQ(ReplayMany().replayed_count(), 1);
  dispatcher_->RunBatch();
  ASSERT_THAT(texter_.taken_, SizeIs(1));
  EXPECT_EQ(texter_.taken_[0].text, "Yes.");
}

TEST_P(DispatcherRepliesTest, IsDroppedByAReplayOfManyIfThePatientWasAnsweredSince) {
  const std::string first = GiveUp("Yes.");
  ASSERT_THAT(Reply(Conversation(), "Call us, please."), IsOk());
  dispatcher_->RunBatch();
  ASSERT_THAT(texter_.taken_, SizeIs(1));
  const auto answer = ReplayMany();
  EXPECT_EQ(answer.dropped_count(), 1);
  EXPECT_EQ(answer.replayed_count(), 0);
  EXPECT_EQ(answer.remaining_count(), 0);
  dispatcher_->RunBatch();
  EXPECT_THAT(texter_.taken_, SizeIs(1));
  EXPECT_EQ(messages_.Get(first)->state(), v1::MESSAGE_STATE_DROPPED);
  EXPECT_EQ(messages_.Get(first)->reason(), "STALE");
}

TEST_P(DispatcherRepliesTest, IsDroppedByAReplayOfManyOnceItIsADayOldButNotByOneOfItAlone) {
  const std::string first = GiveUp("Yes."), second = GiveUp("Or at 4.");
  Text("I can't pee");
  mailer_.script_ = [] { return MailRefused(550); };
  dispatcher_->RunBatch();
  clock_.Advance(absl::Hours(24));
  ASSERT_THAT(messages_.Replay({"staff/1", "Replay", store::NewUuid(), "hash"}, second), IsOk());
  EXPECT_EQ(ReplayMany().dropped_count(), 1) << "the alert is a second too young";
  EXPECT_EQ(messages_.Get(first)->reason(), "STALE");
  EXPECT_EQ(messages_.Get(second)->state(), v1::MESSAGE_STATE_QUEUED);
  dispatcher_->RunBatch();
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(ReplayMany().dropped_count(), 1);
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, DispatcherRepliesTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::notification
