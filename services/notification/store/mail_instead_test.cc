// A visit of which no text can tell is told by mail, once.
#include <gmock/gmock.h>

#include "common/time/proto_time.h"
#include "services/notification/testing/dispatcher_fixture.h"

namespace lumbar::notification {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class MailInsteadTest : public DispatcherTest {
 protected:
  // Plans the sample visit's confirmation by `channels`.
  void Plan(std::initializer_list<v1::Channel> channels) {
    notification::Plan plan;
    for (const v1::Channel channel : channels) {
      plan.messages.push_back(
          {v1::MESSAGE_KIND_CONFIRMATION, clock_.Now(), "", clock_.Now() + absl::Hours(9), channel});
    }
    ASSERT_THAT(messages_.Record({"services/booking", "Record", store::NewUuid(), "hash"}, booked_, plan), IsOk());
  }
  void End(v1::MessageState state, const std::string& reason) {
    ASSERT_OK_AND_ASSIGN(const auto claimed, messages_.Claim(10, kLease));
    for (const ClaimedMessage& one : claimed) {
      if (one.message.channel() != v1::CHANNEL_SMS) continue;
      ASSERT_THAT(messages_.Settle(one, {state, reason, 1, clock_.Now(), false, "twilio", "SM1"}), IsOk());
      text_ = one.message.name();
    }
  }
  // The mails of the visit, whatever became of them.
  std::vector<v1::Message> Mails() {
    std::vector<v1::Message> mails = messages_.List({booked_.name(), {}, {}, 100}).value();
    std::erase_if(mails, [](const v1::Message& message) { return message.channel() != v1::CHANNEL_EMAIL; });
    return mails;
  }

  std::string text_;
};

TEST_P(MailInsteadTest, WhatIsRefusedForGoodIsMailedAsItWasPlanned) {
  Plan({v1::CHANNEL_SMS});
  const absl::Time planned = clock_.Now();
  clock_.Advance(absl::Hours(1));
  End(v1::MESSAGE_STATE_DEAD, "SMS_REFUSED");
  ASSERT_EQ(Mails().size(), 1);
  const v1::Message mail = Mails()[0];
  EXPECT_EQ(mail.kind(), v1::MESSAGE_KIND_CONFIRMATION);
  EXPECT_EQ(mail.appointment_version(), 1);
  EXPECT_EQ(FromProto(mail.due_time()), clock_.Now());
  EXPECT_EQ(FromProto(mail.expire_time()), planned + absl::Hours(9));
  dispatcher_->RunBatch();
  EXPECT_EQ(messages_.Get(mail.name())->state(), v1::MESSAGE_STATE_SENT);
}

TEST_P(MailInsteadTest, SoIsWhatTheProviderCouldNotDeliver) {
  Plan({v1::CHANNEL_SMS});
  End(v1::MESSAGE_STATE_SENT, "");
  EXPECT_THAT(Mails(), IsEmpty());
  const ProviderStatus lost{text_, "twilio", "SM1", v1::MESSAGE_STATE_UNDELIVERED, "SMS_30003"};
  EXPECT_THAT(messages_.RecordStatus(lost), IsOkAndHolds(true));
  EXPECT_THAT(messages_.RecordStatus(lost), IsOkAndHolds(false));
  EXPECT_EQ(Mails().size(), 1);
}

TEST_P(MailInsteadTest, WhoGetsAMailAnywayGetsNoSecondOne) {
  Plan({v1::CHANNEL_SMS, v1::CHANNEL_EMAIL});
  End(v1::MESSAGE_STATE_DEAD, "SMS_REFUSED");
  EXPECT_EQ(Mails().size(), 1);
}

TEST_P(MailInsteadTest, NorDoesWhoseTextIsReplayedAndRefusedAgain) {
  Plan({v1::CHANNEL_SMS});
  End(v1::MESSAGE_STATE_DEAD, "SMS_REFUSED");
  ASSERT_THAT(messages_.Replay({"staff/1", "Replay", store::NewUuid(), "hash"}, text_), IsOk());
  End(v1::MESSAGE_STATE_DEAD, "SMS_REFUSED");
  EXPECT_EQ(Mails().size(), 1);
}

TEST_P(MailInsteadTest, WhoWantsNoMailEitherGetsNone) {
  Plan({v1::CHANNEL_SMS});
  End(v1::MESSAGE_STATE_DEAD, "SMS_REFUSED");
  v1::Preferences texts_alone = NoQuiet();
  texts_alone.add_opted_out_channels(v1::CHANNEL_EMAIL);
  Prefer(texts_alone);
  dispatcher_->RunBatch();
  EXPECT_THAT(mailer_.taken_, IsEmpty());
  EXPECT_EQ(Mails()[0].reason(), "OPTED_OUT");
}

TEST_P(MailInsteadTest, NothingIsMailedOfAVisitThatWasCancelledMeanwhile) {
  Plan({v1::CHANNEL_SMS});
  End(v1::MESSAGE_STATE_DEAD, "SMS_REFUSED");
  versions_.standing_ = Standing{2, booking::v1::APPOINTMENT_STATE_CANCELLED};
  dispatcher_->RunBatch();
  EXPECT_THAT(mailer_.taken_, IsEmpty());
  EXPECT_EQ(Mails()[0].reason(), "APPOINTMENT_CANCELLED");
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, MailInsteadTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::notification
