#include "services/triage/domain/prognosis.h"

#include <gtest/gtest.h>

namespace lumbar::triage {
namespace {

v1::DurationClass ClassOf(uint32_t days) {
  Facts facts;
  facts.quantities[v1::QUANTITY_DURATION_DAYS - 1] = days;
  return DurationClassOf(facts);
}

TEST(PrognosisTest, CallsPainAcuteUnder4WeeksAndChronicOver12) {
  EXPECT_EQ(ClassOf(0), v1::DURATION_CLASS_ACUTE);
  EXPECT_EQ(ClassOf(27), v1::DURATION_CLASS_ACUTE);
  EXPECT_EQ(ClassOf(28), v1::DURATION_CLASS_SUBACUTE);
  EXPECT_EQ(ClassOf(84), v1::DURATION_CLASS_SUBACUTE);
  EXPECT_EQ(ClassOf(85), v1::DURATION_CLASS_CHRONIC);
  EXPECT_EQ(DurationClassOf(Facts{}), v1::DURATION_CLASS_UNSPECIFIED);
}

// Bit i of `answers` is item i + 1.
v1::StartBackScore ScoreOf(uint32_t answers) {
  v1::StartBackAnswers items;
  for (int i = 0; i < 9; ++i) items.add_items(answers >> i & 1);
  return ScoreStartBack(items);
}

TEST(PrognosisTest, ScoresAllAnswersToStartBackAsPublished) {
  for (uint32_t answers = 0; answers < 512; ++answers) {
    const auto total = static_cast<uint32_t>(__builtin_popcount(answers));
    const auto psychosocial = static_cast<uint32_t>(__builtin_popcount(answers >> 4));
    const auto score = ScoreOf(answers);
    EXPECT_EQ(score.total(), total);
    EXPECT_EQ(score.psychosocial(), psychosocial);
    EXPECT_EQ(score.risk() == v1::START_BACK_RISK_LOW, total <= 3);
    EXPECT_EQ(score.risk() == v1::START_BACK_RISK_HIGH, psychosocial >= 4);
  }
}

}  // namespace
}  // namespace lumbar::triage
