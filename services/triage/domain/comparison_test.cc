#include "services/triage/domain/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/triage/domain/testing.h"

namespace lumbar::triage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

v1::Rule* RuleOf(v1::Protocol& protocol, const std::string& id) {
  for (auto& rule : *protocol.mutable_rule_sets(0)->mutable_rules()) {
    if (rule.id() == id) return &rule;
  }
  return nullptr;
}

TEST(ComparisonTest, FindsNothingBetweenTheSameRules) {
  const auto comparison = Compare(Shipped(), Shipped(), "");
  EXPECT_THAT(comparison.changes, IsEmpty());
  EXPECT_GT(comparison.cases, 10'000u);
}

TEST(ComparisonTest, FindsWhoGetsAnotherLevelFromALoweredRule) {
  v1::Protocol edited = Shipped().definition();
  RuleOf(edited, "saddle_numbness")->set_level(v1::LEVEL_CONSULTATION);
  const auto comparison = Compare(Shipped(), CompiledProtocol(edited), "");
  ASSERT_FALSE(comparison.changes.empty());
  EXPECT_THAT(comparison.changes[0].present, ElementsAre("saddle_numbness"));
  EXPECT_EQ(comparison.changes[0].before, v1::LEVEL_EMERGENCY);
  EXPECT_EQ(comparison.changes[0].after, v1::LEVEL_CONSULTATION);
}

TEST(ComparisonTest, FindsAPairThatNeitherFindingShowsAlone) {
  v1::Protocol edited = Shipped().definition();
  RuleOf(edited, "fever_with_bloodstream_infection")->set_level(v1::LEVEL_CONSULTATION_24);
  const auto comparison = Compare(Shipped(), CompiledProtocol(edited), "");
  ASSERT_FALSE(comparison.changes.empty());
  for (const auto& change : comparison.changes) {
    EXPECT_THAT(change.present, ElementsAre("bloodstream_infection", "fever")) << change.background;
  }
}

}  // namespace
}  // namespace lumbar::triage
