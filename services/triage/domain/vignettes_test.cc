// How well the shipped rules do on the shipped vignettes, and that they do at least this well.
#include "services/triage/domain/vignettes.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>

#include "common/status/matchers.h"
#include "services/triage/domain/testing.h"

namespace lumbar::triage {
namespace {

using ::testing::HasSubstr;

std::string Described(const v1::Vignette& vignette, const VignetteResult& result) {
  return absl::StrCat(vignette.id(), ": expected ", v1::Level_Name(vignette.level()), " by [",
                      absl::StrJoin(vignette.rules(), ", "), "], got ", v1::Level_Name(result.level), " by [",
                      absl::StrJoin(result.deciding, ", "), "]\n  ", vignette.story());
}

TEST(VignettesTest, MeetTheGoalsOfSafetyAndAccuracy) {
  Scorecard card;
  for (const auto& vignette : ShippedVignettes()) {
    if (!vignette.rule_set().empty()) continue;
    ASSERT_OK_AND_ASSIGN(const auto result, JudgeVignette(Shipped(), vignette));
    card.Add(vignette.level(), result.level);
    if (result.level != vignette.level()) std::cout << "disagreement: " << Described(vignette, result) << "\n";
  }
  std::cout << "vignettes: " << card.total() << ", accuracy " << card.Accuracy() << ", safety of advice "
            << card.SafetyOfAdvice() << ", missed emergencies " << card.missed_emergencies() << ", self care "
            << card.AccuracyOf(v1::LEVEL_SELF_CARE) << "\n";
  EXPECT_GE(card.total(), 150);
  EXPECT_GE(card.CountOf(v1::LEVEL_SELF_CARE), 40);
  EXPECT_EQ(card.missed_emergencies(), 0);
  EXPECT_EQ(card.SafetyOfAdvice(), 1);
  EXPECT_GE(card.Accuracy(), 0.9);
  EXPECT_GE(card.AccuracyOf(v1::LEVEL_SELF_CARE), 0.8);
}

// The right level for the wrong reason is no right answer.
TEST(VignettesTest, AreDecidedByTheRulesThatTheyName) {
  for (const auto& vignette : ShippedVignettes()) {
    ASSERT_OK_AND_ASSIGN(const auto result, JudgeVignette(Shipped(), vignette));
    if (result.level != vignette.level()) continue;
    std::vector<std::string> named(vignette.rules().begin(), vignette.rules().end());
    std::sort(named.begin(), named.end());
    EXPECT_EQ(result.deciding, named) << Described(vignette, result);
  }
}

TEST(VignettesTest, CoverEveryRuleBothSexesAndAllAges) {
  std::set<std::string> decided;
  std::set<v1::Sex> sexes;
  uint32_t youngest = 120, oldest = 0;
  for (const auto& vignette : ShippedVignettes()) {
    for (const auto& rule : vignette.rules()) {
      decided.insert(absl::StrCat(vignette.rule_set().empty() ? "guideline" : vignette.rule_set(), "/", rule));
    }
    sexes.insert(vignette.presentation().sex());
    if (!vignette.presentation().has_age_years()) continue;
    youngest = std::min(youngest, vignette.presentation().age_years());
    oldest = std::max(oldest, vignette.presentation().age_years());
  }
  for (const auto& rule_set : Shipped().definition().rule_sets()) {
    for (const auto& rule : rule_set.rules()) {
      EXPECT_THAT(decided, ::testing::Contains(absl::StrCat(rule_set.id(), "/", rule.id())));
    }
  }
  EXPECT_THAT(sexes, ::testing::IsSupersetOf({v1::SEX_FEMALE, v1::SEX_MALE}));
  EXPECT_LE(youngest, 12u);
  EXPECT_GE(oldest, 90u);
}

TEST(ScorecardTest, TellsTooLowFromTooHigh) {
  Scorecard card;
  card.Add(v1::LEVEL_EMERGENCY, v1::LEVEL_EMERGENCY);
  card.Add(v1::LEVEL_EMERGENCY, v1::LEVEL_CONSULTATION_24);
  card.Add(v1::LEVEL_SELF_CARE, v1::LEVEL_CONSULTATION);
  card.Add(v1::LEVEL_SELF_CARE, v1::LEVEL_EMERGENCY);
  EXPECT_EQ(card.Accuracy(), 0.25);
  EXPECT_EQ(card.AccuracyOf(v1::LEVEL_EMERGENCY), 0.5);
  EXPECT_EQ(card.SafetyOfAdvice(), 0.75);
  EXPECT_DOUBLE_EQ(card.InclinationToOvertriage(), 2.0 / 3);
  EXPECT_EQ(card.missed_emergencies(), 1);
}

TEST(ParseVignettesTest, NamesTheLineAtFault) {
  const std::string good = R"({"id": "a", "level": "LEVEL_SELF_CARE", "sources": [{"title": "S"}]})";
  EXPECT_THAT(ParseVignettes(absl::StrCat(good, "\n\n"), "f"), IsOk());
  for (const auto& [text, why] : std::vector<std::pair<std::string, std::string>>{
           {absl::StrCat(good, "\n", good), "line 2: its id"},
           {"{\"id\": \"a\", \"level\": \"LEVEL_SELF_CARE\"}", "line 1: a level without a source"},
           {"{\"identity\": \"a\"}", "line 1: "},
           {"{", "line 1: "}}) {
    const auto parsed = ParseVignettes(text, "f");
    EXPECT_THAT(parsed, FailsWith(absl::StatusCode::kInvalidArgument, "VIGNETTE_REFUSED"));
    EXPECT_THAT(std::string(parsed.status().message()), HasSubstr(why));
  }
}

}  // namespace
}  // namespace lumbar::triage
