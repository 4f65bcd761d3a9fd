// Over every engine: how claims ended is saved a few at a time, and soon enough.
#include "services/notification/domain/settlements.h"

#include <gmock/gmock.h>

#include "services/notification/testing/dispatcher_fixture.h"

namespace lumbar::notification {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class SettlementsTest : public DispatcherTest {
 protected:
  void Claim(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      Record(SampleAppointment(clock_.Now() + absl::Minutes(50), store::NewName("appointments")));
    }
    ASSERT_OK_AND_ASSIGN(claimed_, messages_.Claim(static_cast<int>(count), kLease));
    ASSERT_THAT(claimed_, SizeIs(count));
  }
  void AddSent(const ClaimedMessage& one) {
    settlements_.Add(one, {v1::MESSAGE_STATE_SENT, "", one.message.attempts(), clock_.Now()},
                     [](DeliveryObserver& observer) { observer.Sent(v1::MESSAGE_KIND_CONFIRMATION); });
  }
  void AddUntried(const ClaimedMessage& one) {
    settlements_.Add(one, {v1::MESSAGE_STATE_QUEUED, "LATER", one.message.attempts() - 1, clock_.Now()});
  }
  size_t In(v1::MessageState state) { return messages_.List({"", state, {}, 1000}).value().size(); }

  Settlements settlements_{messages_, observer_, clock_};
  std::vector<ClaimedMessage> claimed_;
};

TEST_P(SettlementsTest, SavesWhatWasTriedOnceThereIsEnoughOfIt) {
  Claim(kMostUnsaved);
  for (const ClaimedMessage& one : claimed_) {
    EXPECT_EQ(In(v1::MESSAGE_STATE_SENT), 0u);
    AddSent(one);
    settlements_.SaveIfDue();
  }
  EXPECT_EQ(In(v1::MESSAGE_STATE_SENT), kMostUnsaved);
  settlements_.Save();
  EXPECT_THAT(observer_.counts_, ElementsAre(std::pair("sent", static_cast<int>(kMostUnsaved)))) << "once";
}

TEST_P(SettlementsTest, SavesATryOnceTheFirstHasWaitedLongEnough) {
  Claim(2);
  AddSent(claimed_[0]);
  clock_.Advance(kLongestUnsaved - absl::Microseconds(1));
  AddSent(claimed_[1]);
  settlements_.SaveIfDue();
  EXPECT_EQ(In(v1::MESSAGE_STATE_SENT), 0u);
  clock_.Advance(absl::Microseconds(1));
  settlements_.SaveIfDue();
  EXPECT_EQ(In(v1::MESSAGE_STATE_SENT), 2u);
}

TEST_P(SettlementsTest, WhatWasNotTriedMayWait) {
  Claim(kMostUnsaved + 1);
  for (const ClaimedMessage& one : claimed_) AddUntried(one);
  clock_.Advance(kLongestUnsaved);
  settlements_.SaveIfDue();
  EXPECT_EQ(messages_.Get(claimed_[0].message.name())->reason(), "");
  settlements_.Save();
  EXPECT_EQ(messages_.Get(claimed_[0].message.name())->reason(), "LATER");
}

// A store that can't take what became of messages for a while, as in a failover.
class AbsentStore final : public SqlMessageStore {
 public:
  using SqlMessageStore::SqlMessageStore;
  absl::StatusOr<std::vector<absl::Status>> SettleAll(absl::Span<const Settled> ended) override {
    if (absent_) return absl::UnavailableError("failing over");
    return SqlMessageStore::SettleAll(ended);
  }
  bool absent_ = true;
};

TEST_P(SettlementsTest, KeepsWhatTheStoreCantTakeUntilItCan) {
  AbsentStore store(*database_, clock_);
  Settlements settlements(store, observer_, clock_);
  Claim(2);
  for (const ClaimedMessage& one : claimed_) {
    settlements.Add(one, {v1::MESSAGE_STATE_SENT, "", one.message.attempts(), clock_.Now()},
                    [](DeliveryObserver& observer) { observer.Sent(v1::MESSAGE_KIND_CONFIRMATION); });
  }
  EXPECT_FALSE(settlements.SaveOrKeep());
  claimed_.clear();
  EXPECT_FALSE(settlements.Save());
  EXPECT_THAT(observer_.counts_, IsEmpty());
  store.absent_ = false;
  clock_.Advance(kLease - absl::Seconds(1));
  EXPECT_TRUE(settlements.Save());
  EXPECT_THAT(observer_.counts_, ElementsAre(std::pair("sent", 2)));
  EXPECT_EQ(In(v1::MESSAGE_STATE_SENT), 2u);
}

TEST_P(SettlementsTest, ForgetsWhatTheStoreDidntTakeBeforeTheLeaseEnded) {
  AbsentStore store(*database_, clock_);
  Settlements settlements(store, observer_, clock_);
  Claim(1);
  settlements.Add(claimed_[0], {v1::MESSAGE_STATE_SENT, "", 1, clock_.Now()});
  EXPECT_FALSE(settlements.SaveOrKeep());
  clock_.Advance(kLease);
  EXPECT_TRUE(settlements.Save()) << "it is somebody else's by now";
  EXPECT_EQ(In(v1::MESSAGE_STATE_SENT), 0u);
}

TEST_P(SettlementsTest, SendsNothingMoreWhileTheStoreCantTakeWhatWasSent) {
  AbsentStore store(*database_, clock_);
  Dispatcher dispatcher(
      {store, preferences_, versions_, calendar_, {{v1::CHANNEL_EMAIL, &mailer_}}, *templates_, observer_, clock_});
  for (size_t i = 0; i < 2 * kMostUnsaved; ++i) {
    Record(SampleAppointment(clock_.Now() + absl::Minutes(50), store::NewName("appointments")));
  }
  dispatcher.RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(kMostUnsaved));
  dispatcher.RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(kMostUnsaved));
  store.absent_ = false;
  while (mailer_.taken_.size() < 2 * kMostUnsaved) ASSERT_NO_FATAL_FAILURE(dispatcher.RunBatch());
  EXPECT_EQ(In(v1::MESSAGE_STATE_SENT), 2 * kMostUnsaved);
  EXPECT_THAT(mailer_.taken_, SizeIs(2 * kMostUnsaved)) << "each once";
}

TEST_P(SettlementsTest, CountsOnlyWhatIsSaved) {
  Claim(2);
  clock_.Advance(kLease);
  ASSERT_THAT(messages_.Claim(1, kLease), IsOkAndHolds(SizeIs(1)));
  for (const ClaimedMessage& one : claimed_) AddSent(one);
  settlements_.Save();
  EXPECT_THAT(observer_.counts_, ElementsAre(std::pair("sent", 1))) << "the other claim is lost";
  EXPECT_EQ(In(v1::MESSAGE_STATE_SENT), 1u);
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, SettlementsTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::notification
