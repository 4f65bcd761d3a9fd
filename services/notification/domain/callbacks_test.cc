// Over every engine: what providers tell is believed if signed, kept once, and never takes a message back.
#include "services/notification/domain/callbacks.h"

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>

#include "common/rpc/testing.h"
#include "common/store/resource_name.h"
#include "services/notification/domain/backoff.h"
#include "services/notification/domain/twilio_signature.h"
#include "services/notification/testing/dispatcher_fixture.h"

namespace lumbar::notification {
namespace {

using absl::StatusCode;
using testing::HasSubstr;

constexpr char kToken[] = "12345";
constexpr char kPublicUrl[] = "https://clinic.example";

class RecordedTexts final : public InboundTexts {
 public:
  absl::StatusOr<std::string> Receive(const InboundText& text) override {
    texts_.push_back(text);
    return reply_;
  }
  std::string reply_;
  std::vector<InboundText> texts_;
};

class CallbacksTest : public DispatcherTest {
 protected:
  void SetUp() override {
    DispatcherTest::SetUp();
    dispatcher_ = MakeDispatcher(v1::CHANNEL_SMS);
    Plan plan = PlanFor(booked_, clock_.Now());
    for (PlannedMessage& planned : plan.messages) planned.channel = v1::CHANNEL_SMS;
    ASSERT_THAT(messages_.Record({"services/booking", "Record", store::NewUuid(), "hash"}, booked_, plan), IsOk());
    name_ = First().name();
  }

  v1::ReceiveCallbackRequest Signed(const std::string& target, const Form& form) {
    v1::ReceiveCallbackRequest request;
    request.set_request_id(store::NewUuid());
    request.set_provider("twilio");
    request.set_target(target);
    request.mutable_body()->set_data(EncodeForm(form));
    request.set_signature(TwilioSignature(kToken, kPublicUrl + target, form));
    return request;
  }
  v1::ReceiveCallbackRequest Status(const std::string& word, const std::string& error = "") {
    const std::string id = name_.substr(name_.find('/') + 1);
    return Signed(absl::StrCat("/v1/providers/twilio:status?message=", id),
                  {{"MessageSid", reference_}, {"MessageStatus", word}, {"ErrorCode", error}});
  }
  absl::StatusOr<v1::ReceiveCallbackResponse> Receive(const v1::ReceiveCallbackRequest& request) {
    return callbacks_.ReceiveCallback(rpc::TestContext(options::v1::ROLE_ANYONE, "", request), request);
  }
  // What the provider says of the text that it calls `reference`.
  v1::MessageState StateAfterWordOf(const std::string& reference, const std::string& word) {
    reference_ = reference;
    return StateAfter(word);
  }
  v1::MessageState StateAfter(const std::string& word, const std::string& error = "") {
    EXPECT_THAT(Receive(Status(word, error)).status(), IsOk());
    return messages_.Get(name_)->state();
  }

  std::string name_;
  std::string reference_ = "SM123";
  RecordedTexts texts_;
  Callbacks callbacks_{{messages_, texts_, observer_, {{"twilio", kToken}}, kPublicUrl}};
};

TEST_P(CallbacksTest, AMessageOnlyGoesForward) {
  dispatcher_->RunBatch();
  EXPECT_EQ(StateAfter("queued"), v1::MESSAGE_STATE_SENT);
  EXPECT_EQ(StateAfter("delivered"), v1::MESSAGE_STATE_DELIVERED);
  for (const char* late : {"sent", "queued", "undelivered", "failed", "delivered", "a word of tomorrow"}) {
    EXPECT_EQ(StateAfter(late), v1::MESSAGE_STATE_DELIVERED) << late;
  }
  EXPECT_EQ(observer_.counts_["told MESSAGE_STATE_DELIVERED"], 1) << "a repeat counts no more";
}

TEST_P(CallbacksTest, SaysWhyAMessageWasNotDelivered) {
  dispatcher_->RunBatch();
  EXPECT_EQ(StateAfter("undelivered", "30003"), v1::MESSAGE_STATE_UNDELIVERED);
  EXPECT_EQ(messages_.Get(name_)->reason(), "SMS_30003");
  EXPECT_EQ(StateAfter("delivered"), v1::MESSAGE_STATE_UNDELIVERED);
}

TEST_P(CallbacksTest, EndsTheDoubtOverATry) {
  mailer_.script_ = [] { return MailOutcomeUnknown(); };
  dispatcher_->RunBatch();
  EXPECT_EQ(StateAfter("sent"), v1::MESSAGE_STATE_SENT);
  clock_.Advance(BackoffCeiling(1));
  dispatcher_->RunBatch();
  EXPECT_EQ(mailer_.tries_, 1) << "it isn't sent again";
}

TEST_P(CallbacksTest, MayComeBeforeTheTryThatItIsAboutIsSaved) {
  mailer_.script_ = [&] {
    EXPECT_EQ(StateAfter("delivered"), v1::MESSAGE_STATE_DELIVERED);
    return absl::OkStatus();
  };
  dispatcher_->RunBatch();
  EXPECT_EQ(messages_.Get(name_)->state(), v1::MESSAGE_STATE_DELIVERED);
}

TEST_P(CallbacksTest, WhatIsToldLateOfAnEarlierTryIsNotTheEndOfALaterOne) {
  mailer_.script_ = [] { return SmsOutcomeUnknown(); };
  dispatcher_->RunBatch();
  mailer_.script_ = nullptr;
  mailer_.reference_ = "SM2";
  mailer_.answer_ = NeverTaken();
  clock_.Advance(BackoffCeiling(1));
  dispatcher_->RunBatch();
  EXPECT_EQ(mailer_.tries_, 2);
  for (const char* late : {"sent", "undelivered", "failed", "delivered"}) {
    EXPECT_EQ(StateAfterWordOf("SM1", late), v1::MESSAGE_STATE_SENT) << late;
  }
  EXPECT_EQ(StateAfterWordOf("SM2", "delivered"), v1::MESSAGE_STATE_DELIVERED);
}

TEST_P(CallbacksTest, NorIsWhatIsToldOfItBeforeTheLaterOneIsSaved) {
  mailer_.script_ = [] { return SmsOutcomeUnknown(); };
  dispatcher_->RunBatch();
  mailer_.reference_ = "SM2";
  mailer_.script_ = [&] {
    EXPECT_EQ(StateAfterWordOf("SM1", "undelivered"), v1::MESSAGE_STATE_UNDELIVERED);
    return absl::OkStatus();
  };
  clock_.Advance(BackoffCeiling(1));
  dispatcher_->RunBatch();
  EXPECT_EQ(messages_.Get(name_)->state(), v1::MESSAGE_STATE_SENT);
  EXPECT_EQ(messages_.Get(name_)->reason(), "");
  EXPECT_EQ(StateAfterWordOf("SM2", "delivered"), v1::MESSAGE_STATE_DELIVERED);
}

TEST_P(CallbacksTest, ATextInDoubtIsTheOneThatTheProviderTellsOf) {
  mailer_.script_ = [] { return SmsOutcomeUnknown(); };
  dispatcher_->RunBatch();
  EXPECT_EQ(StateAfterWordOf("SM1", "sent"), v1::MESSAGE_STATE_SENT);
  EXPECT_EQ(StateAfterWordOf("SM2", "undelivered"), v1::MESSAGE_STATE_SENT);
  EXPECT_EQ(StateAfterWordOf("SM1", "undelivered"), v1::MESSAGE_STATE_UNDELIVERED);
}

TEST_P(CallbacksTest, SaysNothingOfWhatIsNoText) {
  const auto visit = SampleAppointment(clock_.Now() + absl::Minutes(50), store::NewName("appointments"));
  Record(visit);
  name_ = messages_.List({visit.name(), {}, {}, 1})->front().name();
  EXPECT_EQ(StateAfter("delivered"), v1::MESSAGE_STATE_QUEUED);
  MakeDispatcher()->RunBatch();
  EXPECT_EQ(StateAfter("delivered"), v1::MESSAGE_STATE_SENT);
  EXPECT_EQ(observer_.counts_.count("told MESSAGE_STATE_DELIVERED"), 0u);
}

TEST_P(CallbacksTest, BelievesNothingUnsigned) {
  dispatcher_->RunBatch();
  const auto refused = [&](auto change) {
    v1::ReceiveCallbackRequest request = Status("delivered");
    change(request);
    EXPECT_THAT(Receive(request).status(), FailsWith(StatusCode::kUnauthenticated, "CALLBACK_NOT_SIGNED"));
    EXPECT_EQ(messages_.Get(name_)->state(), v1::MESSAGE_STATE_SENT);
  };
  refused([](auto& r) { r.set_signature(""); });
  refused([](auto& r) { r.set_signature("RSOYDt4T1cUTdK1PDd93/VVr8B8="); });
  refused([](auto& r) { r.set_provider("another"); });
  refused([](auto& r) { r.set_target(r.target() + "0"); });
  refused([](auto& r) { r.mutable_body()->set_data(r.body().data() + "&a=b"); });
  refused([](auto& r) { r.mutable_body()->set_data("%"); });
}

TEST_P(CallbacksTest, RefusesWhatNamesNoMessage) {
  EXPECT_THAT(Receive(Signed("/v1/providers/twilio:status", {{"MessageSid", "SM1"}})).status(),
              FailsWith(StatusCode::kInvalidArgument, "CALLBACK_MALFORMED"));
  EXPECT_THAT(Receive(Signed("/v1/providers/twilio:status?message=1", {{"MessageSid", "../"}})).status(),
              FailsWith(StatusCode::kInvalidArgument, "CALLBACK_MALFORMED"));
  EXPECT_THAT(Receive(Signed("/v1/providers/twilio:status?message=nobody",
                             {{"MessageSid", "SM1"}, {"MessageStatus", "delivered"}}))
                  .status(),
              IsOk())
      << "a message of long ago";
}

TEST_P(CallbacksTest, HandsTextsOnAndAnswersInTheProvidersForm) {
  texts_.reply_ = "Call 911 & <don't> wait";
  const auto answer = Receive(Signed("/v1/providers/twilio:text", {{"MessageSid", "SM9"},
                                                                   {"From", "+12125550123"},
                                                                   {"To", "+15005550006"},
                                                                   {"Body", "numb\nlegs + pain"},
                                                                   {"NumMedia", "2"}}));
  ASSERT_THAT(answer.status(), IsOk());
  EXPECT_THAT(std::string(answer->answer().data()),
              HasSubstr("<Response><Message>Call 911 &amp; &lt;don't&gt; wait</Message></Response>"));
  ASSERT_EQ(texts_.texts_.size(), 1u);
  EXPECT_EQ(texts_.texts_[0].from, "+12125550123");
  EXPECT_EQ(texts_.texts_[0].text, "numb\nlegs + pain");
  EXPECT_EQ(texts_.texts_[0].attachments, 2);
  EXPECT_EQ(texts_.texts_[0].provider_reference, "SM9");
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, CallbacksTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::notification
