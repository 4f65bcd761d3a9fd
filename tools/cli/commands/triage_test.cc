// Interview, batch, lint and diff: what is asked and sent, and what is read from files.
#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>

#include "source_dir.h"
#include "tools/cli/testing.h"

namespace lumbar::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Return;

constexpr char kSigns[] =
    R"({"question":{"id":"q1","text":"Any of these?","noneLabel":"none of these","unknownLabel":"I don't know",
    "choices":[{"code":"collapse","label":"fainting"},{"code":"fever","label":"a fever"}]},"questionsLeft":2})";
constexpr char kAge[] =
    R"({"question":{"id":"q2","text":"How old?","quantity":"QUANTITY_AGE_YEARS","unknownLabel":"I don't know"}})";
constexpr char kSex[] = R"({"question":{"id":"q3","text":"Sex?","sex":true,"unknownLabel":"I don't know",
    "choices":[{"code":"SEX_FEMALE","label":"female"},{"code":"SEX_MALE","label":"male"}]}})";
constexpr char kDone[] = R"({"level":"LEVEL_SELF_CARE"})";
constexpr char kAtHome[] = R"({"level":"LEVEL_SELF_CARE","headline":"You can start with care at home","score":3})";

class InterviewTest : public CommandLineTest {
 protected:
  // The server asks `questions`, then assesses.
  void Script(std::vector<std::string> questions) {
    questions.push_back(kDone);
    questions.push_back(kAtHome);
    EXPECT_CALL(http_, Send)
        .Times(static_cast<int>(questions.size()))
        .WillRepeatedly([this, questions](const HttpRequest& request) -> absl::StatusOr<HttpAnswer> {
          sent_.push_back(request);
          return HttpAnswer{200, questions.at(sent_.size() - 1)};
        });
  }
  std::vector<HttpRequest> sent_;
};

TEST_F(InterviewTest, CarriesTheAnswersFromQuestionToQuestion) {
  Script({kSigns, kAge, kSex});
  EXPECT_EQ(RunWith({"triage", "interview", "--language", "es"}, "2\n34\n1\n"), ExitCode::kOk) << err();
  EXPECT_THAT(sent_.back().url, HasSubstr("/v1/triage:assess"));
  const auto body = nlohmann::json::parse(sent_.back().body);
  EXPECT_EQ(body["languageCode"], "es");
  EXPECT_EQ(body["presentation"]["ageYears"], 34);
  EXPECT_EQ(body["presentation"]["sex"], "SEX_FEMALE");
  EXPECT_EQ(body["presentation"]["findings"][0],
            (nlohmann::json{{"code", "collapse"}, {"presence", "PRESENCE_ABSENT"}}));
  EXPECT_EQ(body["presentation"]["findings"][1], (nlohmann::json{{"code", "fever"}, {"presence", "PRESENCE_PRESENT"}}));
  EXPECT_THAT(err(), AllOf(HasSubstr("Any of these?"), HasSubstr("2 left at most"), HasSubstr("1  fainting"),
                           HasSubstr("0  none of these")));
  EXPECT_THAT(out(), AllOf(HasSubstr("You can start with care at home"), Not(HasSubstr("Any of these?"))));
}

TEST_F(InterviewTest, AsksAgainInsteadOfGuessing) {
  Script({kSigns});
  EXPECT_EQ(RunWith({"triage", "interview"}, "\nyes\n3\n0,1\n1 2\n"), ExitCode::kOk) << err();
  const auto body = nlohmann::json::parse(sent_.back().body);
  EXPECT_EQ(body["presentation"]["findings"][0]["presence"], "PRESENCE_PRESENT");
  EXPECT_EQ(body["presentation"]["findings"][1]["presence"], "PRESENCE_PRESENT");
  EXPECT_THAT(err(), HasSubstr("Please type a number from the list"));
}

TEST_F(InterviewTest, TellsWhatIsNotKnownFromWhatIsAbsent) {
  Script({kSigns, kAge, kSex});
  EXPECT_EQ(RunWith({"triage", "interview"}, "?\n?\n?\n"), ExitCode::kOk) << err();
  const auto body = nlohmann::json::parse(sent_.back().body);
  EXPECT_EQ(body["presentation"]["findings"][0]["presence"], "PRESENCE_UNKNOWN");
  EXPECT_EQ(body["presentation"]["notKnown"], (nlohmann::json{"age_years", "sex"}));
}

TEST_F(InterviewTest, AssessesNothingIfItIsLeft) {
  EXPECT_CALL(http_, Send).WillOnce(Return(HttpAnswer{200, kSigns}));
  EXPECT_EQ(RunWith({"triage", "interview"}, ""), ExitCode::kUsage);
  EXPECT_THAT(err(), HasSubstr("nothing was assessed"));
}

class RulesTest : public CommandLineTest {
 protected:
  static std::string Shipped() { return absl::StrCat(LUMBAR_SOURCE_DIR, "/services/triage/protocols"); }
  std::string Write(const std::string& name, const std::string& text) {
    const auto path = std::filesystem::path(::testing::TempDir()) / name;
    std::ofstream(path) << text;
    return path.string();
  }
};

TEST_F(RulesTest, MeasuresVignettes) {
  const auto file = Write("vignettes.ndjson",
                          R"({"id":"a","level":"LEVEL_EMERGENCY","othersAbsent":true,"sources":[{"title":"S"}],
"presentation":{"findings":[{"code":"saddle_numbness","presence":"PRESENCE_PRESENT"}]}})");
  EXPECT_EQ(RunWith({"triage", "batch", file, "--protocols-dir", Shipped()}), ExitCode::kRefused);
  EXPECT_THAT(err(), AllOf(HasSubstr("line 1"), HasSubstr("VIGNETTE_REFUSED")));
  const auto good = Write(
      "vignettes.ndjson",
      "{\"id\":\"a\",\"level\":\"LEVEL_EMERGENCY\",\"sources\":[{\"title\":\"S\"}],\"presentation\":{\"findings\":"
      "[{\"code\":\"saddle_numbness\",\"presence\":\"PRESENCE_PRESENT\"}]}}\n"
      "{\"id\":\"b\",\"level\":\"LEVEL_EMERGENCY\",\"sources\":[{\"title\":\"S\"}],\"story\":\"Wrongly expected.\"}\n"
      "{\"id\":\"c\"}\n");
  EXPECT_EQ(RunWith({"triage", "batch", good, "--protocols-dir", Shipped(), "-o", "json"}), ExitCode::kOk) << err();
  const auto json = nlohmann::json::parse(out())["ruleSets"]["guideline"];
  EXPECT_EQ(json["cases"], 3);
  EXPECT_EQ(json["measured"], 2);
  EXPECT_EQ(json["accuracy"], 0.5);
  EXPECT_EQ(json["missedEmergencies"], 1);
  EXPECT_EQ(json["disagreements"][0]["id"], "b");
  EXPECT_EQ(RunWith({"triage", "batch", good, "--protocols-dir", Shipped()}), ExitCode::kOk) << err();
  EXPECT_THAT(out(), AllOf(HasSubstr("safety of advice"), HasSubstr("50.0 %"), HasSubstr("Wrongly expected.")));
}

TEST_F(RulesTest, LintsAProtocolAndNamesWhatIsWrong) {
  EXPECT_EQ(RunWith({"triage", "lint", Shipped() + "/low-back-pain/"}), ExitCode::kOk) << err();
  EXPECT_THAT(out(),
              AllOf(HasSubstr("protocols/low-back-pain"), HasSubstr("guideline: "), HasSubstr("translated to es")));
  EXPECT_EQ(RunWith({"triage", "lint", Write("broken.textproto", "name: \"protocols/x\" colour: 1")}),
            ExitCode::kRefused);
  EXPECT_THAT(err(), AllOf(HasSubstr("broken.textproto: line 1"), HasSubstr("[PROTOCOL_REFUSED]")));
}

TEST_F(RulesTest, JoinsAProtocolIntoOneFileWithTheSameRules) {
  EXPECT_EQ(RunWith({"triage", "lint", Shipped() + "/low-back-pain", "-o", "json"}), ExitCode::kOk) << err();
  const std::string before = out();
  EXPECT_EQ(RunWith({"triage", "join", Shipped() + "/low-back-pain"}), ExitCode::kOk) << err();
  const auto file = Write("joined.textproto", out());
  EXPECT_EQ(RunWith({"triage", "lint", file, "-o", "json"}), ExitCode::kOk) << err();
  EXPECT_EQ(out(), before);
}

TEST_F(RulesTest, ShowsWhoseLevelAnEditChanges) {
  const auto copy = std::filesystem::path(::testing::TempDir()) / "edited" / "low-back-pain";
  std::filesystem::remove_all(copy);
  std::filesystem::create_directories(copy.parent_path());
  std::filesystem::copy(Shipped() + "/low-back-pain", copy, std::filesystem::copy_options::recursive);
  const auto file = copy / "2-guideline-emergency.textproto";
  std::ifstream in(file);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  std::ofstream(file) << absl::StrReplaceAll(
      text, {{"id: \"collapse\" level: LEVEL_EMERGENCY", "id: \"collapse\" level: LEVEL_CONSULTATION_24"}});
  EXPECT_EQ(RunWith({"triage", "diff", Shipped() + "/low-back-pain", copy.string(), "--limit", "1"}), ExitCode::kOk)
      << err();
  EXPECT_THAT(out(),
              AllOf(HasSubstr("LOWER   man of 40 for 3 days, collapse: EMERGENCY"), HasSubstr("more; see --limit")));
  EXPECT_EQ(RunWith({"triage", "diff", Shipped() + "/low-back-pain", Shipped() + "/low-back-pain"}), ExitCode::kOk);
  EXPECT_THAT(out(), HasSubstr(" 0 change level"));
}

}  // namespace
}  // namespace lumbar::cli
