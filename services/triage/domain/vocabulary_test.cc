#include "services/triage/domain/vocabulary.h"

#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>

#include "common/status/matchers.h"
#include "common/time/proto_time.h"
#include "services/triage/domain/testing.h"

namespace lumbar::triage {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> FieldsAtFault(const absl::Status& status) {
  std::vector<std::string> fields;
  const auto wire = ToRpcStatus(status);
  for (const auto& detail : wire.details()) {
    google::rpc::BadRequest bad_request;
    if (!detail.UnpackTo(&bad_request)) continue;
    for (const auto& violation : bad_request.field_violations()) fields.push_back(violation.field());
  }
  return fields;
}

TEST(VocabularyTest, NamesEveryUnknownFinding) {
  const auto facts =
      Shipped().ReadFacts(With(With(Nothing(), {"no_such", "fever"}), {"nor_this"}, v1::PRESENCE_ABSENT), kTestTime);
  EXPECT_THAT(facts, FailsWith(absl::StatusCode::kInvalidArgument, "UNKNOWN_FINDING"));
  EXPECT_THAT(FieldsAtFault(facts.status()),
              ElementsAre("presentation.findings[0].code", "presentation.findings[2].code"));
  EXPECT_THAT(std::string(facts.status().message()), ::testing::Not(::testing::HasSubstr("no_such")));
}

v1::Presentation Twice(v1::Presence first, v1::Presence second) {
  auto presentation = With(Nothing(), {"cancer_history", "fever"}, first);
  auto* again = presentation.add_findings();
  again->set_code("fever");
  again->set_presence(second);
  return presentation;
}

TEST(VocabularyTest, RefusesAFindingThatIsGivenTwiceAndDiffers) {
  for (const auto second : {v1::PRESENCE_ABSENT, v1::PRESENCE_UNKNOWN}) {
    const auto facts = Shipped().ReadFacts(Twice(v1::PRESENCE_PRESENT, second), kTestTime);
    EXPECT_THAT(facts, FailsWith(absl::StatusCode::kInvalidArgument, "CONTRADICTORY_FINDING"));
    EXPECT_THAT(FieldsAtFault(facts.status()), ElementsAre("presentation.findings[2].code"));
  }
}

TEST(VocabularyTest, AcceptsAFindingThatIsGivenTwiceAlike) {
  EXPECT_THAT(Shipped().ReadFacts(Twice(v1::PRESENCE_PRESENT, v1::PRESENCE_PRESENT), kTestTime), IsOk());
}

TEST(VocabularyTest, RefusesAnOnsetThatCannotBe) {
  auto presentation = Nothing();
  for (const auto onset : {kTestTime + absl::Hours(1), kTestTime - absl::Hours(24 * 40'000)}) {
    *presentation.mutable_onset_time() = ToProtoTime(onset);
    const auto facts = Shipped().ReadFacts(presentation, kTestTime);
    EXPECT_THAT(facts, FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
    EXPECT_THAT(FieldsAtFault(facts.status()), ElementsAre("presentation.onset_time"));
  }
  *presentation.mutable_onset_time() = ToProtoTime(kTestTime - absl::Hours(24 * 10));
  presentation.set_duration_days(10);
  EXPECT_THAT(Shipped().ReadFacts(presentation, kTestTime), IsOk());
  presentation.set_duration_days(3);
  EXPECT_THAT(Shipped().ReadFacts(presentation, kTestTime),
              FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
}

TEST(VocabularyTest, TakesAnUnlistedQuestionForUnknown) {
  ASSERT_OK_AND_ASSIGN(const Facts facts, Shipped().ReadFacts(Nothing(), kTestTime));
  EXPECT_THAT(facts.findings, ::testing::Each(Truth::kUnknown));
  EXPECT_THAT(facts.quantities, ::testing::Each(std::nullopt));
}

}  // namespace
}  // namespace lumbar::triage
