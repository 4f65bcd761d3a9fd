// What an answer says about itself: evidence, counterfactual, score, specialties.
#include "services/triage/domain/explanation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/triage/domain/testing.h"
#include "services/triage/domain/vignettes.h"

namespace lumbar::triage {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

template <typename Items>
Codes CodesOf(const Items& items) {
  Codes codes;
  for (const auto& item : items) codes.push_back(item.code());
  return codes;
}

template <typename Items>
Codes Strings(const Items& items) {
  return {items.begin(), items.end()};
}

TEST(ExplanationTest, NamesWhatSpeaksForAndAgainst) {
  const auto assessment = AssessShipped(With(Harmless(), {"fever"}));
  EXPECT_THAT(CodesOf(assessment.evidence_for()), ElementsAre("fever"));
  EXPECT_EQ(assessment.evidence_for(0).label(), "fever or shaking chills");
  EXPECT_EQ(assessment.evidence_for(0).level(), v1::LEVEL_CONSULTATION_24);
  EXPECT_THAT(CodesOf(assessment.evidence_against()), IsSupersetOf({"saddle_numbness", "iv_drug_use", "tearing_pain"}));
  // Rules that ask for no more than the answer are no evidence against it.
  EXPECT_THAT(CodesOf(assessment.evidence_against()), Not(Contains("shooting_leg_pain")));
}

TEST(ExplanationTest, NamesTheQuestionThatCouldRaiseTheLevelAndHowFar) {
  const auto assessment =
      AssessShipped(With(With(Harmless(), {"fever"}), {"iv_drug_use", "tearing_pain"}, v1::PRESENCE_UNKNOWN));
  ASSERT_THAT(CodesOf(assessment.evidence_unknown()), ElementsAre("tearing_pain", "iv_drug_use"));
  EXPECT_EQ(assessment.evidence_unknown(0).level(), v1::LEVEL_EMERGENCY_AMBULANCE);
  EXPECT_EQ(assessment.evidence_unknown(1).level(), v1::LEVEL_EMERGENCY);
}

TEST(ExplanationTest, TellsWhatWouldHaveLoweredTheLevel) {
  const auto one = AssessShipped(With(Harmless(), {"fever", "shooting_leg_pain"}));
  EXPECT_THAT(Strings(one.counterfactual().absent_findings()), ElementsAre("fever"));
  EXPECT_EQ(one.counterfactual().level(), v1::LEVEL_CONSULTATION);
  // Either sign alone is an emergency: both would have to go.
  const auto two = AssessShipped(With(Harmless(), {"saddle_numbness", "urinary_retention"}));
  EXPECT_THAT(Strings(two.counterfactual().absent_findings()),
              ::testing::UnorderedElementsAre("saddle_numbness", "urinary_retention"));
  EXPECT_EQ(two.counterfactual().level(), v1::LEVEL_SELF_CARE);
  EXPECT_FALSE(AssessShipped(Harmless()).has_counterfactual());
  EXPECT_FALSE(AssessShipped(Nothing()).has_counterfactual());
}

// What it promises holds on every vignette: the named findings suffice, and none of them is one too many.
TEST(ExplanationTest, PromisesNoLowerLevelThanComesTrue) {
  int checked = 0;
  for (const auto& vignette : ShippedVignettes()) {
    const auto presentation = PresentationOf(vignette, Shipped().definition());
    const auto assessment = AssessShipped(presentation, vignette.rule_set());
    if (!assessment.has_counterfactual()) continue;
    const auto absent = Strings(assessment.counterfactual().absent_findings());
    const auto level_without = [&](const Codes& codes) {
      return AssessShipped(With(presentation, codes, v1::PRESENCE_ABSENT), vignette.rule_set()).level();
    };
    EXPECT_EQ(level_without(absent), assessment.counterfactual().level()) << vignette.id();
    EXPECT_LT(level_without(absent), assessment.level()) << vignette.id();
    for (size_t i = 0; i < absent.size(); ++i) {
      Codes fewer = absent;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
      EXPECT_TRUE(fewer.empty() || level_without(fewer) == assessment.level()) << vignette.id();
    }
    ++checked;
  }
  EXPECT_GT(checked, 100);
}

TEST(ExplanationTest, ScoresEveryVignetteWithinTheBandOfItsLevel) {
  for (const auto& vignette : ShippedVignettes()) {
    const auto assessment = AssessShipped(PresentationOf(vignette, Shipped().definition()), vignette.rule_set());
    const uint32_t floor = 20u * (assessment.level() - 1);
    EXPECT_GE(assessment.score(), floor) << vignette.id();
    EXPECT_LE(assessment.score(), assessment.level() == v1::LEVEL_EMERGENCY_AMBULANCE ? 100 : floor + 19);
  }
}

TEST(ExplanationTest, NeverLowersTheScoreForOneMoreFinding) {
  const auto harmless = With(Harmless(), {"fever"});
  const auto before = AssessShipped(harmless).score();
  for (const auto& finding : Shipped().definition().findings()) {
    EXPECT_GE(AssessShipped(With(harmless, {finding.code()})).score(), before) << finding.code();
  }
}

TEST(ExplanationTest, NamesTheWarningSignsAtEveryLevel) {
  for (const Codes& present :
       std::vector<Codes>{{}, {"not_improving"}, {"fever"}, {"saddle_numbness"}, {"tearing_pain"}}) {
    EXPECT_EQ(AssessShipped(With(Harmless(), present)).safety_net(), Shipped().definition().safety_net());
  }
  EXPECT_THAT(AssessShipped(Nothing()).safety_net(), ::testing::HasSubstr("Call 911"));
}

TEST(ExplanationTest, NamesTheSpecialtyOfTheDecidingRuleFirst) {
  const auto runner = AssessShipped(With(Harmless(), {"runner", "stops_mid_run"}));
  EXPECT_THAT(Strings(runner.specialties()), ElementsAre("sports medicine", "physiatry", "primary care"));
  EXPECT_THAT(Strings(AssessShipped(Harmless()).specialties()), ElementsAre("primary care", "sports medicine"));
  EXPECT_THAT(AssessShipped(With(Harmless(), {"tearing_pain"})).specialties(), IsEmpty());
}

TEST(ExplanationTest, SaysWhatSpeaksForACause) {
  const auto assessment = AssessShipped(With(Harmless(), {"shooting_leg_pain", "worse_bending_or_sitting"}));
  ASSERT_THAT(Ids(assessment.causes()), ElementsAre("sciatica", "disc_disease"));
  EXPECT_THAT(Strings(assessment.causes(1).reasons()),
              ElementsAre("sharp pain shooting down the back of a leg", "worse when bending forward or sitting"));
}

}  // namespace
}  // namespace lumbar::triage
