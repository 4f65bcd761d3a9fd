// More danger or less knowledge never lowers a level: every combination of present, absent and unknown, group by group.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <utility>

#include "services/triage/domain/testing.h"
#include "services/triage/domain/verdict.h"

namespace lumbar::triage {
namespace {

// The questions that the rules of `group` stand on.
void CollectFindings(const v1::Condition& condition, Codes& codes) {
  if (condition.has_present() && std::find(codes.begin(), codes.end(), condition.present()) == codes.end()) {
    codes.push_back(condition.present());
  }
  for (const auto& child : condition.all().of()) CollectFindings(child, codes);
  for (const auto& child : condition.any().of()) CollectFindings(child, codes);
  for (const auto& child : condition.at_least().of()) CollectFindings(child, codes);
}

Codes FindingsOf(v1::Group group) {
  Codes codes;
  for (const auto& rule_set : Shipped().definition().rule_sets()) {
    for (const auto& rule : rule_set.rules()) {
      if (rule.group() == group) CollectFindings(rule.when(), codes);
    }
  }
  return codes;
}

size_t Power(size_t exponent) { return exponent == 0 ? 1 : 3 * Power(exponent - 1); }

class MonotonicityTest : public ::testing::TestWithParam<int> {
 protected:
  // The level of each combination; digit i of the index, to the base of 3, is the truth of places[i].
  static std::vector<v1::Level> Levels(const std::string& rule_set, Facts facts, const std::vector<size_t>& places) {
    const auto& rules = *Shipped().FindRuleSet(rule_set);
    std::vector<v1::Level> levels(Power(places.size()));
    for (size_t combination = 0; combination < levels.size(); ++combination) {
      for (size_t i = 0, rest = combination; i < places.size(); ++i, rest /= 3) {
        facts.findings[places[i]] = static_cast<Truth>(rest % 3);
      }
      Facts inferred = facts;
      Shipped().InferAbsent(inferred);
      levels[combination] = LevelOf(Shipped(), rules, inferred);
    }
    return levels;
  }

  // Neither absent -> unknown nor absent -> present nor unknown -> present may lower the level.
  static size_t CountViolations(const std::vector<v1::Level>& levels, size_t places) {
    size_t violations = 0;
    for (size_t place = 0; place < places; ++place) {
      const size_t step = Power(place);
      for (size_t combination = 0; combination < levels.size(); ++combination) {
        if (combination / step % 3 != 2 && levels[combination + step] < levels[combination]) ++violations;
      }
    }
    return violations;
  }
};

TEST_P(MonotonicityTest, HoldsForEveryCombination) {
  const auto group = static_cast<v1::Group>(GetParam());
  std::vector<size_t> places;
  for (const auto& code : FindingsOf(group)) places.push_back(*Shipped().vocabulary().Find(code));
  // More than 3^9 in one group would not be run in seconds: split the group here.
  ASSERT_LE(places.size(), 9u);
  v1::Presentation old_woman = Harmless();
  old_woman.set_age_years(80);
  old_woman.set_sex(v1::SEX_FEMALE);
  size_t combinations = 0;
  for (const auto& background : {Harmless(), old_woman, Nothing()}) {
    for (const char* rule_set : {"guideline", "article"}) {
      const auto levels = Levels(rule_set, *Shipped().ReadFacts(background, kTestTime), places);
      EXPECT_EQ(CountViolations(levels, places.size()), 0u) << rule_set;
      combinations += levels.size();
    }
  }
  std::cout << v1::Group_Name(group) << ": " << combinations << " combinations, 0 violations\n";
}

// The inflammatory signs are no red flags and never meet above CONSULTATION; 3^11 of them would tell nothing.
INSTANTIATE_TEST_SUITE_P(Groups, MonotonicityTest,
                         ::testing::Values(v1::GROUP_CAUDA_EQUINA, v1::GROUP_FRACTURE, v1::GROUP_CANCER,
                                           v1::GROUP_INFECTION, v1::GROUP_VASCULAR, v1::GROUP_RADICULAR,
                                           v1::GROUP_MECHANICAL, v1::GROUP_PREGNANCY, v1::GROUP_RUNNING,
                                           v1::GROUP_URINARY));

TEST(MonotonicityOfPairsTest, HoldsForEveryPairOfQuestions) {
  const size_t questions = Shipped().vocabulary().size();
  const auto& guideline = *Shipped().FindRuleSet("guideline");
  Facts facts = *Shipped().ReadFacts(Harmless(), kTestTime);
  const auto level_of = [&](size_t place, Truth truth) {
    const Truth before = std::exchange(facts.findings[place], truth);
    const auto level = LevelOf(Shipped(), guideline, facts);
    facts.findings[place] = before;
    return level;
  };
  for (size_t a = 0; a < questions; ++a) {
    const Truth before = std::exchange(facts.findings[a], Truth::kTrue);
    for (size_t b = 0; b < questions; ++b) {
      EXPECT_LE(level_of(b, Truth::kFalse), level_of(b, Truth::kUnknown));
      EXPECT_LE(level_of(b, Truth::kUnknown), level_of(b, Truth::kTrue));
    }
    facts.findings[a] = before;
  }
}

}  // namespace
}  // namespace lumbar::triage
