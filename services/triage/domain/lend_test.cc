// Answers on an arena borrow from the protocol; they must say the same, and leave it as it was.
#include "services/triage/domain/lend.h"

#include <gtest/gtest.h>

#include "services/triage/domain/engine.h"
#include "services/triage/domain/testing.h"

namespace lumbar::triage {
namespace {

TEST(LendTest, AnswersOnAnArenaAreTheSameBytesAndLeaveTheProtocolAsItWas) {
  for (const auto& vignette : ShippedVignettes()) {
    for (const auto& rule_set : Shipped().rule_sets()) {
      const auto facts = Shipped().ReadFacts(vignette.presentation(), kTestTime);
      ASSERT_TRUE(facts.ok()) << vignette.id();
      const std::string copied = AssessFacts(Shipped(), rule_set, *facts, kTestTime).SerializeAsString();
      {
        google::protobuf::Arena arena;
        auto* lent = google::protobuf::Arena::CreateMessage<v1::Assessment>(&arena);
        AssessFacts(Shipped(), rule_set, *facts, kTestTime, *lent);
        EXPECT_EQ(lent->SerializeAsString(), copied) << vignette.id();
      }
      EXPECT_EQ(AssessFacts(Shipped(), rule_set, *facts, kTestTime).SerializeAsString(), copied) << vignette.id();
    }
  }
}

TEST(LendTest, CopiesWhereNoArenaIs) {
  v1::Source part;
  part.set_title("NICE NG59");
  v1::FiredRule rule;
  Lend(part, *rule.mutable_sources());
  EXPECT_EQ(rule.sources(0).title(), "NICE NG59");
  EXPECT_NE(&rule.sources(0), &part);
}

}  // namespace
}  // namespace lumbar::triage
