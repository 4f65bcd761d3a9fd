// What the shipped protocol answers: one case per rule, and what every answer owes the patient.
#include "services/triage/domain/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "common/time/proto_time.h"
#include "services/triage/domain/testing.h"
#include "services/triage/domain/verdict.h"

namespace lumbar::triage {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr auto kSelf = v1::LEVEL_SELF_CARE;
constexpr auto kWeek = v1::LEVEL_CONSULTATION;
constexpr auto kDay = v1::LEVEL_CONSULTATION_24;
constexpr auto kEmergency = v1::LEVEL_EMERGENCY;
constexpr auto kAmbulance = v1::LEVEL_EMERGENCY_AMBULANCE;

v1::Presentation Aged(uint32_t years, v1::Sex sex = v1::SEX_MALE) {
  auto presentation = Harmless();
  presentation.set_age_years(years);
  presentation.set_sex(sex);
  return presentation;
}

v1::Presentation Lasting(uint32_t days) {
  auto presentation = Harmless();
  presentation.set_duration_days(days);
  return presentation;
}

struct Example {
  std::string fires;
  v1::Level level;
  Codes present;
};

void PrintTo(const Example& example, std::ostream* out) { *out << example.fires; }

class GuidelineTest : public ::testing::TestWithParam<Example> {};

TEST_P(GuidelineTest, AnswersTheLevelOfTheSource) {
  const auto assessment = AssessShipped(With(Harmless(), GetParam().present));
  EXPECT_EQ(v1::Level_Name(assessment.level()), v1::Level_Name(GetParam().level));
  EXPECT_THAT(Ids(assessment.fired_rules()), Contains(GetParam().fires));
  EXPECT_THAT(assessment.unanswered_red_flags(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Vascular, GuidelineTest,
    ::testing::Values(Example{"severe_pain_with_collapse", kAmbulance, {"new_severe_pain", "collapse"}},
                      Example{"aneurysm_with_severe_pain", kAmbulance, {"known_aneurysm", "new_severe_pain"}},
                      Example{"tearing_pain", kAmbulance, {"tearing_pain"}},
                      Example{"collapse", kEmergency, {"collapse"}},
                      Example{"known_aneurysm", kDay, {"known_aneurysm"}}));
INSTANTIATE_TEST_SUITE_P(CaudaEquina, GuidelineTest,
                         ::testing::Values(Example{"loss_of_control", kEmergency, {"loss_of_bladder_or_bowel_control"}},
                                           Example{"bladder_or_bowel_change", kEmergency, {"bladder_or_bowel_change"}},
                                           Example{"urinary_retention", kEmergency, {"urinary_retention"}},
                                           Example{"saddle_numbness", kEmergency, {"saddle_numbness"}},
                                           Example{"bilateral_leg_deficit", kEmergency, {"bilateral_leg_deficit"}},
                                           Example{"new_sexual_dysfunction", kEmergency, {"new_sexual_dysfunction"}},
                                           Example{"bilateral_leg_pain", kEmergency, {"bilateral_leg_pain"}}));
INSTANTIATE_TEST_SUITE_P(Radicular, GuidelineTest,
                         ::testing::Values(Example{"extreme_leg_weakness", kEmergency, {"extreme_leg_weakness"}},
                                           Example{"worsening_leg_weakness", kEmergency, {"worsening_leg_weakness"}},
                                           Example{"foot_drop", kDay, {"foot_drop"}},
                                           Example{"new_neurological_sign", kDay, {"new_neurological_sign"}},
                                           Example{"sciatica", kWeek, {"shooting_leg_pain"}}));
INSTANTIATE_TEST_SUITE_P(
    InfectionAndUrinary, GuidelineTest,
    ::testing::Values(Example{"fever_with_neurological_sign", kEmergency, {"fever", "new_neurological_sign"}},
                      Example{"fever_with_neurological_sign", kEmergency, {"fever", "foot_drop"}},
                      Example{"fever_with_bloodstream_infection", kEmergency, {"fever", "bloodstream_infection"}},
                      Example{"fever_with_iv_drug_use", kEmergency, {"fever", "iv_drug_use"}},
                      Example{"sudden_severe_flank_pain", kEmergency, {"sudden_severe_flank_pain"}},
                      Example{"infection_risk_with_neurological_sign", kEmergency, {"iv_drug_use", "foot_drop"}},
                      Example{"infection_risk_with_neurological_sign",
                              kEmergency,
                              {"bloodstream_infection", "new_neurological_sign"}},
                      Example{"bloodstream_infection", kDay, {"bloodstream_infection"}},
                      Example{"iv_drug_use", kDay, {"iv_drug_use"}}, Example{"dysuria", kWeek, {"dysuria"}},
                      Example{"fever", kDay, {"fever"}},
                      Example{"fever_with_flank_pain_and_dysuria", kDay, {"fever", "flank_pain", "dysuria"}}));
INSTANTIATE_TEST_SUITE_P(
    CancerAndFracture, GuidelineTest,
    ::testing::Values(Example{"cancer_with_neurological_sign", kEmergency, {"cancer_history", "new_neurological_sign"}},
                      Example{"cancer_with_neurological_sign", kEmergency, {"cancer_history", "foot_drop"}},
                      Example{"trauma_with_neurological_sign", kEmergency, {"major_trauma", "new_neurological_sign"}},
                      Example{"trauma_with_neurological_sign", kEmergency, {"major_trauma", "foot_drop"}},
                      Example{"trauma_with_neurological_sign", kEmergency, {"spinal_contusion", "foot_drop"}},
                      Example{"cancer_history", kDay, {"cancer_history"}},
                      Example{"long_term_steroids", kDay, {"long_term_steroids"}},
                      Example{"major_trauma", kDay, {"major_trauma"}},
                      Example{"spinal_contusion", kDay, {"spinal_contusion"}}));
INSTANTIATE_TEST_SUITE_P(
    Pregnancy, GuidelineTest,
    ::testing::Values(Example{"pregnancy_with_bleeding", kEmergency, {"pregnancy", "pregnancy_bleeding"}},
                      Example{"pregnancy_with_contractions", kEmergency, {"pregnancy", "pregnancy_contractions"}}));
INSTANTIATE_TEST_SUITE_P(
    Running, GuidelineTest,
    ::testing::Values(Example{"pain_on_every_run", kWeek, {"pain_on_every_run"}},
                      Example{"stops_mid_run", kWeek, {"stops_mid_run"}},
                      Example{"numbness_while_running", kWeek, {"numbness_while_running"}},
                      Example{"spasm_after_run", kWeek, {"spasm_after_run"}},
                      Example{"abnormal_gait_after_run", kWeek, {"abnormal_gait_after_run"}},
                      Example{"not_improving", kWeek, {"not_improving"}},
                      Example{"bone_stress_injury", kWeek, {"focal_bone_tenderness", "training_load_increase"}},
                      Example{"bone_stress_injury", kWeek, {"focal_bone_tenderness", "energy_deficiency"}}));

class ArticleTest : public ::testing::TestWithParam<Example> {};

TEST_P(ArticleTest, FollowsTheTwoListsToTheLetter) {
  const auto assessment = AssessShipped(With(Harmless(), GetParam().present), "article");
  EXPECT_EQ(v1::Level_Name(assessment.level()), v1::Level_Name(GetParam().level));
  EXPECT_THAT(Ids(assessment.fired_rules()), ElementsAre(GetParam().fires));
}

INSTANTIATE_TEST_SUITE_P(All, ArticleTest,
                         ::testing::Values(Example{"shooting_leg_pain", kEmergency, {"shooting_leg_pain"}},
                                           Example{"extreme_leg_weakness", kEmergency, {"extreme_leg_weakness"}},
                                           Example{"loss_of_control", kEmergency, {"loss_of_bladder_or_bowel_control"}},
                                           Example{"pain_on_every_run", kWeek, {"pain_on_every_run"}},
                                           Example{"stops_mid_run", kWeek, {"stops_mid_run"}},
                                           Example{"numbness_while_running", kWeek, {"numbness_while_running"}},
                                           Example{"spasm_after_run", kWeek, {"spasm_after_run"}},
                                           Example{"abnormal_gait_after_run", kWeek, {"abnormal_gait_after_run"}},
                                           Example{"not_improving", kWeek, {"not_improving"}}));

TEST(EngineTest, LeavesAHarmlessBackAtHome) {
  const auto assessment = AssessShipped(With(Harmless(), {"effort_onset", "runner"}));
  EXPECT_EQ(assessment.level(), kSelf);
  EXPECT_THAT(assessment.fired_rules(), IsEmpty());
  EXPECT_FALSE(assessment.has_act_by_time());
  EXPECT_TRUE(assessment.virtual_visit_fits());
  EXPECT_THAT(Ids(assessment.causes()), ElementsAre("muscle_strain"));
  EXPECT_THAT(assessment.disagreements(), IsEmpty());
}

TEST(EngineTest, NeverEscalatesASoftFlagAlone) {
  EXPECT_EQ(AssessShipped(With(Harmless(), {"night_pain"})).level(), kSelf);
  EXPECT_EQ(AssessShipped(With(Harmless(), {"gradual_onset"})).level(), kSelf);
  EXPECT_EQ(AssessShipped(With(Harmless(), {"minor_fall"})).level(), kSelf);
  EXPECT_EQ(AssessShipped(Aged(70, v1::SEX_FEMALE)).level(), kSelf);
  EXPECT_EQ(AssessShipped(Aged(71, v1::SEX_FEMALE)).level(), kWeek);
}

TEST(EngineTest, SendsFractureFlagsWithAWeakLegToAnEmergencyRoom) {
  const auto woman = Aged(71, v1::SEX_FEMALE);
  EXPECT_EQ(AssessShipped(With(woman, {"minor_fall", "new_neurological_sign"})).level(), kEmergency);
  EXPECT_EQ(AssessShipped(With(Aged(71), {"minor_fall", "new_neurological_sign"})).level(), kDay);
}

TEST(EngineTest, TakesSeverePainForAVesselOver60WithARisk) {
  for (const char* risk : {"hypertension", "smoker"}) {
    EXPECT_EQ(AssessShipped(With(Aged(61), {"new_severe_pain", risk})).level(), kEmergency);
    EXPECT_EQ(AssessShipped(With(Aged(60), {"new_severe_pain", risk})).level(), kSelf);
    EXPECT_EQ(AssessShipped(With(Aged(61), {risk})).level(), kSelf);
  }
  EXPECT_EQ(AssessShipped(With(Aged(61), {"new_severe_pain"})).level(), kDay);
  EXPECT_EQ(AssessShipped(With(Aged(60), {"new_severe_pain"})).level(), kSelf);
}

TEST(EngineTest, TakesAPainOf8WithinADayForSevereAfterACollapse) {
  const auto level = [](uint32_t severity, uint32_t days) {
    auto presentation = With(Lasting(days), {"collapse"});
    presentation.set_pain_severity(severity);
    return AssessShipped(presentation).level();
  };
  EXPECT_EQ(level(8, 1), kAmbulance);
  EXPECT_EQ(level(7, 1), kEmergency);
  EXPECT_EQ(level(8, 2), kEmergency);
}

TEST(EngineTest, EscalatesThreeFractureFlagsTogether) {
  EXPECT_EQ(AssessShipped(With(Aged(71, v1::SEX_FEMALE), {"minor_fall"})).level(), kDay);
  EXPECT_EQ(AssessShipped(With(Aged(71, v1::SEX_MALE), {"minor_fall"})).level(), kWeek);
  EXPECT_EQ(AssessShipped(With(Aged(70, v1::SEX_FEMALE), {"minor_fall"})).level(), kWeek);
  EXPECT_EQ(AssessShipped(With(Aged(64, v1::SEX_FEMALE), {"minor_fall"})).level(), kSelf);
  EXPECT_THAT(Ids(AssessShipped(With(Aged(30, v1::SEX_FEMALE), {"minor_fall", "long_term_steroids"})).fired_rules()),
              Contains("several_fracture_flags"));
}

TEST(EngineTest, CallsPainOfMoreThan12WeeksLongLasting) {
  EXPECT_EQ(AssessShipped(Lasting(84)).level(), kSelf);
  EXPECT_THAT(Ids(AssessShipped(Lasting(85)).fired_rules()), ElementsAre("over_12_weeks"));
}

TEST(EngineTest, SuspectsSpondyloarthritisAtFourSignsAndATestAtThree) {
  const auto rules_at = [](uint32_t days, const Codes& signs) {
    return Ids(AssessShipped(With(Lasting(days), signs)).fired_rules());
  };
  const Codes three = {"buttock_pain", "better_with_movement", "psoriasis"};
  const Codes four = {"buttock_pain", "better_with_movement", "psoriasis", "enthesitis"};
  EXPECT_THAT(rules_at(91, four), IsSupersetOf({"axial_spondyloarthritis", "possible_axial_spondyloarthritis"}));
  EXPECT_THAT(rules_at(91, three), Contains("possible_axial_spondyloarthritis"));
  EXPECT_THAT(rules_at(91, three), Not(Contains("axial_spondyloarthritis")));
  EXPECT_THAT(rules_at(90, four), ElementsAre("over_12_weeks"));
  EXPECT_THAT(rules_at(91, {"buttock_pain", "psoriasis"}), ElementsAre("over_12_weeks"));
}

TEST(EngineTest, CountsTheAgeAtOnsetForSpondyloarthritis) {
  auto presentation = With(Lasting(91), {"buttock_pain", "better_with_movement", "psoriasis"});
  presentation.set_age_years(34);
  EXPECT_THAT(Ids(AssessShipped(presentation).fired_rules()), Contains("axial_spondyloarthritis"));
  presentation.set_age_years(60);
  EXPECT_THAT(Ids(AssessShipped(presentation).fired_rules()), ElementsAre("over_12_weeks"));
  EXPECT_THAT(Ids(AssessShipped(With(presentation, {"onset_before_45", "onset_before_35"})).fired_rules()),
              Contains("axial_spondyloarthritis"));
}

TEST(EngineTest, NeverLeavesAnOpenRedFlagAtHome) {
  const auto harmless = Harmless();
  for (const auto& finding : harmless.findings()) {
    const auto assessment = AssessShipped(With(harmless, {finding.code()}, v1::PRESENCE_UNKNOWN));
    if (assessment.level() == kSelf) {
      // No rule depends on it as long as its partners are absent.
      EXPECT_THAT(assessment.unanswered_red_flags(), IsEmpty()) << finding.code();
      continue;
    }
    EXPECT_EQ(assessment.level(), kWeek) << finding.code();
    EXPECT_THAT(assessment.unanswered_red_flags(), ElementsAre(finding.code()));
    EXPECT_EQ(assessment.headline(), "A few answers could change this advice");
    EXPECT_THAT(assessment.instructions(), HasSubstr("Unsure is not the same as no."));
  }
}

TEST(EngineTest, NamesWhatIsOpenWhenNothingIsKnown) {
  const auto assessment = AssessShipped(Nothing());
  EXPECT_EQ(assessment.level(), kWeek);
  EXPECT_THAT(assessment.fired_rules(), IsEmpty());
  EXPECT_THAT(assessment.unanswered_red_flags(),
              IsSupersetOf({"saddle_numbness", "fever", "age_years", "duration_days"}));
  EXPECT_THAT(assessment.unanswered_red_flags(), Not(Contains("night_pain")));
}

TEST(EngineTest, AsksForAnAgeThatCouldRaiseTheLevel) {
  auto presentation = Harmless();
  presentation.clear_age_years();
  const auto assessment = AssessShipped(presentation);
  EXPECT_EQ(assessment.level(), kWeek);
  EXPECT_THAT(assessment.unanswered_red_flags(), ElementsAre("age_years"));
}

TEST(EngineTest, ListsOnlyWhatCouldStillRaiseTheLevel) {
  const auto assessment = AssessShipped(With(Nothing(), {"saddle_numbness"}));
  EXPECT_EQ(assessment.level(), kEmergency);
  EXPECT_THAT(assessment.unanswered_red_flags(),
              UnorderedElementsAre("new_severe_pain", "collapse", "known_aneurysm", "tearing_pain", "pain_severity",
                                   "duration_days"));
  EXPECT_THAT(assessment.instructions(), Not(HasSubstr("Unsure")));
}

TEST(EngineTest, PutsTheMostUrgentRuleFirst) {
  const auto assessment =
      AssessShipped(With(Harmless(), {"not_improving", "fever", "saddle_numbness", "tearing_pain"}));
  EXPECT_THAT(Ids(assessment.fired_rules()), ElementsAre("tearing_pain", "saddle_numbness", "fever", "not_improving"));
  for (const auto& rule : assessment.fired_rules()) EXPECT_THAT(rule.sources(), Not(IsEmpty()));
  EXPECT_EQ(LevelOf(Shipped(), *Shipped().FindRuleSet(""),
                    *Shipped().ReadFacts(With(Harmless(), {"tearing_pain"}), kTestTime)),
            kAmbulance);
}

TEST(EngineTest, SetsTheDeadlineOfTheLevel) {
  const auto deadline = [](const Codes& present) {
    return FromProto(AssessShipped(With(Harmless(), present)).act_by_time()) - kTestTime;
  };
  EXPECT_EQ(deadline({"tearing_pain"}), absl::ZeroDuration());
  EXPECT_EQ(deadline({"saddle_numbness"}), absl::ZeroDuration());
  EXPECT_EQ(deadline({"fever"}), absl::Hours(24));
  EXPECT_EQ(deadline({"not_improving"}), absl::Hours(24 * 7));
}

TEST(EngineTest, GivesAnEmergencyNothingElseToRead) {
  for (const char* sign : {"tearing_pain", "saddle_numbness"}) {
    const auto assessment = AssessShipped(With(Harmless(), {sign, "effort_onset"}));
    EXPECT_FALSE(assessment.virtual_visit_fits());
    EXPECT_THAT(assessment.advice(), IsEmpty());
    EXPECT_THAT(assessment.causes(), IsEmpty());
    EXPECT_THAT(assessment.safety_net(), HasSubstr("Call 911"));
  }
}

TEST(EngineTest, ReportsWhereTheArticleDiffers) {
  const auto sciatica = AssessShipped(With(Harmless(), {"shooting_leg_pain"}));
  ASSERT_THAT(sciatica.disagreements(), SizeIs(1));
  EXPECT_EQ(sciatica.disagreements(0).rule_set(), "article");
  EXPECT_EQ(sciatica.disagreements(0).level(), kEmergency);
  EXPECT_THAT(Ids(sciatica.disagreements(0).fired_rules()), ElementsAre("shooting_leg_pain"));

  const auto saddle = AssessShipped(With(Harmless(), {"saddle_numbness"}));
  EXPECT_THAT(saddle.disagreements(), IsEmpty()) << "an emergency is acted on, not discussed";
  const auto fever = AssessShipped(With(Harmless(), {"fever"}));
  ASSERT_THAT(fever.disagreements(), SizeIs(1));
  EXPECT_EQ(fever.disagreements(0).level(), kSelf);

  EXPECT_THAT(AssessShipped(With(Harmless(), {"extreme_leg_weakness"})).disagreements(), IsEmpty());
  EXPECT_THAT(AssessShipped(Nothing()).disagreements(), IsEmpty());
}

TEST(EngineTest, RanksCausesByTheirWeight) {
  const auto assessment = AssessShipped(With(
      Harmless(), {"weak_core", "worn_shoes", "focal_bone_tenderness", "training_load_increase", "treadmill_only"}));
  EXPECT_THAT(Ids(assessment.causes()),
              ElementsAre("bone_stress_injury", "treadmill_overuse", "worn_shoes", "weak_core"));
}

TEST(EngineTest, GivesTheSameBytesWhateverTheOrderOfTheAnswers) {
  auto presentation = With(Harmless(), {"fever", "shooting_leg_pain", "runner"});
  const auto first = AssessShipped(presentation).SerializeAsString();
  std::mt19937 random(1);
  for (int i = 0; i < 20; ++i) {
    std::shuffle(presentation.mutable_findings()->pointer_begin(), presentation.mutable_findings()->pointer_end(),
                 random);
    EXPECT_EQ(AssessShipped(presentation).SerializeAsString(), first);
  }
}

}  // namespace
}  // namespace lumbar::triage
