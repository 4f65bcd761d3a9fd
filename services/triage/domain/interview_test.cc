#include "services/triage/domain/interview.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "services/triage/domain/testing.h"
#include "services/triage/domain/vignettes.h"

namespace lumbar::triage {
namespace {

using ::testing::ElementsAre;
using ::testing::Not;

v1::NextQuestionResponse Ask(const v1::Presentation& presentation) {
  return NextQuestion(Shipped(), *Shipped().FindRuleSet(""), *Shipped().ReadFacts(presentation, kTestTime));
}

// Whoever answers: what is true of them, and who they are. Everything else is a no.
struct Patient {
  Codes present = {};
  uint32_t age = 30;
  v1::Sex sex = v1::SEX_FEMALE;
  uint32_t days = 1;
  // Answers "I don't know" to everything instead.
  bool clueless = false;
};

void AnswerNumber(const Patient& patient, const v1::Question& question, v1::Presentation& known) {
  if (patient.clueless) {
    known.add_not_known(question.sex() ? "sex" : std::string(kMeasureNames[question.quantity() - 1]));
  } else if (question.sex()) {
    known.set_sex(patient.sex);
  } else if (question.quantity() == v1::QUANTITY_AGE_YEARS) {
    known.set_age_years(patient.age);
  } else if (question.quantity() == v1::QUANTITY_DURATION_DAYS) {
    known.set_duration_days(patient.days);
  } else {
    known.set_pain_severity(3);
  }
}

void Answer(const Patient& patient, const v1::Question& question, v1::Presentation& known) {
  if (question.sex() || question.quantity() != v1::QUANTITY_UNSPECIFIED) return AnswerNumber(patient, question, known);
  for (const auto& choice : question.choices()) {
    const bool present =
        std::find(patient.present.begin(), patient.present.end(), choice.code()) != patient.present.end();
    auto* finding = known.add_findings();
    finding->set_code(choice.code());
    finding->set_presence(patient.clueless ? v1::PRESENCE_UNKNOWN
                                           : (present ? v1::PRESENCE_PRESENT : v1::PRESENCE_ABSENT));
  }
}

struct Interview {
  std::vector<std::string> asked;
  v1::Level level;
};

Interview Interviewed(const Patient& patient, v1::Presentation known = {}) {
  Interview interview;
  while (interview.asked.size() < 40) {
    const auto next = Ask(known);
    interview.level = next.level();
    if (!next.has_question()) break;
    EXPECT_GE(next.questions_left(), 1u);
    interview.asked.push_back(next.question().id());
    Answer(patient, next.question(), known);
  }
  const std::set<std::string> distinct(interview.asked.begin(), interview.asked.end());
  EXPECT_EQ(distinct.size(), interview.asked.size()) << "a question was asked twice";
  return interview;
}

TEST(InterviewTest, LeavesSomebodySoreAfterARunAtHomeWithin15Questions) {
  for (const auto sex : {v1::SEX_FEMALE, v1::SEX_MALE}) {
    for (const uint32_t age : {16u, 30u, 65u}) {
      const auto interview = Interviewed({.present = {"runner"}, .age = age, .sex = sex});
      EXPECT_EQ(interview.level, v1::LEVEL_SELF_CARE);
      EXPECT_LE(interview.asked.size(), 15u);
    }
  }
}

TEST(InterviewTest, StopsAtTheFirstAnswerThatIsAnEmergency) {
  const auto interview = Interviewed({.present = {"saddle_numbness"}, .days = 0});
  EXPECT_THAT(interview.asked, ElementsAre("at_once"));
  EXPECT_EQ(interview.level, v1::LEVEL_EMERGENCY);
  v1::Presentation known;
  EXPECT_FALSE(Ask(With(known, {"saddle_numbness"})).has_question());
}

TEST(InterviewTest, SaysWhatCanBeAnswered) {
  const auto first = Ask(Nothing()).question();
  EXPECT_EQ(first.choices(0).code(), "new_severe_pain");
  EXPECT_EQ(first.choices(0).label(), "new and very bad pain in the back or belly");
  EXPECT_EQ(first.none_label(), "none of these");
  EXPECT_EQ(first.unknown_label(), "I don't know");
  // A sign that was told already is not to be chosen again.
  const auto rest = Ask(With(Nothing(), {"known_aneurysm"})).question();
  for (const auto& choice : rest.choices()) EXPECT_NE(choice.code(), "known_aneurysm");
}

TEST(InterviewTest, AsksTheMostUrgentFirst) {
  EXPECT_EQ(Ask(Nothing()).question().id(), "at_once");
  EXPECT_THAT(Interviewed({}).asked[1], ::testing::AnyOf("legs", "infection"));
}

TEST(InterviewTest, AsksNothingThatNoLongerMatters) {
  const auto man = Interviewed({.sex = v1::SEX_MALE});
  EXPECT_THAT(man.asked, Not(::testing::Contains("pregnancy")));
  EXPECT_THAT(man.asked, Not(::testing::Contains("inflammation")));
  EXPECT_THAT(Interviewed({.days = 200}).asked, Not(::testing::Contains("inflammation")))
      << "over 12 weeks calls for a visit already";
}

TEST(InterviewTest, EndsForSomebodyWhoKnowsNothingWithAVisit) {
  const auto interview = Interviewed({.clueless = true});
  EXPECT_EQ(interview.level, v1::LEVEL_CONSULTATION);
  EXPECT_LE(interview.asked.size(), static_cast<size_t>(Shipped().definition().questions_size()));
}

// An interview may leave out what changes nothing, but never what would have changed the level.
TEST(InterviewTest, ReachesTheLevelOfTheFullAnswersForEveryVignette) {
  size_t asked = 0, interviews = 0, longest = 0;
  for (const auto& vignette : ShippedVignettes()) {
    const auto& told = vignette.presentation();
    if (!vignette.others_absent() || !told.has_age_years() || told.sex() == v1::SEX_UNSPECIFIED) continue;
    Patient patient{.age = told.age_years(), .sex = told.sex(), .days = told.duration_days()};
    bool complete = told.has_duration_days() && vignette.rule_set().empty();
    v1::Presentation whole = PresentationOf(vignette, Shipped().definition());
    for (const auto& finding : told.findings()) {
      if (finding.presence() == v1::PRESENCE_PRESENT) patient.present.push_back(finding.code());
      complete = complete && finding.presence() != v1::PRESENCE_UNKNOWN;
    }
    if (!complete) continue;
    const auto interview = Interviewed(patient);
    const auto full = AssessShipped(whole).level();
    // The severity isn't among this patient's answers, and a running sign without running is none in an interview.
    if (full < v1::LEVEL_EMERGENCY) {
      EXPECT_EQ(interview.level, full) << vignette.id();
    } else {
      EXPECT_GE(interview.level, v1::LEVEL_EMERGENCY) << vignette.id();
    }
    asked += interview.asked.size();
    longest = std::max(longest, interview.asked.size());
    ++interviews;
  }
  std::cout << interviews << " interviews, " << static_cast<double>(asked) / static_cast<double>(interviews)
            << " questions on average, " << longest << " at most\n";
  EXPECT_GT(interviews, 100u);
  EXPECT_LE(longest, 15u);
}

}  // namespace
}  // namespace lumbar::triage
