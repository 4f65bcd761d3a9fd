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
  EXPECT_NE(Preview({"--kind", "diagnosis"}), ExitCode::kOk);
  EXPECT_NE(Preview({"--kind", "clinician_booking", "--channel", "sms"}), ExitCode::kOk);
}

}  // namespace
}  // namespace lumbar::cli
