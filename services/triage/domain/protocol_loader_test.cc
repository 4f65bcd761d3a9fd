#include "services/triage/domain/protocol_loader.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "common/status/matchers.h"
#include "services/triage/domain/definition_file.h"
#include "services/triage/domain/testing.h"
#include "source_dir.h"

namespace lumbar::triage {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

std::string ReadSmall() {
  std::ifstream file(absl::StrCat(LUMBAR_SOURCE_DIR, "/services/triage/domain/loader_corpus/small.textproto"));
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

const std::string& kSmall = *new std::string(ReadSmall());

absl::Status ParseChanged(absl::string_view from, absl::string_view to) {
  const std::string text = absl::StrReplaceAll(kSmall, {{from, to}});
  EXPECT_NE(text, kSmall) << from;
  return ParseProtocol(text, "small.textproto").status();
}

TEST(ProtocolLoaderTest, TakesNoFileWhoseReadingFailsForAnEmptyOne) {
  // A regular file, of which there is nothing at its begin: EIO.
  EXPECT_THAT(ReadDefinition("/proc/self/mem"), FailsWith(absl::StatusCode::kNotFound, "PROTOCOL_UNREADABLE"));
}

TEST(ProtocolLoaderTest, LoadsTheShippedProtocol) {
  ASSERT_OK_AND_ASSIGN(const auto protocols, LoadProtocols(ShippedFolder()));
  ASSERT_EQ(protocols.size(), 1u);
  EXPECT_EQ(protocols[0].rule_sets(0).id(), "guideline");
  EXPECT_EQ(protocols[0].rule_sets(1).id(), "article");
  EXPECT_EQ(protocols[0].causes_size(), 13);
}

TEST(ProtocolLoaderTest, LoadsASmallProtocol) { EXPECT_THAT(ParseProtocol(kSmall, "small.textproto"), IsOk()); }

struct Refusal {
  const char* from;
  const char* to;
  const char* where;
  const char* why;
};

class RefusalTest : public ::testing::TestWithParam<Refusal> {};

TEST_P(RefusalTest, NamesTheFileThePlaceAndTheReason) {
  const auto status = ParseChanged(GetParam().from, GetParam().to);
  EXPECT_THAT(status, FailsWith(absl::StatusCode::kInvalidArgument, "PROTOCOL_REFUSED"));
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("small.textproto: "), HasSubstr(GetParam().where), HasSubstr(GetParam().why)));
}

constexpr char kFirst[] = "rule \"guideline/first\"";

INSTANTIATE_TEST_SUITE_P(
    Rules, RefusalTest,
    ::testing::Values(
        Refusal{"when { present: \"flag\" } sources { title: \"S\" }", "when { present: \"flag\" }", kFirst,
                "no source"},
        Refusal{"when { present: \"flag\" } sources { title: \"S\" }", "when { present: \"flag\" } sources {}", kFirst,
                "without a title"},
        Refusal{"id: \"second\"", "id: \"first\"", kFirst, "duplicate id"},
        Refusal{"id: \"first\"", "id: \"First\"", "guideline/First", "must match"},
        Refusal{"level: LEVEL_EMERGENCY group", "level: LEVEL_UNSPECIFIED group", kFirst, "above self care"},
        Refusal{"level: LEVEL_EMERGENCY group", "level: LEVEL_SELF_CARE group", kFirst, "above self care"},
        Refusal{"LEVEL_EMERGENCY group: GROUP_CANCER", "LEVEL_EMERGENCY", kFirst, "no group"},
        Refusal{"note: \"N\"", "", kFirst, "no note"},
        Refusal{"when { present: \"soft\" } sources { title: \"S\" } note: \"N\" }\n}", "}}", "guideline/second",
                "no note"},
        Refusal{"id: \"guideline\" title: \"Guideline\"", "id: \"guideline\"", "rule set \"guideline\"", "no title"},
        Refusal{"causes {", "rule_sets { id: \"empty\" title: \"E\" } causes {", "rule set \"empty\"", "no rules"}));

INSTANTIATE_TEST_SUITE_P(
    Conditions, RefusalTest,
    ::testing::Values(
        Refusal{"when { present: \"flag\" }", "when { present: \"flog\" }", kFirst, "unknown finding \"flog\""},
        Refusal{"when { present: \"flag\" }", "", kFirst, "empty condition"},
        Refusal{"when { present: \"flag\" }", "when { all {} }", kFirst, "empty list"},
        Refusal{"when { present: \"flag\" }", "when { any {} }", kFirst, "empty list"},
        Refusal{"when { present: \"flag\" }", "when { any { of {} } }", kFirst, "empty condition"},
        Refusal{"when { present: \"flag\" }", "when { at_least { count: 1 } }", kFirst, "empty list"},
        Refusal{"when { present: \"flag\" }", "when { at_least { of { present: \"flag\" } } }", kFirst, "always holds"},
        Refusal{"when { present: \"flag\" }", "when { at_least { count: 2 of { present: \"flag\" } } }", kFirst,
                "at_least 2 of 1 never holds"},
        Refusal{"when { present: \"flag\" }", "when { range { at_least: 1 } }", kFirst, "without a quantity"},
        Refusal{"when { present: \"flag\" }", "when { range { quantity: QUANTITY_AGE_YEARS } }", kFirst,
                "without bounds"},
        Refusal{"when { present: \"flag\" }", "when { range { quantity: QUANTITY_AGE_YEARS at_least: 5 at_most: 4 } }",
                kFirst, "from 5 to 4 never holds"},
        Refusal{"when { present: \"flag\" }", "when { sex: SEX_UNSPECIFIED }", kFirst, "a sex that isn't one"},
        Refusal{"when { present: \"flag\" }", "when { not { present: \"flag\" } }", kFirst, "is absent"},
        Refusal{"when { present: \"flag\" }", "when { present: \"soft\" }", kFirst, "not a red_flag"},
        Refusal{"because: \"B\"", "", "advice \"advice\"", "without because"},
        Refusal{"blocks { when { present: \"soft\" }", "blocks { when { present: \"x\" }", "advice \"advice\"",
                "unknown finding"},
        Refusal{"explanation: \"E\" when { present: \"soft\" }", "explanation: \"E\"", "cause \"cause\"",
                "empty condition"}));

constexpr char kWhenFlag[] = "when { present: \"flag\" }";
constexpr char kWhenSecond[] = "LEVEL_CONSULTATION group: GROUP_CANCER when { present: \"soft\" }";
constexpr char kSecond[] = "rule \"guideline/second\"";

// Twelve is the most that a rule may stand on.
std::string ThirteenFindings() {
  std::string findings, any;
  for (int i = 0; i < 13; ++i) {
    absl::StrAppend(&findings, "findings { code: \"many", i, "\" question: \"Q\" label: \"L\" red_flag: true } ");
    absl::StrAppend(&any, "of { present: \"many", i, "\" } ");
  }
  return absl::StrReplaceAll(kSmall, {{"rule_sets {", absl::StrCat(findings, "rule_sets {")},
                                      {kWhenFlag, absl::StrCat("when { any { ", any, "} }")}});
}

TEST(ProtocolLoaderTest, RefusesARuleOnMoreFindingsThanCanBeTried) {
  EXPECT_THAT(std::string(ParseProtocol(ThirteenFindings(), "small.textproto").status().message()),
              HasSubstr("more than 12 findings"));
}

INSTANTIATE_TEST_SUITE_P(
    Logic, RefusalTest,
    ::testing::Values(
        Refusal{kWhenFlag,
                "when { all { of { range { quantity: QUANTITY_AGE_YEARS at_least: 60 } } "
                "of { range { quantity: QUANTITY_AGE_YEARS at_most: 59 } } } }",
                kFirst, "can never fire"},
        Refusal{kWhenFlag, "when { all { of { sex: SEX_MALE } of { sex: SEX_FEMALE } } }", kFirst, "can never fire"},
        Refusal{kWhenSecond, "LEVEL_CONSULTATION group: GROUP_CANCER when { present: \"flag\" }", kSecond,
                "contradicts rule \"first\""},
        Refusal{
            kWhenSecond,
            "LEVEL_CONSULTATION group: GROUP_CANCER when { all { of { present: \"soft\" } of { present: \"flag\" } } }",
            kSecond, "contradicts rule \"first\""}));

INSTANTIATE_TEST_SUITE_P(
    Questions, RefusalTest,
    ::testing::Values(
        Refusal{"choices { findings: \"flag\" findings: \"soft\" }", "", "questions", "asks nothing"},
        Refusal{"findings: \"flag\" findings: \"soft\"", "findings: \"flag\"", "questions", "no question asks it"},
        Refusal{"findings: \"flag\" findings: \"soft\"", "findings: \"flag\" findings: \"flag\"", "questions",
                "asked already"},
        Refusal{"findings: \"flag\" findings: \"soft\"", "findings: \"flog\"", "questions", "unknown finding"},
        Refusal{"text: \"Which?\"", "", "questions", "has no text"},
        Refusal{"causes {", "questions { id: \"both\" text: \"T\" sex: true } causes {", "questions", "twice"}));

INSTANTIATE_TEST_SUITE_P(
    Texts, RefusalTest,
    ::testing::Values(
        Refusal{"safety_net: \"Call 911 if it gets bad.\"", "", "safety_net", "missing"},
        Refusal{"version: \"1\"", "", "version", "missing"}, Refusal{"protocols/small", "small", "name", "must be"},
        Refusal{"code: \"soft\"", "code: \"flag\"", "finding \"flag\"", "duplicate id"},
        Refusal{"code: \"soft\"", "code: \"age_years\"", "finding \"age_years\"", "duplicate id"},
        Refusal{"question: \"Soft?\"", "", "finding \"soft\"", "no question"},
        Refusal{"label: \"soft\"", "", "finding \"soft\"", "no label"},
        Refusal{"not { present: \"flag\" }", "present: \"flag\"", "finding \"soft\"", "one danger would hide another"},
        Refusal{"not { present: \"flag\" }", "not { present: \"soft\" }", "finding \"soft\"", "unknown finding"},
        Refusal{"specialties: \"primary care\"", "", "specialties", "missing"},
        Refusal{"age_label: \"age\"", "", "wording", "has no name"},
        Refusal{"title: \"T\" explanation", "explanation", "cause \"cause\"", "no title"},
        Refusal{"text: \"T\" sources { title: \"S\" }", "text: \"T\"", "advice \"advice\"", "no source"},
        Refusal{"text: \"T\"", "", "advice \"advice\"", "no text"},
        Refusal{"blocked: \"{reasons}\"", "blocked: \"No.\"", "wording", "{reasons}"},
        Refusal{"unanswered_headline: \"H\"", "", "wording", "unanswered"},
        Refusal{"levels { level: LEVEL_SELF_CARE headline: \"H\" instructions: \"I\" }", "", "LEVEL_SELF_CARE",
                "defined once"},
        Refusal{"level: LEVEL_SELF_CARE headline: \"H\"", "level: LEVEL_SELF_CARE", "LEVEL_SELF_CARE", "no headline"},
        Refusal{"{ seconds: 604800 }", "{ seconds: 60 }", "LEVEL_CONSULTATION_24", "must not allow more time"},
        Refusal{"act_within { seconds: 604800 }", "", "LEVEL_CONSULTATION", "need act_within"}));

TEST(ProtocolLoaderTest, RefusesWhatTheSchemaDoesNotKnow) {
  const auto status = ParseChanged("title: \"Small\"", "title: \"Small\" colour: \"red\"");
  EXPECT_THAT(std::string(status.message()), HasSubstr("small.textproto: line 4, column"));
  EXPECT_THAT(std::string(ParseChanged("title: \"Small\"", "title: \"Small\" title: \"Big\"").message()),
              HasSubstr("title"));
}

TEST(ProtocolLoaderTest, RefusesAConditionThatIsTooDeep) {
  std::string deep = "present: \"flag\"";
  for (int i = 0; i < 100; ++i) deep = absl::StrCat("all { of { ", deep, " } }");
  EXPECT_THAT(ParseChanged("present: \"flag\"", deep),
              FailsWith(absl::StatusCode::kInvalidArgument, "PROTOCOL_REFUSED"));
}

class FolderTest : public ::testing::Test {
 protected:
  FolderTest() : folder_(std::filesystem::path(::testing::TempDir()) / "triage_protocols") {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~FolderTest() override { std::filesystem::remove_all(folder_); }
  void Write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }

  const std::filesystem::path folder_;
};

TEST_F(FolderTest, RefusesAFolderWithoutProtocols) {
  EXPECT_THAT(LoadProtocols(folder_.string()), FailsWith(absl::StatusCode::kNotFound, "PROTOCOL_UNREADABLE"));
  EXPECT_THAT(LoadProtocols((folder_ / "none").string()),
              FailsWith(absl::StatusCode::kNotFound, "PROTOCOL_UNREADABLE"));
}

TEST_F(FolderTest, JoinsThePartsOfAProtocol) {
  Write("small/a.textproto", kSmall);
  Write("small/b.textproto", "findings { code: \"more\" question: \"More?\" label: \"more\" }");
  ASSERT_OK_AND_ASSIGN(const auto protocols, LoadProtocols(folder_.string()));
  EXPECT_EQ(protocols.at(0).findings_size(), 3);
}

TEST_F(FolderTest, RefusesPartsThatSetOneField) {
  Write("small/a.textproto", kSmall);
  Write("small/b.textproto", "title: \"Other\"");
  EXPECT_THAT(std::string(LoadProtocols(folder_.string()).status().message()),
              AllOf(HasSubstr("small/b.textproto: title"), HasSubstr("another part")));
}

constexpr char kMoreRules[] = R"(rule_sets {
  id: "guideline"
  rules { id: "third" level: LEVEL_CONSULTATION group: GROUP_CANCER sources { title: "S" } note: "N"
          when { range { quantity: QUANTITY_AGE_YEARS at_least: 71 } } } }
  questions { id: "age" text: "Age?" quantity: QUANTITY_AGE_YEARS })";

TEST_F(FolderTest, JoinsARuleSetThatIsSpreadOverParts) {
  Write("small/a.textproto", kSmall);
  Write("small/b.textproto", kMoreRules);
  ASSERT_OK_AND_ASSIGN(const auto protocols, LoadProtocols(folder_.string()));
  ASSERT_EQ(protocols.at(0).rule_sets_size(), 1);
  EXPECT_EQ(protocols.at(0).rule_sets(0).rules_size(), 3);
}

TEST_F(FolderTest, LoadsEarlierVersionsAfterTheCurrentOne) {
  Write("small/a.textproto", kSmall);
  Write("small/archive/0.textproto", absl::StrReplaceAll(kSmall, {{"version: \"1\"", "version: \"0\""}}));
  ASSERT_OK_AND_ASSIGN(const auto protocols, LoadProtocols(folder_.string()));
  ASSERT_EQ(protocols.size(), 2u);
  EXPECT_EQ(protocols[0].version(), "1");
  EXPECT_EQ(protocols[1].version(), "0");
}

TEST_F(FolderTest, RefusesAnEarlierVersionThatCallsItselfTheCurrentOne) {
  Write("small/a.textproto", kSmall);
  Write("small/archive/0.textproto", kSmall);
  EXPECT_THAT(std::string(LoadProtocols(folder_.string()).status().message()),
              AllOf(HasSubstr("archive/0.textproto: version"), HasSubstr("loaded already")));
}

TEST_F(FolderTest, RefusesANameThatIsNotTheFolders) {
  Write("other/a.textproto", kSmall);
  const auto protocols = LoadProtocols(folder_.string());
  EXPECT_THAT(protocols, FailsWith(absl::StatusCode::kInvalidArgument, "PROTOCOL_REFUSED"));
  EXPECT_THAT(std::string(protocols.status().message()), HasSubstr("the name of the folder"));
}

TEST_F(FolderTest, RefusesAFileThatIsTooLarge) {
  Write("small/a.textproto", std::string(2 << 20, ' '));
  EXPECT_THAT(LoadProtocols(folder_.string()), FailsWith(absl::StatusCode::kNotFound, "PROTOCOL_UNREADABLE"));
}

TEST(RulesHashTest, ChangesWithAnythingThatShapesAnAnswer) {
  const auto hash = [](const std::string& text, const char* rule_set) {
    return CompiledProtocol(*ParseProtocol(text, "small.textproto")).FindRuleSet(rule_set)->sha256;
  };
  const std::string before = hash(kSmall, "guideline");
  EXPECT_THAT(before, MatchesRegex("[0-9a-f]{64}"));
  EXPECT_EQ(hash(absl::StrCat("# a remark\n", kSmall), "guideline"), before);
  for (const char* change : {"Call 911 if it gets bad.", "\"Flag?\"", "note: \"N\"", "explanation: \"E\"",
                             "because: \"B\"", "seconds: 86400", "version: \"1\"", "headline: \"H\""}) {
    std::string text = kSmall;
    const size_t place = text.find(change) + std::string(change).size() - 2;
    text[place] = text[place] == 'x' ? 'y' : (text[place] == '0' ? '1' : 'x');
    EXPECT_NE(hash(text, "guideline"), before) << change;
  }
}

TEST(RulesHashTest, DiffersBetweenRuleSets) {
  EXPECT_NE(Shipped().FindRuleSet("guideline")->sha256, Shipped().FindRuleSet("article")->sha256);
}

}  // namespace
}  // namespace lumbar::triage
