#include "services/triage/domain/care_advice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "services/triage/domain/testing.h"

namespace lumbar::triage {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Every question about drugs is answered with no.
v1::Presentation TakesNothing() {
  return With(Harmless(),
              {"ulcer_or_bleeding", "anticoagulant", "steroid_now", "other_nsaid", "heart_disease", "kidney_disease",
               "liver_disease", "hypertension", "nsaid_asthma", "ace_inhibitor_or_arb", "diuretic", "lithium",
               "methotrexate", "ssri", "three_drinks_a_day"},
              v1::PRESENCE_ABSENT);
}

std::string WhyBlocked(const v1::Presentation& presentation, const std::string& id) {
  const auto assessment = AssessShipped(presentation);
  for (const auto& advice : assessment.advice()) {
    if (advice.id() == id) return advice.blocked_because();
  }
  return "not suggested";
}

TEST(CareAdviceTest, SuggestsADrugIfNothingSpeaksAgainstIt) {
  for (const char* drug : {"ibuprofen", "naproxen", "aspirin", "acetaminophen", "muscle_relaxant"}) {
    EXPECT_THAT(WhyBlocked(TakesNothing(), drug), IsEmpty()) << drug;
  }
}

TEST(CareAdviceTest, BlocksEveryNsaidForEachReasonOfItsLabel) {
  const std::vector<std::pair<Codes, std::string>> reasons = {
      {{"ulcer_or_bleeding"}, "a stomach ulcer or bleeding"},
      {{"anticoagulant"}, "a blood thinner or steroid"},
      {{"steroid_now"}, "a blood thinner or steroid"},
      {{"long_term_steroids"}, "a blood thinner or steroid"},
      {{"other_nsaid"}, "another NSAID"},
      {{"heart_disease"}, "heart disease"},
      {{"kidney_disease"}, "kidney disease"},
      {{"liver_disease"}, "liver disease"},
      {{"hypertension"}, "high blood pressure"},
      {{"nsaid_asthma"}, "asthma that reacts to NSAIDs"},
      {{"pregnancy", "pregnancy_20_weeks"}, "pregnancy of 20 weeks or more"},
      {{"ace_inhibitor_or_arb", "diuretic"}, "an ACE inhibitor or ARB with a water pill"},
      {{"lithium"}, "lithium"},
      {{"methotrexate"}, "methotrexate"},
      {{"ssri"}, "an SSRI"},
      {{"three_drinks_a_day"}, "three or more alcoholic drinks a day"}};
  for (const auto& [present, reason] : reasons) {
    for (const char* drug : {"ibuprofen", "naproxen", "aspirin"}) {
      EXPECT_EQ(WhyBlocked(With(TakesNothing(), present), drug),
                absl::StrCat("We don't suggest this for you, because you told us about ", reason,
                             ". Ask a doctor or pharmacist first."));
    }
  }
}

TEST(CareAdviceTest, BlocksNsaidsFromTheAgeOf60) {
  auto presentation = TakesNothing();
  presentation.set_age_years(59);
  EXPECT_THAT(WhyBlocked(presentation, "naproxen"), IsEmpty());
  presentation.set_age_years(60);
  EXPECT_THAT(WhyBlocked(presentation, "naproxen"), HasSubstr("being 60 or older"));
}

TEST(CareAdviceTest, NeverSuggestsAspirinUnder19) {
  auto presentation = TakesNothing();
  presentation.set_age_years(18);
  EXPECT_THAT(WhyBlocked(presentation, "aspirin"), HasSubstr("being under 19"));
  EXPECT_THAT(WhyBlocked(presentation, "ibuprofen"), IsEmpty());
  presentation.set_age_years(19);
  EXPECT_THAT(WhyBlocked(presentation, "aspirin"), IsEmpty());
}

TEST(CareAdviceTest, BlocksAcetaminophenForLiverDiseaseAndAlcohol) {
  EXPECT_THAT(WhyBlocked(With(TakesNothing(), {"liver_disease"}), "acetaminophen"), HasSubstr("liver disease"));
  EXPECT_THAT(WhyBlocked(With(TakesNothing(), {"three_drinks_a_day"}), "acetaminophen"), HasSubstr("alcoholic"));
  EXPECT_THAT(WhyBlocked(With(TakesNothing(), {"heart_disease"}), "acetaminophen"), IsEmpty());
}

TEST(CareAdviceTest, AsksFirstWhileABlockIsUnanswered) {
  const auto why = WhyBlocked(With(TakesNothing(), {"lithium", "ssri"}, v1::PRESENCE_UNKNOWN), "ibuprofen");
  EXPECT_EQ(
      why,
      "Ask a doctor or pharmacist first. We don't suggest this yet, because we don't know about lithium, an SSRI.");
  EXPECT_THAT(WhyBlocked(Harmless(), "ibuprofen"), HasSubstr("we don't know about"));
}

TEST(CareAdviceTest, TellsKnownReasonsAloneIfThereAreSome) {
  auto presentation = With(TakesNothing(), {"ssri"}, v1::PRESENCE_UNKNOWN);
  EXPECT_THAT(WhyBlocked(With(presentation, {"lithium"}), "ibuprofen"), Not(HasSubstr("SSRI")));
}

TEST(CareAdviceTest, PutsDrugsLast) {
  const Codes ids = Ids(AssessShipped(TakesNothing()).advice());
  const auto first_drug = std::find(ids.begin(), ids.end(), "ibuprofen");
  ASSERT_NE(first_drug, ids.end());
  EXPECT_EQ(ids.end() - first_drug, 5);
  EXPECT_THAT(ids, Contains("heat"));
}

TEST(CareAdviceTest, DoesNotSendASoreBoneRunning) {
  const auto presentation = With(TakesNothing(), {"runner", "focal_bone_tenderness", "training_load_increase"});
  EXPECT_THAT(WhyBlocked(presentation, "graded_return_to_running"), HasSubstr("one sore spot over a bone"));
  EXPECT_THAT(WhyBlocked(presentation, "stop_running_until_checked"), IsEmpty());
  EXPECT_EQ(WhyBlocked(TakesNothing(), "stop_running_until_checked"), "not suggested");
}

TEST(CareAdviceTest, DoesNotMoveABackThatMayBeBroken) {
  EXPECT_THAT(WhyBlocked(With(TakesNothing(), {"major_trauma"}), "stay_active"), HasSubstr("a hard blow"));
}

}  // namespace
}  // namespace lumbar::triage
