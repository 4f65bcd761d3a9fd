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
    Record(booked_);
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
                  {{"MessageSid", "SM123"}, {"MessageStatus", word}, {"ErrorCode", error}});
  }
  absl::StatusOr<v1::ReceiveCallbackResponse> Receive(const v1::ReceiveCallbackRequest& request) {
    return callbacks_.ReceiveCallback(rpc::TestContext(options::v1::ROLE_ANYONE, "", request), request);
  }
  v1::MessageState StateAfter(const std::string& word, const std::string& error = "") {
    EXPECT_THAT(Receive(Status(word, error)).status(), IsOk());
    return messages_.Get(name_)->state();
  }

  std::string name_;
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
