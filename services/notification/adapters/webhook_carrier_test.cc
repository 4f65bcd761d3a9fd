// Against a receiver that judges each webhook with npm standardwebhooks.
#include "services/notification/adapters/webhook_carrier.h"

#include <gmock/gmock.h>

#include "common/status/matchers.h"
#include "services/notification/testing/stand_in.h"

namespace lumbar::notification {
namespace {

using absl::StatusCode;

constexpr char kSecret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr char kOldSecret[] = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

class WebhookCarrierTest : public testing::Test {
 protected:
  Handover Send(const std::string& path, const std::string& secrets = kSecret, bool allow_private = true) {
    const auto keys = WebhookKeys::Parse(secrets).value();
    const auto carrier = WebhookCarrier::Create({receiver_.url() + path, allow_private}, keys, clock_).value();
    Letter letter;
    letter.id = "0b9e6a3c-0000-4000-8000-000000000001";
    letter.text = R"({"type":"appointment.confirmed","name":"Zo\u00eb"})";
    return carrier->Send(letter);
  }

  SystemClock clock_;
  StandIn receiver_{"webhook_receiver.mjs", {kSecret}};
};

TEST_F(WebhookCarrierTest, IsTakenForGenuineByTheReceiversLibrary) {
  EXPECT_THAT(Send("/hook").status, IsOk());
  const auto received = receiver_.Get("/received");
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(received[0]["verdict"], "genuine");
  EXPECT_EQ(received[0]["headers"]["webhook-id"], "0b9e6a3c-0000-4000-8000-000000000001");
  EXPECT_EQ(received[0]["headers"]["content-type"], "application/json");
}

TEST_F(WebhookCarrierTest, IsGenuineWithTheOldSecretAndWithTheNewWhileTheyChange) {
  EXPECT_THAT(Send("/hook", std::string(kOldSecret) + "\n" + kSecret + "\n").status, IsOk());
  EXPECT_THAT(Send("/hook", kOldSecret).status, IsOk());
  const auto received = receiver_.Get("/received");
  EXPECT_EQ(received[0]["verdict"], "genuine");
  EXPECT_NE(received[1]["verdict"], "genuine");
}

TEST_F(WebhookCarrierTest, TellsWhatMayWorkLaterFromWhatNeverWill) {
  EXPECT_THAT(Send("/gone").status, FailsWith(StatusCode::kFailedPrecondition, "WEBHOOK_GONE"));
  EXPECT_THAT(Send("/broken").status, FailsWith(StatusCode::kUnavailable, "WEBHOOK_DEFERRED"));
  EXPECT_THAT(Send("/reset").status, FailsWith(StatusCode::kUnknown, "WEBHOOK_OUTCOME_UNKNOWN"));
  const Handover busy = Send("/busy");
  EXPECT_THAT(busy.status, FailsWith(StatusCode::kUnavailable, "WEBHOOK_DEFERRED"));
  EXPECT_EQ(busy.retry_after, absl::Seconds(9));
}

TEST_F(WebhookCarrierTest, TellsARequestThatIsRefusedFromAReceiverThatTakesNone) {
  const Handover refused = Send("/odd");
  EXPECT_THAT(refused.status, FailsWith(StatusCode::kUnavailable, "WEBHOOK_DEFERRED"));
  EXPECT_TRUE(refused.of_letter);
  for (const char* path : {"/broken", "/busy", "/moved", "/nowhere"}) EXPECT_FALSE(Send(path).of_letter) << path;
}

TEST_F(WebhookCarrierTest, FollowsNoRedirect) {
  EXPECT_THAT(Send("/moved").status, FailsWith(StatusCode::kUnavailable, "WEBHOOK_DEFERRED"));
  EXPECT_EQ(receiver_.Get("/received").size(), 1u);
}

TEST(WebhookOptionsTest, AreCheckedAtTheStart) {
  const SystemClock clock;
  const auto keys = WebhookKeys::Parse(kSecret).value();
  const auto refused = [&](const char* url, bool allow_private) {
    return WebhookCarrier::Create({url, allow_private}, keys, clock).status();
  };
  EXPECT_THAT(refused("https://ehr.example/hook?a=1", false), IsOk());
  EXPECT_THAT(refused("http://ehr.example/hook", true), IsOk());
  for (const char* url : {"http://ehr.example/hook", "https://user:secret@ehr.example/", "ftp://ehr.example/",
                          "https://", "https://ehr.example/#top", "https://ehr.example/a b"}) {
    EXPECT_THAT(refused(url, false), FailsWith(StatusCode::kInvalidArgument, "WEBHOOK_URL")) << url;
  }
}

TEST(WebhookAddressTest, DoesNotReachIntoAPrivateNetwork) {
  const SystemClock clock;
  const auto keys = WebhookKeys::Parse(kSecret).value();
  for (const char* url :
       {"https://127.0.0.1:9/", "https://localhost:9/", "https://[::1]:9/", "https://[::ffff:127.0.0.1]:9/",
        "https://2130706433:9/", "https://0x7f.1:9/", "https://10.0.0.1/", "https://169.254.169.254/"}) {
    const auto carrier = WebhookCarrier::Create({url, false}, keys, clock).value();
    EXPECT_THAT(carrier->Send({}).status, FailsWith(StatusCode::kFailedPrecondition, "WEBHOOK_ADDRESS_REFUSED")) << url;
  }
}

}  // namespace
}  // namespace lumbar::notification
