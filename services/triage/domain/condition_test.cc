#include "services/triage/domain/condition.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace lumbar::triage {
namespace {

using ::testing::ElementsAre;

constexpr Truth kFalse = Truth::kFalse, kUnknown = Truth::kUnknown, kTrue = Truth::kTrue;

class ConditionTest : public ::testing::Test {
 protected:
  static v1::Protocol Questions() {
    v1::Protocol protocol;
    for (const char* code : {"a", "b", "c"}) protocol.add_findings()->set_code(code);
    return protocol;
  }
  Condition Parse(const std::string& text) const {
    v1::Condition condition;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &condition)) << text;
    return {condition, vocabulary_};
  }
  static Facts Of(Truth a, Truth b, Truth c = kUnknown) {
    Facts facts;
    facts.findings = {a, b, c};
    return facts;
  }
  std::vector<std::string> Open(const std::string& text, const Facts& facts) const {
    std::vector<bool> open(vocabulary_.atoms());
    Parse(text).VisitAtoms(facts, kUnknown, [&](size_t atom) { open[atom] = true; });
    std::vector<std::string> names;
    for (size_t atom = 0; atom < open.size(); ++atom) {
      if (open[atom]) names.emplace_back(vocabulary_.AtomName(atom));
    }
    return names;
  }

  const Vocabulary vocabulary_{Questions()};
};

TEST_F(ConditionTest, FollowsKleeneForAllAndAnyAndNot) {
  const auto all = Parse(R"(all { of { present: "a" } of { present: "b" } })");
  const auto any = Parse(R"(any { of { present: "a" } of { present: "b" } })");
  const auto no = Parse(R"(not { present: "a" })");
  for (const Truth a : {kFalse, kUnknown, kTrue}) {
    for (const Truth b : {kFalse, kUnknown, kTrue}) {
      EXPECT_EQ(all.Evaluate(Of(a, b)), std::min(a, b));
      EXPECT_EQ(any.Evaluate(Of(a, b)), std::max(a, b));
    }
  }
  EXPECT_EQ(no.Evaluate(Of(kTrue, kUnknown)), kFalse);
  EXPECT_EQ(no.Evaluate(Of(kFalse, kUnknown)), kTrue);
  EXPECT_EQ(no.Evaluate(Of(kUnknown, kTrue)), kUnknown);
}

TEST_F(ConditionTest, CountsWhatHoldsAndWhatStillMight) {
  const auto two = Parse(R"(at_least { count: 2 of { present: "a" } of { present: "b" } of { present: "c" } })");
  EXPECT_EQ(two.Evaluate(Of(kTrue, kFalse, kTrue)), kTrue);
  EXPECT_EQ(two.Evaluate(Of(kTrue, kTrue, kUnknown)), kTrue);
  EXPECT_EQ(two.Evaluate(Of(kTrue, kFalse, kUnknown)), kUnknown);
  EXPECT_EQ(two.Evaluate(Of(kUnknown, kUnknown, kFalse)), kUnknown);
  EXPECT_EQ(two.Evaluate(Of(kTrue, kFalse, kFalse)), kFalse);
}

TEST_F(ConditionTest, IncludesTheBoundsOfARange) {
  const auto range = Parse("range { quantity: QUANTITY_DURATION_DAYS at_least: 3 at_most: 5 }");
  Facts facts = Of(kFalse, kFalse);
  EXPECT_EQ(range.Evaluate(facts), kUnknown);
  for (const uint32_t days : {2u, 3u, 5u, 6u}) {
    facts.quantities[v1::QUANTITY_DURATION_DAYS - 1] = days;
    EXPECT_EQ(range.Evaluate(facts) == kTrue, days == 3 || days == 5) << days;
  }
  facts.quantities[v1::QUANTITY_DURATION_DAYS - 1] = 4'000'000'000;
  EXPECT_EQ(Parse("range { quantity: QUANTITY_DURATION_DAYS at_least: 3 }").Evaluate(facts), kTrue);
}

TEST_F(ConditionTest, ComparesTheSex) {
  const auto female = Parse("sex: SEX_FEMALE");
  Facts facts = Of(kFalse, kFalse);
  EXPECT_EQ(female.Evaluate(facts), kUnknown);
  facts.sex = v1::SEX_FEMALE;
  EXPECT_EQ(female.Evaluate(facts), kTrue);
  facts.sex = v1::SEX_MALE;
  EXPECT_EQ(female.Evaluate(facts), kFalse);
}

TEST_F(ConditionTest, MarksOnlyWhatTheOutcomeStillDependsOn) {
  const std::string text =
      R"(any { of { all { of { present: "a" } of { present: "b" } } } of { present: "c" } of { sex: SEX_MALE } })";
  EXPECT_THAT(Open(text, Of(kUnknown, kFalse, kUnknown)), ElementsAre("c", "sex"));
  EXPECT_THAT(Open(text, Of(kUnknown, kTrue, kFalse)), ElementsAre("a", "sex"));
  EXPECT_THAT(Open(text, Of(kUnknown, kUnknown, kTrue)), ElementsAre());
}

TEST_F(ConditionTest, HoldsAlwaysIfThereIsNone) { EXPECT_EQ(Condition().Evaluate(Of(kFalse, kFalse)), kTrue); }

}  // namespace
}  // namespace lumbar::triage
