#include "services/notification/adapters/carrier_flags.h"

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "common/status/matchers.h"

namespace lumbar::notification {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::Pair;

class CarrierFlagsTest : public testing::Test {
 protected:
  CarrierFlagsTest() { EXPECT_NE(mkdtemp(folder_.data()), nullptr); }
  ~CarrierFlagsTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  // The path of a file with that in it.
  std::string Secret(const std::string& name, const std::string& text) {
    std::string path = absl::StrCat(folder_, "/", name);
    std::ofstream(path) << text;
    return path;
  }
  std::string TextProvider(const std::string& more = "") {
    return absl::StrCat("account=AC1,token-file=", Secret("token", "12345\n"), ",from=+15005550006", more);
  }
  static absl::Status StartOf(const CarrierFlags& flags) {
    const SystemClock clock;
    return MakeCarriers(flags, "Elm Street Clinic", "visits@clinic.example", clock).status();
  }

  std::string folder_ = (std::filesystem::temp_directory_path() / "lumbar-flags-XXXXXX").string();
  CarrierFlags flags_;
};

TEST_F(CarrierFlagsTest, ByThemselvesTheyCarryNothingButMail) {
  const SystemClock clock;
  ASSERT_OK_AND_ASSIGN(const auto carriers, MakeCarriers(flags_, "Elm", "visits@clinic.example", clock));
  EXPECT_THAT(Lend(carriers), ElementsAre(Key(v1::CHANNEL_EMAIL)));
  EXPECT_THAT(SmsTokens(flags_), IsOkAndHolds(IsEmpty()));
}

TEST_F(CarrierFlagsTest, MakeACarrierOfEachChannelThatIsAskedFor) {
  flags_.smtp = "smtp://one.example:25,smtps://two.example:465";
  flags_.sms_providers = TextProvider();
  flags_.webhook_url = "https://ehr.example/hook";
  flags_.webhook_secret_file = Secret("webhook", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
  const SystemClock clock;
  ASSERT_OK_AND_ASSIGN(const auto carriers, MakeCarriers(flags_, "Elm", "visits@clinic.example", clock));
  EXPECT_THAT(Lend(carriers), ElementsAre(Key(v1::CHANNEL_EMAIL), Key(v1::CHANNEL_SMS), Key(v1::CHANNEL_WEBHOOK)));
}

TEST_F(CarrierFlagsTest, TellEachTextProviderWhereItIsAndWhereToCall) {
  flags_.public_url = "https://clinic.example";
  flags_.sms_providers =
      absl::StrCat(TextProvider(",rate=2.5"), ";", TextProvider(",name=other,url=https://texts.example:8443"), ";");
  ASSERT_OK_AND_ASSIGN(const auto providers, ParseSmsProviders(flags_));
  ASSERT_EQ(providers.size(), 2u);
  EXPECT_EQ(providers[0].options.name, "twilio");
  EXPECT_EQ(providers[0].options.base_url, "https://api.twilio.com");
  EXPECT_EQ(providers[0].options.account, "AC1");
  EXPECT_EQ(providers[0].options.token, "12345");
  EXPECT_EQ(providers[0].options.from, "+15005550006");
  EXPECT_EQ(providers[0].options.status_url, "https://clinic.example/v1/providers/twilio:status");
  EXPECT_EQ(providers[0].per_second, 2.5);
  EXPECT_EQ(providers[1].options.base_url, "https://texts.example:8443");
  EXPECT_EQ(providers[1].options.status_url, "https://clinic.example/v1/providers/other:status");
  EXPECT_EQ(providers[1].per_second, 0);
  EXPECT_THAT(SmsTokens(flags_), IsOkAndHolds(ElementsAre(Pair("other", "12345"), Pair("twilio", "12345"))));
}

// Else the token of one would be what the other's callbacks are checked by.
TEST_F(CarrierFlagsTest, RefuseTwoTextProvidersOfOneName) {
  flags_.sms_providers = absl::StrCat(TextProvider(), ";", TextProvider(",url=https://texts.example"));
  const absl::Status refused = StartOf(flags_);
  EXPECT_THAT(refused, FailsWith(StatusCode::kInvalidArgument, "SMS_PROVIDER"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("two text providers are named twilio"));
  EXPECT_THAT(SmsTokens(flags_).status(), FailsWith(StatusCode::kInvalidArgument, "SMS_PROVIDER"));
  flags_.sms_providers = absl::StrCat(TextProvider(), ";", TextProvider(",name=other"));
  EXPECT_THAT(StartOf(flags_), IsOk());
}

TEST_F(CarrierFlagsTest, RefuseATextProviderThatIsNone) {
  const auto refused = [&](const std::string& providers) {
    flags_.sms_providers = providers;
    return StartOf(flags_);
  };
  const auto fails = FailsWith(StatusCode::kInvalidArgument, "SMS_PROVIDER");
  EXPECT_THAT(refused(TextProvider(",colour=red")), fails);
  EXPECT_THAT(refused(TextProvider(",rate=fast")), fails);
  EXPECT_THAT(refused(TextProvider(",rate=-1")), fails);
  EXPECT_THAT(refused(TextProvider(",rate=nan")), fails) << "it would be no limit";
  EXPECT_THAT(refused(TextProvider(",rate=inf")), fails);
  EXPECT_THAT(refused(TextProvider(",name=A/B")), fails);
  EXPECT_THAT(refused(TextProvider(",account=")), fails);
  EXPECT_THAT(refused(";"), fails) << "somebody meant to send texts";
  EXPECT_THAT(refused("account=AC1,from=+15005550006,token-file=/nowhere"),
              FailsWith(StatusCode::kInvalidArgument, "SECRET_FILE"));
  EXPECT_THAT(refused(absl::StrCat("account=AC1,from=+15005550006,token-file=", Secret("empty", " \n"))),
              FailsWith(StatusCode::kInvalidArgument, "SECRET_FILE"));
}

TEST_F(CarrierFlagsTest, TakeAPublicUrlOnlyAsProvidersSignIt) {
  const auto start = [&](const char* url) {
    flags_.public_url = url;
    return StartOf(flags_);
  };
  for (const char* url : {"", "https://clinic.example", "https://clinic.example:8443", "http://127.0.0.1:8080",
                          "https://clinic.example/lumbar/api"}) {
    EXPECT_THAT(start(url), IsOk()) << url;
  }
  for (const char* url : {"clinic.example", "https://", "ftp://clinic.example", "https://clinic.example/",
                          "https://clinic.example/lumbar/", "https://clinic.example//", "https://clinic.example?a=1",
                          "https://clinic.example/#top", "https://user@clinic.example", "https://clinic.example /",
                          "/v1", "javascript:https://clinic.example"}) {
    EXPECT_THAT(start(url), FailsWith(StatusCode::kInvalidArgument, "PUBLIC_URL")) << url;
  }
}

TEST_F(CarrierFlagsTest, RefuseAWordThatAFlagHasNot) {
  flags_.smtp_tls = "maybe";
  EXPECT_THAT(StartOf(flags_), FailsWith(StatusCode::kInvalidArgument, "CARRIER_FLAG"));
  flags_ = {};
  flags_.smtp = "smtp://one.example,";
  EXPECT_THAT(StartOf(flags_), FailsWith(StatusCode::kInvalidArgument, "MAIL_SERVER_URL"));
  flags_ = {};
  flags_.smtp_user = "clinic";
  EXPECT_THAT(StartOf(flags_), FailsWith(StatusCode::kInvalidArgument, "SECRET_FILE"));
  flags_ = {};
  flags_.webhook_url = "https://ehr.example/hook";
  flags_.webhook_secret_file = Secret("webhook", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  flags_.webhook_network = "home";
  EXPECT_THAT(StartOf(flags_), FailsWith(StatusCode::kInvalidArgument, "CARRIER_FLAG"));
}

}  // namespace
}  // namespace lumbar::notification
