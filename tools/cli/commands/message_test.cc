#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "source_dir.h"
#include "tools/cli/testing.h"

namespace lumbar::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kFolder[] = LUMBAR_SOURCE_DIR "/services/notification/templates";

class MessagePreviewTest : public CommandLineTest {
 protected:
  ExitCode Preview(std::vector<std::string> flags) {
    flags.insert(flags.begin(), {"message", "preview", "--templates-dir", kFolder});
    return RunWith(std::move(flags));
  }
};

TEST_F(MessagePreviewTest, ShowsATextWithItsLength) {
  EXPECT_EQ(Preview({"--kind", "reminder_24h", "--language", "es", "--channel", "sms"}), ExitCode::kOk) << err();
  EXPECT_THAT(out(), AllOf(HasSubstr("Elm Street Clinic: recordatorio"), HasSubstr("miércoles, 30 de septiembre"),
                           HasSubstr("GSM-7 septets, 1 segment\n")));
}

TEST_F(MessagePreviewTest, ShowsAnEMailAsTextOrHtml) {
  EXPECT_EQ(Preview({"--kind", "offer"}), ExitCode::kOk) << err();
  EXPECT_THAT(out(), AllOf(HasSubstr("Subject: A time with Elm Street Clinic"), HasSubstr("12:30 PM CDT")));
  EXPECT_EQ(Preview({"--kind", "clinician_booking", "--language", "es", "--html"}), ExitCode::kOk) << err();
  EXPECT_THAT(out(), HasSubstr("<html lang=\"es\">"));
}

TEST_F(MessagePreviewTest, TellsTheLengthToProgramsToo) {
  EXPECT_EQ(Preview({"--kind", "offer", "--channel", "sms", "-o", "json"}), ExitCode::kOk) << err();
  const auto json = nlohmann::json::parse(out());
  EXPECT_EQ(json["segments"], 1);
  EXPECT_EQ(json["gsm7"], true);
}

TEST_F(MessagePreviewTest, RefusesAKindThatThereIsNotAndATextThatThereIsNot) {
  EXPECT_EQ(Preview({"--kind", "diagnosis"}), ExitCode::kUsage);
  for (const char* kind : {"clinician_booking", "staff_alert"}) {
    EXPECT_EQ(Preview({"--kind", kind, "--channel", "sms"}), ExitCode::kUsage) << kind;
    EXPECT_THAT(err(), HasSubstr("clinicians and staff get e-mails alone"));
  }
  EXPECT_EQ(Preview({"--kind", "offer", "--channel", "sms", "--html"}), ExitCode::kUsage);
}

TEST_F(MessagePreviewTest, RefusesAPracticeWithoutAName) {
  EXPECT_NE(Preview({"--kind", "offer", "--practice", ""}), ExitCode::kOk);
  EXPECT_THAT(err(), HasSubstr("PRACTICE_MISSING"));
}

using MessageListTest = CommandLineTest;

// What the list of all shows as being about something can be asked for.
TEST_F(MessageListTest, ListsWhatIsAboutAnythingThatMessagesAreAbout) {
  for (const std::string about : {"appointments/1", "waitlistEntries/1", "conversations/1", "consults/1"}) {
    EXPECT_CALL(http_, Send).WillOnce([](const HttpRequest& request) {
      EXPECT_THAT(request.url, HasSubstr("/v1/messages?appointment="));
      return HttpAnswer{200, "{}"};
    });
    EXPECT_EQ(RunWith({"message", "list", "--appointment", about}), ExitCode::kOk) << err();
  }
  for (const std::string about : {"messages/1", "appointments", "appointments/", "/1", "consults/1/2"}) {
    EXPECT_EQ(RunWith({"message", "list", "--appointment", about}), ExitCode::kUsage) << about;
  }
}

}  // namespace
}  // namespace lumbar::cli
