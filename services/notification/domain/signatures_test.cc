// Signatures of webhooks and callbacks: the public vectors, the providers' own libraries as judges, and mutants.
#include <absl/random/random.h>
#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>

#include "common/status/matchers.h"
#include "services/notification/domain/form.h"
#include "services/notification/domain/standard_webhook.h"
#include "services/notification/domain/twilio_signature.h"
#include "source_dir.h"

namespace lumbar::notification {
namespace {

using absl::StatusCode;
using nlohmann::json;

constexpr char kWebhookSecret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr char kWebhookId[] = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr char kWebhookBody[] = R"({"test": 2432232314})";
constexpr char kWebhookSignature[] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const absl::Time kWebhookTime = absl::FromUnixSeconds(1614265330);

constexpr char kToken[] = "12345";
constexpr char kUrl[] = "https://mycompany.com/myapp.php?foo=1&bar=2";
constexpr char kTwilioSignature[] = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
const Form kForm = {{"CallSid", "CA1234567890ABCDE"},
                    {"Caller", "+14158675309"},
                    {"Digits", "1234"},
                    {"From", "+14158675309"},
                    {"To", "+18005551212"}};

constexpr int kMutants = 10'000;

// What node's judge says to each line.
std::vector<std::string> Judged(const std::vector<json>& wanted) {
  const auto file = std::filesystem::temp_directory_path() / absl::StrCat("lumbar-judge-", getpid());
  std::ofstream lines(file);
  for (const json& line : wanted) lines << line.dump() << "\n";
  lines.close();
  const std::string command =
      absl::StrCat("node " LUMBAR_SOURCE_DIR "/tests/support/signature_judge.mjs < ", file.string());
  FILE* const output = popen(command.c_str(), "r");
  std::string text;
  char bytes[4096];
  for (size_t count; (count = fread(bytes, 1, sizeof(bytes), output)) > 0;) text.append(bytes, count);
  EXPECT_EQ(pclose(output), 0) << "npm twilio and standardwebhooks: tools/setup";
  std::filesystem::remove(file);
  return absl::StrSplit(text, '\n', absl::SkipEmpty());
}

// Seeded, so that a failure comes again.
class Random {
 public:
  size_t Below(size_t end) { return std::uniform_int_distribution<size_t>(0, end - 1)(engine_); }
  std::string Text() {
    static constexpr const char* kPieces[] = {"a", "Z",  "0", " ",      "+",      "&",         "=",
                                              "%", "\n", "'", "\u00e9", "\u4f60", "\U0001F600"};
    std::string text;
    for (size_t length = Below(20); length > 0; --length) text += kPieces[Below(std::size(kPieces))];
    return text;
  }
  // `text` with a bit turned, a byte gone, a byte more, or two parts exchanged; never as it was.
  std::string Mutate(const std::string& text) {
    std::string mutant = text;
    const size_t at = Below(std::max<size_t>(text.size(), 1));
    const size_t how = text.empty() ? 2 : Below(4);
    if (how == 0) mutant[at] = static_cast<char>(mutant[at] ^ (1 << Below(8)));
    if (how == 1) mutant.erase(at, 1);
    if (how == 2) mutant.insert(at, 1, static_cast<char>(Below(256)));
    if (how == 3) mutant = text.substr(at) + text.substr(0, at);
    return mutant == text ? mutant + "x" : mutant;
  }

 private:
  std::mt19937 engine_{20261127};
};

TEST(StandardWebhookTest, SignsThePublicVector) {
  const WebhookKeys keys = WebhookKeys::Parse(kWebhookSecret).value();
  EXPECT_EQ(keys.Sign(kWebhookId, kWebhookTime, kWebhookBody), kWebhookSignature);
  EXPECT_TRUE(keys.Verify(kWebhookId, kWebhookTime, kWebhookBody, kWebhookSignature, kWebhookTime));
}

TEST(StandardWebhookTest, SignsWithEverySecretAndOneIsEnough) {
  const char* other = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
  const WebhookKeys both = WebhookKeys::Parse(absl::StrCat(other, "\n", kWebhookSecret, "\n")).value();
  const std::string signatures = both.Sign(kWebhookId, kWebhookTime, kWebhookBody);
  EXPECT_THAT(signatures, testing::EndsWith(absl::StrCat(" ", kWebhookSignature)));
  for (const char* secret : {kWebhookSecret, other}) {
    const WebhookKeys one = WebhookKeys::Parse(secret).value();
    EXPECT_TRUE(one.Verify(kWebhookId, kWebhookTime, kWebhookBody, signatures, kWebhookTime));
  }
}

TEST(StandardWebhookTest, AcceptsNothingOld) {
  const WebhookKeys keys = WebhookKeys::Parse(kWebhookSecret).value();
  const auto accepted_at = [&](absl::Duration later) {
    return keys.Verify(kWebhookId, kWebhookTime, kWebhookBody, kWebhookSignature, kWebhookTime + later);
  };
  EXPECT_TRUE(accepted_at(absl::Minutes(5)));
  EXPECT_FALSE(accepted_at(absl::Minutes(5) + absl::Seconds(1)));
  EXPECT_FALSE(accepted_at(-absl::Minutes(5) - absl::Seconds(1)));
}

TEST(StandardWebhookTest, TakesOnlySecretsOfTheSpecification) {
  for (const char* lines : {"", "\n", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_c2hvcnQ=", "whsec_!!!!",
                            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\nnone"}) {
    EXPECT_THAT(WebhookKeys::Parse(lines).status(), FailsWith(StatusCode::kInvalidArgument, "WEBHOOK_SECRET")) << lines;
  }
}

TEST(StandardWebhookTest, SignsAsTheReceiversLibraryDoes) {
  Random random;
  const WebhookKeys keys = WebhookKeys::Parse(kWebhookSecret).value();
  std::vector<json> wanted;
  std::vector<std::string> ours;
  for (int i = 0; i < 500; ++i) {
    const std::string id = absl::StrCat("msg_", i), body = random.Text();
    const auto at = kWebhookTime + absl::Seconds(i);
    wanted.push_back({{"by", "webhook"},
                      {"secret", kWebhookSecret},
                      {"id", id},
                      {"seconds", absl::ToUnixSeconds(at)},
                      {"body", body}});
    ours.push_back(keys.Sign(id, at, body));
  }
  EXPECT_EQ(Judged(wanted), ours);
}

TEST(StandardWebhookTest, AcceptsNoMutant) {
  Random random;
  const WebhookKeys keys = WebhookKeys::Parse(kWebhookSecret).value();
  for (int i = 0; i < kMutants; ++i) {
    std::string id = kWebhookId, body = kWebhookBody, signature = kWebhookSignature;
    absl::Time at = kWebhookTime;
    const size_t part = random.Below(4);
    if (part == 0) id = random.Mutate(id);
    if (part == 1) body = random.Mutate(body);
    if (part == 2) at += absl::Seconds(1 + random.Below(200));
    if (part == 3) signature = random.Mutate(signature);
    // The specification's list: a signature among other words is still one.
    const std::vector<absl::string_view> words = absl::StrSplit(signature, ' ');
    if (std::count(words.begin(), words.end(), kWebhookSignature) > 0) continue;
    ASSERT_FALSE(keys.Verify(id, at, body, signature, kWebhookTime)) << i;
  }
}

TEST(TwilioSignatureTest, SignsThePublicVector) {
  EXPECT_EQ(TwilioSignature(kToken, kUrl, kForm), kTwilioSignature);
  EXPECT_TRUE(IsSignedByTwilio(kToken, kUrl, Form(kForm.rbegin(), kForm.rend()), kTwilioSignature)) << "in any order";
}

TEST(TwilioSignatureTest, SignsAsTwiliosLibraryDoes) {
  Random random;
  std::vector<json> wanted;
  std::vector<std::string> ours;
  for (int i = 0; i < 500; ++i) {
    Form form = kForm;
    for (size_t more = random.Below(6); more > 0; --more) {
      form.emplace_back(absl::StrCat("Name", random.Below(4)), absl::StrCat(random.Below(9), "v"));
    }
    form.emplace_back("Body", random.Text());
    const std::string url = absl::StrCat("https://clinic.example/v1/providers/twilio:status?message=", i);
    wanted.push_back({{"by", "twilio"}, {"token", kToken}, {"url", url}, {"form", form}});
    ours.push_back(TwilioSignature(kToken, url, form));
  }
  EXPECT_EQ(Judged(wanted), ours);
}

TEST(TwilioSignatureTest, AcceptsNoMutant) {
  Random random;
  for (int i = 0; i < kMutants; ++i) {
    std::string token = kToken, url = kUrl, signature = kTwilioSignature;
    Form form = kForm;
    const size_t part = random.Below(5), field = random.Below(form.size());
    if (part == 0) token = random.Mutate(token);
    if (part == 1) url = random.Mutate(url);
    if (part == 2) form[field].second = random.Mutate(form[field].second);
    if (part == 3) form.erase(form.begin() + static_cast<std::ptrdiff_t>(field));
    if (part == 4) signature = random.Mutate(signature);
    ASSERT_FALSE(IsSignedByTwilio(token, url, form, signature)) << i;
  }
}

TEST(FormTest, ReadsBackWhatItWrites) {
  Random random;
  for (int i = 0; i < 1000; ++i) {
    const Form form = {{random.Text(), random.Text()}, {"a", random.Text()}};
    if (form[0].first.empty()) continue;
    ASSERT_EQ(DecodeForm(EncodeForm(form)), form);
  }
}

TEST(FormTest, RefusesWhatIsNone) {
  EXPECT_FALSE(DecodeForm("a=%").has_value());
  EXPECT_FALSE(DecodeForm("a=%4").has_value());
  EXPECT_FALSE(DecodeForm("a=%4g").has_value());
  EXPECT_FALSE(DecodeForm(std::string(70'000, 'a')).has_value());
  std::string many;
  for (int i = 0; i < 201; ++i) many += "a=1&";
  EXPECT_FALSE(DecodeForm(many).has_value());
  EXPECT_EQ(DecodeForm("a=1+2%203&b&=c"), (Form{{"a", "1 2 3"}, {"b", ""}, {"", "c"}}));
}

}  // namespace
}  // namespace lumbar::notification
