// Against a provider that speaks Twilio's API and misbehaves by the number that a text is for.
#include "services/notification/adapters/twilio_carrier.h"

#include <gmock/gmock.h>

#include "common/status/errors.h"
#include "common/status/matchers.h"
#include "services/notification/adapters/twilio_answers.h"
#include "services/notification/testing/stand_in.h"

namespace lumbar::notification {
namespace {

using absl::StatusCode;
using testing::HasSubstr;
using testing::Not;

class TwilioCarrierTest : public testing::Test {
 protected:
  std::unique_ptr<TwilioCarrier> MakeCarrier(absl::Duration timeout = absl::Seconds(5)) {
    TwilioOptions options{"twilio", provider_.url(), kSampleAccount,
                          "12345",  "+15005550006",  "https://clinic.example/v1/providers/twilio:status"};
    return TwilioCarrier::Create(options, {timeout, timeout, nullptr}).value();
  }
  static Letter LetterTo(const std::string& digits) {
    Letter letter;
    letter.id = "0b9e6a3c-0000-4000-8000-000000000001";
    letter.to_address = "+1212555" + digits;
    letter.text = "Elm Street Clinic: visit 100% sure & on time? Ma\u00f1ana 9+1";
    letter.planned = absl::Now() - absl::Seconds(1);
    return letter;
  }

  StandIn provider_{"text_provider.mjs"};
  const std::unique_ptr<TwilioCarrier> carrier_ = MakeCarrier();
};

TEST_F(TwilioCarrierTest, HandsATextOverWithItsSenderAndItsCallback) {
  const Handover handover = carrier_->Send(LetterTo("0123"));
  EXPECT_THAT(handover.status, IsOk());
  EXPECT_EQ(handover.provider, "twilio");
  const auto taken = provider_.Get("/taken")["taken"];
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0]["sid"], handover.reference);
  EXPECT_EQ(taken[0]["to"], "+12125550123");
  EXPECT_EQ(taken[0]["from"], "+15005550006");
  EXPECT_EQ(taken[0]["body"], LetterTo("0123").text);
  EXPECT_EQ(taken[0]["callback"],
            "https://clinic.example/v1/providers/twilio:status?message=0b9e6a3c-0000-4000-8000-000000000001");
}

TEST_F(TwilioCarrierTest, TellsWhatMayWorkLaterFromWhatNeverWill) {
  const auto outcome = [&](const char* digits) { return carrier_->Send(LetterTo(digits)).status; };
  EXPECT_THAT(outcome("0503"), FailsWith(StatusCode::kUnavailable, "SMS_DEFERRED"));
  EXPECT_THAT(outcome("0429"), FailsWith(StatusCode::kUnavailable, "SMS_DEFERRED"));
  EXPECT_THAT(outcome("0301"), FailsWith(StatusCode::kUnavailable, "SMS_DEFERRED")) << "and goes nowhere else";
  EXPECT_THAT(outcome("0400"), FailsWith(StatusCode::kFailedPrecondition, "SMS_REFUSED"));
  EXPECT_THAT(outcome("0610"), FailsWith(StatusCode::kFailedPrecondition, "OPTED_OUT"));
  EXPECT_THAT(outcome("0408"), FailsWith(StatusCode::kUnavailable, "SMS_ACCOUNT")) << "the account's region";
  EXPECT_THAT(outcome("0404"), FailsWith(StatusCode::kUnavailable, "SMS_ACCOUNT")) << "a wrong address of ours";
  EXPECT_THAT(outcome("0405"), FailsWith(StatusCode::kUnavailable, "SMS_ACCOUNT")) << "nobody knows what that means";
  EXPECT_EQ(provider_.Get("/taken")["tries"], 8) << "each once";
  EXPECT_EQ(provider_.Get("/taken")["taken"].size(), 0u);
}

TEST_F(TwilioCarrierTest, TellsATextThatIsRefusedFromAProviderThatTakesNone) {
  const auto of_letter = [&](const char* digits) { return carrier_->Send(LetterTo(digits)).of_letter; };
  EXPECT_TRUE(of_letter("0408")) << "that number's region";
  EXPECT_TRUE(of_letter("0405")) << "nobody knows what that means";
  for (const char* digits : {"0503", "0429", "0301", "0500"}) EXPECT_FALSE(of_letter(digits)) << digits;
  EXPECT_FALSE(of_letter("0404")) << "no text gets there";
  EXPECT_FALSE(of_letter("0403")) << "the account is closed";
  provider_.Kill();
  EXPECT_FALSE(of_letter("0123"));
}

TEST_F(TwilioCarrierTest, KeepsRetryAfter) {
  EXPECT_EQ(carrier_->Send(LetterTo("0429")).retry_after, absl::Seconds(7));
  EXPECT_EQ(carrier_->Send(LetterTo("0503")).retry_after, absl::Seconds(30));
  EXPECT_EQ(carrier_->Send(LetterTo("0400")).retry_after, absl::ZeroDuration());
}

TEST_F(TwilioCarrierTest, SaysSoWhenNobodyKnowsWhetherTheTextWasTaken) {
  const auto hasty = MakeCarrier(absl::Milliseconds(300));
  // Hangs up before and after it has taken the text, keeps silent before and after, an answer that doesn't end, one
  // that nobody understands, one that is too long, and a failure of its own.
  for (const char* digits : {"0003", "0004", "0001", "0002", "0005", "0006", "0007", "0500"}) {
    EXPECT_THAT(hasty->Send(LetterTo(digits)).status, FailsWith(StatusCode::kUnknown, "SMS_OUTCOME_UNKNOWN")) << digits;
  }
  EXPECT_EQ(provider_.Get("/taken")["tries"], 8) << "none was repeated unasked";
}

TEST_F(TwilioCarrierTest, RepeatsNothingWhenAKeptConnectionTurnsOutToHaveEnded) {
  EXPECT_THAT(carrier_->Send(LetterTo("0123")).status, IsOk());
  EXPECT_THAT(carrier_->Send(LetterTo("0004")).status, FailsWith(StatusCode::kUnknown, "SMS_OUTCOME_UNKNOWN"));
  EXPECT_EQ(provider_.Get("/taken")["taken"].size(), 2u);
}

TEST_F(TwilioCarrierTest, FindsOutByAskingWhetherATextWasTaken) {
  EXPECT_THAT(carrier_->Ask(LetterTo("0004")).status, FailsWith(StatusCode::kNotFound, "NEVER_TAKEN"));
  EXPECT_THAT(carrier_->Send(LetterTo("0004")).status, FailsWith(StatusCode::kUnknown, "SMS_OUTCOME_UNKNOWN"));
  const Handover answer = carrier_->Ask(LetterTo("0004"));
  EXPECT_THAT(answer.status, IsOk());
  EXPECT_EQ(answer.reference, provider_.Get("/taken")["taken"][0]["sid"]);
  EXPECT_EQ(answer.provider, "twilio");
}

TEST_F(TwilioCarrierTest, TakesNoOtherTextToTheSameNumberForIt) {
  Letter other = LetterTo("0123");
  other.text = "another";
  EXPECT_THAT(carrier_->Send(other).status, IsOk());
  EXPECT_THAT(carrier_->Ask(LetterTo("0123")).status, FailsWith(StatusCode::kNotFound, "NEVER_TAKEN"));
  EXPECT_THAT(carrier_->Send(LetterTo("0123")).status, IsOk());
  Letter later = LetterTo("0123");
  later.planned = absl::Now() + absl::Seconds(20);
  EXPECT_THAT(carrier_->Ask(later).status, IsOk()) << "our clock may be ahead";
  later.planned = absl::Now() + absl::Minutes(1);
  EXPECT_THAT(carrier_->Ask(later).status, FailsWith(StatusCode::kNotFound, "NEVER_TAKEN")) << "older than the plan";
}

TEST_F(TwilioCarrierTest, TakesNoTextOfAnotherMessageForItThatSaysTheSame) {
  ASSERT_THAT(carrier_->Send(LetterTo("0123")).status, IsOk());
  Letter moved = LetterTo("0123");
  moved.others = {std::string(provider_.Get("/taken")["taken"][0]["sid"])};
  EXPECT_THAT(carrier_->Ask(moved).status, FailsWith(StatusCode::kNotFound, "NEVER_TAKEN"));
  ASSERT_THAT(carrier_->Send(moved).status, IsOk());
  EXPECT_EQ(carrier_->Ask(moved).reference, provider_.Get("/taken")["taken"][1]["sid"]);
}

TEST_F(TwilioCarrierTest, LooksThroughSeveralPages) {
  EXPECT_THAT(carrier_->Send(LetterTo("0123")).status, IsOk());
  Letter other = LetterTo("0123");
  for (int i = 0; i < 150; ++i) {
    other.text = "another " + std::to_string(i);
    ASSERT_THAT(carrier_->Send(other).status, IsOk());
  }
  EXPECT_THAT(carrier_->Ask(LetterTo("0123")).status, IsOk());
}

TEST_F(TwilioCarrierTest, AsksLaterWhenItCannotBeAskedNow) {
  EXPECT_THAT(carrier_->Ask(LetterTo("0009")).status, FailsWith(StatusCode::kUnavailable, "SMS_DEFERRED"));
  provider_.Kill();
  EXPECT_THAT(carrier_->Ask(LetterTo("0123")).status, FailsWith(StatusCode::kUnavailable, "SMS_UNREACHABLE"));
}

TEST_F(TwilioCarrierTest, IsUnreachableWithoutAProvider) {
  provider_.Kill();
  const absl::Status status = carrier_->Send(LetterTo("0123")).status;
  EXPECT_THAT(status, FailsWith(StatusCode::kUnavailable, "SMS_UNREACHABLE"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("5550123")));
}

TEST_F(TwilioCarrierTest, AWrongTokenIsTheAccountsFaultAndNotTheTexts) {
  const auto carrier =
      TwilioCarrier::Create({"twilio", provider_.url(), kSampleAccount, "wrong", "+15005550006", ""}).value();
  const Handover handover = carrier->Send(LetterTo("0123"));
  EXPECT_THAT(handover.status, FailsWith(StatusCode::kUnavailable, "SMS_ACCOUNT"));
  EXPECT_FALSE(handover.of_letter);
}

TEST(TwilioOptionsTest, AreCheckedAtTheStart) {
  const TwilioOptions good{"twilio", "https://api.example", kSampleAccount, "12345", "MG123", ""};
  EXPECT_THAT(TwilioCarrier::Create(good).status(), IsOk());
  const auto refused = [&](auto change) {
    TwilioOptions options = good;
    change(options);
    return TwilioCarrier::Create(options).status();
  };
  const auto fails = FailsWith(StatusCode::kInvalidArgument, "SMS_PROVIDER");
  EXPECT_THAT(refused([](auto& o) { o.name = "a/b"; }), fails);
  EXPECT_THAT(refused([](auto& o) { o.base_url = "https://user@api.example"; }), fails);
  EXPECT_THAT(refused([](auto& o) { o.account = "AC/../x"; }), fails);
  EXPECT_THAT(refused([](auto& o) { o.token = ""; }), fails);
  EXPECT_THAT(refused([](auto& o) { o.from = "555"; }), fails);
}

TEST(TwilioAnswersTest, AListThatIsNotOneIsNoList) {
  for (const char* body :
       {"", "[]", "{}", R"({"messages": 1})", R"({"messages": [1]})", R"({"messages": [{"sid": "SM1"}]})",
        R"({"messages": [], "next_page_uri": "https://elsewhere.example/"})"}) {
    EXPECT_FALSE(ReadMessagePage(body).has_value()) << body;
  }
  EXPECT_TRUE(ReadMessagePage(R"({"messages": [], "next_page_uri": null})").has_value());
}

}  // namespace
}  // namespace lumbar::notification
