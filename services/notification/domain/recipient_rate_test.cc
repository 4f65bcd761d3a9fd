// Over every engine: no telephone and no mailbox gets more than it may, and nothing is lost or doubled for it.
#include "services/notification/domain/recipient_rate.h"

#include <gmock/gmock.h>

#include <map>
#include <thread>

#include "common/time/proto_time.h"
#include "services/notification/domain/backoff.h"
#include "services/notification/store/sweep.h"
#include "services/notification/testing/dispatcher_fixture.h"

namespace lumbar::notification {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

// Three at once, then one each 31 minutes.
constexpr int kPerHour = 4;
constexpr absl::Duration kNext = absl::Minutes(31);

class RecipientRateTest : public DispatcherTest {
 protected:
  std::unique_ptr<Dispatcher> MakeDispatcher(MessageStore& messages) {
    return std::make_unique<Dispatcher>(Dispatcher::Ports{messages,
                                                          preferences_,
                                                          versions_,
                                                          calendar_,
                                                          {{v1::CHANNEL_EMAIL, &mailer_}, {v1::CHANNEL_SMS, &texter_}},
                                                          *templates_,
                                                          observer_,
                                                          clock_});
  }
  // A confirmation that is due now, of a visit in so long.
  void Confirm(absl::Duration ahead = absl::Hours(24), const std::string& email = "ada@example.com",
               v1::Channel channel = v1::CHANNEL_EMAIL) {
    auto visit = SampleAppointment(clock_.Now() + ahead, store::NewName("appointments"));
    visit.mutable_contact()->set_email(email);
    Plan plan = PlanFor(visit, clock_.Now());
    plan.messages = {{v1::MESSAGE_KIND_CONFIRMATION, clock_.Now(), "", absl::InfiniteFuture(), channel}};
    ASSERT_THAT(messages_.Record({"services/booking", "Record", store::NewUuid(), "hash"}, visit, plan), IsOk());
  }
  void ConfirmMany(int count) {
    for (int i = 0; i < count; ++i) Confirm();
  }
  std::map<std::string, int> Standing() {
    std::map<std::string, int> standing;
    const std::vector<v1::Message> all = messages_.List({"", {}, {}, 1000}).value();
    for (const v1::Message& message : all) {
      ++standing[v1::MessageState_Name(message.state()).substr(14) + " " + message.reason()];
    }
    return standing;
  }
  int64_t Rooms() {
    return database_
        ->Read([](soci::session& session) -> absl::StatusOr<int64_t> {
          int64_t count = 0;
          session << "SELECT COUNT(*) FROM recipient_rate", soci::into(count);
          return count;
        })
        .value();
  }

  ScriptedMailer texter_;
  SqlMessageStore limited_{*database_, clock_, RecipientRate(kPerHour)};
};

TEST_P(RecipientRateTest, HoldsBackWhatIsTooMuchAndSendsItWhenThereIsRoom) {
  const auto dispatcher = MakeDispatcher(limited_);
  ConfirmMany(5);
  dispatcher->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(3));
  EXPECT_THAT(Standing(), ElementsAre(std::pair("QUEUED RECIPIENT_RATE", 2), std::pair("SENT ", 3)));
  ASSERT_OK_AND_ASSIGN(const auto held, limited_.List({"", v1::MESSAGE_STATE_QUEUED, {}, 10}));
  for (const v1::Message& message : held) {
    EXPECT_EQ(message.attempts(), 0) << "it costs no try";
  }
  clock_.Advance(kNext - absl::Seconds(1));
  dispatcher->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(3));
  clock_.Advance(absl::Seconds(1));
  dispatcher->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(4));
  clock_.Advance(kNext);
  dispatcher->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(5));
  EXPECT_THAT(observer_.counts_, ElementsAre(std::pair("sent", 5)));
}

TEST_P(RecipientRateTest, NoHourHasMoreThanItMayHoweverManyWait) {
  for (const int per_hour : {1, 2, 3, 7}) {
    SqlMessageStore limited(*database_, clock_, RecipientRate(per_hour));
    ConfirmMany(5 * per_hour);
    std::vector<absl::Time> sent;
    for (int minute = 0; minute < 5 * 62; ++minute) {
      const auto claimed = limited.Claim(kBatch, kLease);
      ASSERT_THAT(claimed, IsOk());
      for (const ClaimedMessage& one : *claimed) {
        sent.push_back(clock_.Now());
        ASSERT_THAT(limited.Settle(one, {v1::MESSAGE_STATE_SENT, "", 1, clock_.Now()}), IsOk());
      }
      clock_.Advance(absl::Minutes(1));
    }
    const auto most = static_cast<size_t>(per_hour);
    EXPECT_GE(sent.size(), most + 4) << "it goes on";
    for (size_t i = most; i < sent.size(); ++i) EXPECT_GE(sent[i] - sent[i - most], absl::Hours(1)) << per_hour;
    clock_.Advance(absl::Hours(24));
    ASSERT_OK_AND_ASSIGN(const auto rest, messages_.Claim(1000, kLease));
    for (const ClaimedMessage& one : rest) {
      ASSERT_THAT(messages_.Settle(one, {v1::MESSAGE_STATE_DROPPED, "", 0}), IsOk());
    }
  }
}

TEST_P(RecipientRateTest, KnowsAnAddressHoweverItIsWrittenAndEachForItself) {
  const auto dispatcher = MakeDispatcher(limited_);
  for (const char* email :
       {"ada@example.com", "Ada@Example.com", "ADA@EXAMPLE.COM", "aDA@example.com", "bob@example.com"}) {
    Confirm(absl::Hours(24), email);
  }
  Confirm(absl::Hours(24), "ada@example.com", v1::CHANNEL_SMS);
  dispatcher->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(4));
  EXPECT_THAT(texter_.taken_, SizeIs(1));
  EXPECT_THAT(Standing(), ElementsAre(std::pair("QUEUED RECIPIENT_RATE", 1), std::pair("SENT ", 5)));
}

TEST_P(RecipientRateTest, NeverHoldsBackThatAVisitIsOffOrWhatGoesToSomebodyElse) {
  const auto dispatcher = MakeDispatcher(limited_);
  ConfirmMany(4);
  dispatcher->RunBatch();
  versions_.standing_ = notification::Standing{2, booking::v1::APPOINTMENT_STATE_CANCELLED, "clinicians/ida"};
  for (int i = 0; i < 3; ++i) {
    auto visit = SampleAppointment(clock_.Now() + absl::Hours(24), store::NewName("appointments"));
    visit.mutable_slot()->set_clinician("clinicians/ida");
    Record(NextVersion(visit, booking::v1::APPOINTMENT_STATE_CANCELLED));
  }
  dispatcher->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(3 + 6));
  EXPECT_THAT(Standing(), ElementsAre(std::pair("QUEUED RECIPIENT_RATE", 1), std::pair("SENT ", 9)));
}

TEST_P(RecipientRateTest, DropsWhatIsOfNoUseByThen) {
  const auto dispatcher = MakeDispatcher(limited_);
  for (int i = 0; i < 4; ++i) Confirm(kNext / 2);
  dispatcher->RunBatch();
  clock_.Advance(kNext);
  dispatcher->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(3));
  EXPECT_THAT(Standing(), ElementsAre(std::pair("DROPPED VISIT_BEGUN", 1), std::pair("SENT ", 3)));
}

TEST_P(RecipientRateTest, GivesBackTheRoomOfATryThatSurelyFailed) {
  const auto dispatcher = MakeDispatcher(limited_);
  ConfirmMany(3);
  mailer_.script_ = [] { return MailDeferred(451); };
  dispatcher->RunBatch();
  mailer_.script_ = nullptr;
  ConfirmMany(3);
  dispatcher->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(3));
}

TEST_P(RecipientRateTest, KeepsTheRoomOfATryThatMayHaveReachedThem) {
  const auto dispatcher = MakeDispatcher(limited_);
  ConfirmMany(3);
  mailer_.script_ = [] { return MailOutcomeUnknown(); };
  dispatcher->RunBatch();
  mailer_.script_ = nullptr;
  Confirm();
  dispatcher->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(0));
}

TEST_P(RecipientRateTest, TakesNoMoreRoomForWhatAnEarlierTrySent) {
  const auto dispatcher = MakeDispatcher(limited_);
  ConfirmMany(1);
  mailer_.script_ = [] { return SmsOutcomeUnknown(); };
  dispatcher->RunBatch();
  mailer_.script_ = nullptr;
  mailer_.answer_ = absl::OkStatus();
  clock_.Advance(BackoffCeiling(1));
  dispatcher->RunBatch();
  EXPECT_THAT(Standing(), ElementsAre(std::pair("SENT ", 1)));
  ConfirmMany(2);
  dispatcher->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(2));
}

TEST_P(RecipientRateTest, WhatIsHeldBackAfterACrashIsStillInDoubt) {
  ConfirmMany(3);
  MakeDispatcher(limited_)->RunBatch();
  ConfirmMany(1);
  ASSERT_THAT(messages_.Claim(1, kLease), IsOkAndHolds(SizeIs(1)));
  clock_.Advance(kLease);
  ASSERT_THAT(limited_.Claim(kBatch, kLease), IsOkAndHolds(SizeIs(0)));
  clock_.Advance(kNext);
  ASSERT_OK_AND_ASSIGN(const auto claimed, limited_.Claim(kBatch, kLease));
  ASSERT_THAT(claimed, SizeIs(1));
  EXPECT_TRUE(claimed[0].recovered);
  EXPECT_EQ(claimed[0].message.attempts(), 2);
}

TEST_P(RecipientRateTest, ReplicasThatClaimAtOnceShareTheRoom) {
  constexpr int kWaiting = 24;
  ConfirmMany(kWaiting);
  const auto other = Open();
  SqlMessageStore second(*other, clock_, RecipientRate(kPerHour));
  std::atomic<int> claimed = 0;
  std::vector<std::thread> replicas;
  replicas.reserve(4);
  for (int i = 0; i < 4; ++i) {
    replicas.emplace_back([&, i] {
      for (int round = 0; round < kWaiting; ++round) {
        const auto batch = (i % 2 == 0 ? limited_ : second).Claim(1, kLease);
        ASSERT_THAT(batch, IsOk());
        claimed += static_cast<int>(batch->size());
      }
    });
  }
  for (std::thread& replica : replicas) replica.join();
  EXPECT_EQ(claimed, 3);
}

TEST_P(RecipientRateTest, KeepsNoAddressAndOnlyWhatMatters) {
  ConfirmMany(1);
  ASSERT_THAT(limited_.Claim(kBatch, kLease), IsOkAndHolds(SizeIs(1)));
  const auto kept = database_->Read([](soci::session& session) -> absl::StatusOr<std::string> {
    std::string recipient;
    session << "SELECT recipient FROM recipient_rate", soci::into(recipient);
    return recipient;
  });
  EXPECT_THAT(kept.value(), testing::MatchesRegex("[0-9a-f]{64}"));
  EXPECT_THAT(Sweep(*database_, clock_), IsOkAndHolds(false));
  EXPECT_EQ(Rooms(), 1);
  clock_.Advance(kNext + absl::Seconds(1));
  EXPECT_THAT(Sweep(*database_, clock_), IsOkAndHolds(false));
  EXPECT_EQ(Rooms(), 0);
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, RecipientRateTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::notification
