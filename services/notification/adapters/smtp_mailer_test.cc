// Against a real mail server, and read by another program's parser.
#include "services/notification/adapters/smtp_mailer.h"

#include <absl/strings/str_split.h>
#include <gmock/gmock.h>

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "common/status/matchers.h"
#include "services/notification/adapters/header_text.h"
#include "services/notification/testing/mail_server.h"

namespace lumbar::notification {
namespace {

using absl::StatusCode;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class SmtpMailerTest : public testing::Test {
 protected:
  std::unique_ptr<SmtpMailer> MakeMailer(const std::string& practice = "Elm Street Clinic") {
    return SmtpMailer::Create({server_.url(), practice, "visits@clinic.example"}, clock_).value();
  }
  static Letter SampleLetter(const std::string& to_address = "ada@example.com") {
    return {"0b9e6a3c-0000-4000-8000-000000000001",
            "Ada Birch",
            to_address,
            "Your visit is confirmed",
            "Hello Ada,\n\n  Day: Tuesday\n.\nA line of its own dot above.\n",
            "<p>Hello <b>Ada</b></p>"};
  }
  json SendAndRead(const Letter& letter) {
    EXPECT_THAT(MakeMailer()->Send(letter).status, IsOk());
    const json letters = server_.Letters();
    EXPECT_EQ(letters.size(), 1u);
    EXPECT_EQ(letters.back()["defects"], json::array());
    return letters.back();
  }

  FakeClock clock_{absl::FromUnixSeconds(1'772'000'000)};
  MailServer server_;
};

TEST_F(SmtpMailerTest, SendsTextAndHtmlAsAlternatives) {
  const json letter = SendAndRead(SampleLetter());
  EXPECT_EQ(letter["type"], "multipart/alternative");
  ASSERT_EQ(letter["parts"].size(), 2u);
  EXPECT_EQ(letter["parts"][0]["type"], "text/plain");
  EXPECT_EQ(letter["parts"][0]["charset"], "utf-8");
  EXPECT_EQ(letter["parts"][0]["text"], SampleLetter().text);
  EXPECT_EQ(letter["parts"][1]["type"], "text/html");
  EXPECT_EQ(letter["parts"][1]["text"], SampleLetter().html);
}

TEST_F(SmtpMailerTest, AddsTheCalendarFileAsOneMoreAlternative) {
  Letter letter = SampleLetter();
  letter.calendar =
      CalendarPart{"REQUEST", "BEGIN:VCALENDAR\r\nSUMMARY:Zo\u00eb \U0001F600\r\n folded\r\nEND:VCALENDAR\r\n"};
  const json read = SendAndRead(letter);
  EXPECT_EQ(read["type"], "multipart/alternative");
  ASSERT_EQ(read["parts"].size(), 3u);
  EXPECT_EQ(read["parts"][1]["type"], "text/html");
  EXPECT_EQ(read["parts"][2]["type"], "text/calendar");
  EXPECT_EQ(read["parts"][2]["charset"], "utf-8");
  EXPECT_EQ(read["parts"][2]["method"], "REQUEST");
  EXPECT_EQ(read["parts"][2]["text"], letter.calendar->text);
}

TEST_F(SmtpMailerTest, WritesTheHeadersThatALetterNeeds) {
  const json letter = SendAndRead(SampleLetter());
  EXPECT_EQ(letter["from"], json::parse(R"([["Elm Street Clinic", "visits@clinic.example"]])"));
  EXPECT_EQ(letter["to"], json::parse(R"([["Ada Birch", "ada@example.com"]])"));
  EXPECT_EQ(letter["headers"]["Subject"], json::array({"Your visit is confirmed"}));
  EXPECT_EQ(letter["headers"]["Date"], json::array({"Wed, 25 Feb 2026 06:13:20 +0000"}));
  EXPECT_EQ(letter["headers"]["Message-ID"], json::array({"<0b9e6a3c-0000-4000-8000-000000000001@clinic.example>"}));
  EXPECT_EQ(letter["headers"]["Auto-Submitted"], json::array({"auto-generated"}));
  EXPECT_EQ(letter["headers"]["X-MailFrom"], json::array({"visits@clinic.example"}));
  EXPECT_EQ(letter["headers"]["X-RcptTo"], json::array({"ada@example.com"}));
}

TEST_F(SmtpMailerTest, NothingInALetterCanAddAHeaderOrARecipient) {
  Letter letter = SampleLetter();
  letter.to_name = "Ada\r\nBcc: all@example.com\r\n\r\nbody\nX-One: 1\rX-Two: 2";
  letter.subject = "Visit\r\nX-Three: 3\n\nbody";
  const json read = SendAndRead(letter);
  for (const char* header : {"Bcc", "X-One", "X-Two", "X-Three"}) {
    EXPECT_FALSE(read["headers"].contains(header)) << header;
  }
  EXPECT_EQ(read["headers"]["X-RcptTo"], json::array({"ada@example.com"}));
  EXPECT_EQ(read["parts"].size(), 2u);
}

TEST_F(SmtpMailerTest, RefusesAnAddressThatIsMoreThanOne) {
  for (const char* address : {"ada@example.com\r\nRCPT TO:<all@example.com>", "ada@example.com>,<b@example.com", "",
                              "ada", "@example.com", "ada@", "ada @example.com", "ad\u00e4@example.com"}) {
    EXPECT_THAT(MakeMailer()->Send(SampleLetter(address)).status,
                FailsWith(StatusCode::kFailedPrecondition, "MAIL_REFUSED"));
  }
  EXPECT_EQ(server_.Letters().size(), 0u);
}

TEST_F(SmtpMailerTest, KeepsNamesAndSubjectsInEveryScript) {
  Letter letter = SampleLetter();
  letter.to_name = "Zo\u00eb \"Z\" \u674e\u5c0f\u9f99";
  letter.subject =
      "Votre rendez-vous \u00e0 la Clinique de l'\u00c9t\u00e9, "
      "\u4f60\u597d\u4f60\u597d\u4f60\u597d\u4f60\u597d\u4f60\u597d\u4f60\u597d\u4f60\u597d";
  letter.text = "\u00bfQu\u00e9 tal?\n";
  const json read = SendAndRead(letter);
  EXPECT_EQ(read["to"], json::array({json::array({letter.to_name, letter.to_address})}));
  EXPECT_EQ(read["headers"]["Subject"], json::array({letter.subject}));
  EXPECT_EQ(read["parts"][0]["text"], letter.text);
}

TEST_F(SmtpMailerTest, QuotesANameThatLooksLikeAnAddressList) {
  Letter letter = SampleLetter();
  letter.to_name = R"(Birch, Ada <x@example.com> "\)";
  const json read = SendAndRead(letter);
  EXPECT_EQ(read["to"], json::array({json::array({letter.to_name, letter.to_address})}));
}

TEST_F(SmtpMailerTest, TellsRefusalsFromWhatMayWorkLater) {
  const auto mailer = MakeMailer();
  EXPECT_THAT(mailer->Send(SampleLetter("refused@example.com")).status,
              FailsWith(StatusCode::kFailedPrecondition, "MAIL_REFUSED"));
  EXPECT_THAT(mailer->Send(SampleLetter("spam@example.com")).status,
              FailsWith(StatusCode::kFailedPrecondition, "MAIL_REFUSED"));
  EXPECT_THAT(mailer->Send(SampleLetter("deferred@example.com")).status,
              FailsWith(StatusCode::kUnavailable, "MAIL_DEFERRED"));
  EXPECT_THAT(mailer->Send(SampleLetter("busy@example.com")).status,
              FailsWith(StatusCode::kUnavailable, "MAIL_DEFERRED"));
  // It is this service that must log in; the letter is fine.
  EXPECT_THAT(mailer->Send(SampleLetter("unauthorised@example.com")).status,
              FailsWith(StatusCode::kUnavailable, "MAIL_DEFERRED"));
  EXPECT_EQ(server_.Letters().size(), 0u);
  EXPECT_THAT(mailer->Send(SampleLetter()).status, IsOk());
}

TEST_F(SmtpMailerTest, ARefusalOfTheSenderIsOursToRepairAndCostsNoLetter) {
  const auto mailer =
      SmtpMailer::Create({server_.url(), "Elm Street Clinic", "unwelcome@clinic.example"}, clock_).value();
  EXPECT_THAT(mailer->Send(SampleLetter()).status, FailsWith(StatusCode::kUnavailable, "MAIL_DEFERRED"));
  // Most servers put that off until they know the recipient.
  const auto other = MakeMailer();
  EXPECT_THAT(other->Send(SampleLetter("relayed@example.com")).status,
              FailsWith(StatusCode::kUnavailable, "MAIL_DEFERRED"));
  EXPECT_THAT(other->Send(SampleLetter()).status, IsOk());
}

TEST_F(SmtpMailerTest, TellsARecipientWhoMustWaitFromAServerThatTakesNothing) {
  const auto mailer = MakeMailer();
  EXPECT_TRUE(mailer->Send(SampleLetter("deferred@example.com")).of_letter);
  EXPECT_FALSE(mailer->Send(SampleLetter("busy@example.com")).of_letter) << "its system has no room";
  EXPECT_FALSE(mailer->Send(SampleLetter("closing@example.com")).of_letter);
  EXPECT_FALSE(mailer->Send(SampleLetter("unauthorised@example.com")).of_letter);
  EXPECT_FALSE(mailer->Send(SampleLetter("relayed@example.com")).of_letter);
  const auto hasty = SmtpMailer::Create({server_.url(), "Elm Street Clinic", "hasty@clinic.example"}, clock_).value();
  const Handover early = hasty->Send(SampleLetter());
  EXPECT_THAT(early.status, FailsWith(StatusCode::kUnavailable, "MAIL_DEFERRED"));
  EXPECT_FALSE(early.of_letter) << "no recipient was named yet";
  server_.Kill();
  EXPECT_FALSE(mailer->Send(SampleLetter()).of_letter);
}

TEST_F(SmtpMailerTest, ALetterWaitsForNoOther) {
  const auto mailer = MakeMailer();
  absl::Status first, second;
  {
    const std::jthread one([&] { first = mailer->Send(SampleLetter("pair@example.com")).status; });
    const std::jthread two([&] { second = mailer->Send(SampleLetter("pair@example.com")).status; });
  }
  EXPECT_THAT(first, IsOk());
  EXPECT_THAT(second, IsOk());
}

TEST_F(SmtpMailerTest, SaysSoWhenNobodyKnowsWhetherTheLetterWasTaken) {
  EXPECT_THAT(MakeMailer()->Send(SampleLetter("vanishing@example.com")).status,
              FailsWith(StatusCode::kUnknown, "MAIL_OUTCOME_UNKNOWN"));
  EXPECT_EQ(server_.Letters().size(), 1u);
}

TEST_F(SmtpMailerTest, IsUnreachableWithoutAServer) {
  const auto mailer = MakeMailer();
  EXPECT_THAT(mailer->Send(SampleLetter()).status, IsOk());
  server_.Kill();
  const absl::Status status = mailer->Send(SampleLetter()).status;
  EXPECT_THAT(status, FailsWith(StatusCode::kUnavailable, "MAIL_UNREACHABLE"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("ada@")));
}

class SecureMailTest : public testing::TestWithParam<MailServer::Security> {
 protected:
  // Changes what a clinic with the right settings has.
  Handover Send(const std::function<void(SmtpOptions&)>& change = [](SmtpOptions&) {}) {
    SmtpOptions options{server_.url(), "Elm Street Clinic", "visits@clinic.example", true,
                        "clinic",      "s3cret word",       server_.ca_file()};
    change(options);
    return SmtpMailer::Create(options, clock_).value()->Send(SampleLetter());
  }
  static Letter SampleLetter() {
    Letter letter;
    letter.id = "1";
    letter.to_address = "ada@example.com";
    letter.subject = "Your visit is confirmed";
    letter.text = "Hello";
    letter.html = "<p>Hello</p>";
    letter.calendar = CalendarPart{"REQUEST", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"};
    return letter;
  }

  const FakeClock clock_{absl::FromUnixSeconds(1'772'000'000)};
  MailServer server_{GetParam()};
};

TEST_P(SecureMailTest, LogsInOverAnEncryptedConnectionAndHandsOverTheWholeLetter) {
  EXPECT_THAT(Send().status, IsOk());
  const json letters = server_.Letters();
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0]["defects"], json::array());
  EXPECT_EQ(letters[0]["headers"]["Subject"], json({SampleLetter().subject}));
  ASSERT_EQ(letters[0]["parts"].size(), 3u);
  EXPECT_EQ(letters[0]["parts"][0]["text"], SampleLetter().text);
  EXPECT_EQ(letters[0]["parts"][1]["text"], SampleLetter().html);
  EXPECT_EQ(letters[0]["parts"][2]["method"], "REQUEST");
  EXPECT_EQ(letters[0]["parts"][2]["text"], SampleLetter().calendar->text);
}

TEST_P(SecureMailTest, AWrongPasswordIsOursToRepairAndCostsNoLetter) {
  EXPECT_THAT(Send([](auto& o) { o.password = "wrong"; }).status, FailsWith(StatusCode::kUnavailable, "MAIL_DEFERRED"));
  EXPECT_THAT(Send([](auto& o) { o.user = ""; }).status, FailsWith(StatusCode::kUnavailable, "MAIL_DEFERRED"));
  EXPECT_EQ(server_.Letters().size(), 0u);
}

TEST_P(SecureMailTest, HandsNothingToAServerForWhichNobodyVouches) {
  EXPECT_THAT(Send([](auto& o) { o.ca_file = ""; }).status, FailsWith(StatusCode::kUnavailable, "MAIL_UNREACHABLE"));
  EXPECT_EQ(server_.Letters().size(), 0u);
}

INSTANTIATE_TEST_SUITE_P(EveryWay, SecureMailTest,
                         testing::Values(MailServer::Security::kStartTls, MailServer::Security::kSmtps));

TEST_F(SmtpMailerTest, SendsNeitherLetterNorPasswordInTheClearIfItMustBeEncrypted) {
  SmtpOptions options{server_.url(), "Elm Street Clinic", "visits@clinic.example", true};
  EXPECT_THAT(SmtpMailer::Create(options, clock_).value()->Send(SampleLetter()).status,
              FailsWith(StatusCode::kUnavailable, "MAIL_UNREACHABLE"));
  options.require_tls = false;
  options.user = "clinic";
  options.password = "s3cret word";
  EXPECT_THAT(SmtpMailer::Create(options, clock_).value()->Send(SampleLetter()).status,
              FailsWith(StatusCode::kUnavailable, "MAIL_UNREACHABLE"));
  EXPECT_EQ(server_.Letters().size(), 0u);
}

TEST(SmtpOptionsTest, AreCheckedAtTheStart) {
  const FakeClock clock(absl::UnixEpoch());
  EXPECT_THAT(SmtpMailer::Create({"http://mail.example", "Elm", "a@b.example"}, clock),
              FailsWith(StatusCode::kInvalidArgument, "MAIL_SERVER_URL"));
  EXPECT_THAT(SmtpMailer::Create({"smtp://mail.example", "Elm", "nobody"}, clock),
              FailsWith(StatusCode::kInvalidArgument, "MAIL_SENDER"));
}

TEST(HeaderTextTest, EncodedWordsKeepTheirLimitAndSplitNoCharacter) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "\u4f60";
  // Fifteen characters of three bytes each fill a word.
  const std::vector<std::string> words = absl::StrSplit(HeaderText(text), "\r\n ");
  EXPECT_THAT(words, testing::SizeIs(7));
  EXPECT_THAT(words, testing::Each(testing::SizeIs(testing::Le(75))));
}

}  // namespace
}  // namespace lumbar::notification
