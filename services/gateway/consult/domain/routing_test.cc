#include "services/gateway/consult/domain/routing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "common/time/proto_time.h"

namespace lumbar::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

// A day is left until the deadline, so that times within three hours of each other count as equally early.
class RoutingTest : public testing::Test {
 protected:
  booking::v1::Candidate& Add(const std::string& name, std::vector<int> hours) {
    auto& candidate = *found_.add_candidates();
    candidate.set_clinician("clinicians/" + name);
    candidate.set_speaks_language(true);
    for (const int hour : hours) {
      auto& slot = *candidate.add_slots();
      slot.set_clinician(candidate.clinician());
      *slot.mutable_start_time() = ToProtoTime(now_ + absl::Hours(hour));
    }
    return candidate;
  }
  void PassOver(const std::string& name, booking::v1::PassOverReason reason) {
    auto& passed = *found_.add_passed_over();
    passed.set_clinician("clinicians/" + name);
    passed.set_reason(reason);
  }
  void Route() { MakeOffers(found_, now_, now_ + absl::Hours(24), consult_); }
  // Names of the clinicians offered, the best first.
  std::vector<std::string> Offered() {
    Route();
    std::vector<std::string> names;
    for (const auto& offer : consult_.offers()) names.push_back(offer.clinician().substr(11));
    return names;
  }
  std::map<std::string, std::string> Notes() const {
    std::map<std::string, std::string> notes;
    for (const auto& note : consult_.routing_notes()) notes[note.clinician().substr(11)] = note.reason();
    return notes;
  }

  const absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  booking::v1::FindCandidatesResponse found_;
  consult::v1::Consult consult_;
};

TEST_F(RoutingTest, OffersTheEarliestFirst) {
  Add("late", {20});
  Add("early", {2});
  EXPECT_THAT(Offered(), ElementsAre("early", "late"));
}

TEST_F(RoutingTest, OffersOneTimeOfEachBeforeASecondOfAny) {
  Add("maya", {1, 2, 3});
  Add("omar", {8, 9});
  EXPECT_THAT(Offered(), ElementsAre("maya", "omar", "maya", "omar"));
}

TEST_F(RoutingTest, OffersNoMoreThanHelpsToChoose) {
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h"}) Add(name, {1});
  EXPECT_THAT(Offered(), ElementsAre("a", "b", "c", "d", "e", "f"));
  EXPECT_EQ(Notes()["h"], "RANKED_LOWER");
}

TEST_F(RoutingTest, PrefersOneWhoHasSeenThePatientAmongEquallyEarlyOnes) {
  Add("stranger", {1});
  *Add("known", {2}).mutable_last_seen_time() = ToProtoTime(now_ - absl::Hours(24 * 90));
  *Add("known-but-late", {10}).mutable_last_seen_time() = ToProtoTime(now_);
  EXPECT_THAT(Offered(), ElementsAre("known", "stranger", "known-but-late"));
}

TEST_F(RoutingTest, PrefersWhoHasLessToDoAndThenWhoWasBookedLongestAgo) {
  Add("full", {1}).set_load(0.9);
  auto& lately = Add("lately", {1});
  lately.set_load(0.31);
  *lately.mutable_last_booked_time() = ToProtoTime(now_ - absl::Minutes(5));
  auto& before = Add("before", {1});
  before.set_load(0.39);
  *before.mutable_last_booked_time() = ToProtoTime(now_ - absl::Hours(5));
  Add("never", {1}).set_load(0.3);
  EXPECT_THAT(Offered(), ElementsAre("never", "before", "lately", "full"));
}

TEST_F(RoutingTest, KeepsToThePatientsLanguageWhileThereIsTime) {
  Add("english", {1}).set_speaks_language(false);
  Add("spanish", {12});
  EXPECT_THAT(Offered(), ElementsAre("spanish"));
  EXPECT_THAT(Notes(), UnorderedElementsAre(Pair("spanish", "OFFERED"), Pair("english", "OTHER_LANGUAGE")));
}

TEST_F(RoutingTest, TakesAnyLanguageRatherThanTheSecondHalfOfTheTimeLeft) {
  Add("english", {1}).set_speaks_language(false);
  Add("spanish", {13});
  EXPECT_THAT(Offered(), ElementsAre("english", "spanish"));
}

TEST_F(RoutingTest, NeverOffersATimeAfterTheDeadline) {
  Add("both", {24, 25});
  Add("late", {25});
  EXPECT_THAT(Offered(), ElementsAre("both"));
}

TEST_F(RoutingTest, TellsWhyEachOfTheOthersWasPassedOver) {
  Add("maya", {1});
  PassOver("busy", booking::v1::PASS_OVER_REASON_NO_FREE_TIME);
  PassOver("far", booking::v1::PASS_OVER_REASON_NOT_LICENSED);
  PassOver("pediatric", booking::v1::PASS_OVER_REASON_OUTSIDE_AGE_SCOPE);
  PassOver("surgeon", booking::v1::PASS_OVER_REASON_VISIT_TYPE_NOT_OFFERED);
  Route();
  EXPECT_THAT(Notes(), UnorderedElementsAre(Pair("maya", "OFFERED"), Pair("busy", "NO_SLOT_BEFORE_ACT_BY"),
                                            Pair("far", "NOT_LICENSED"), Pair("pediatric", "OUTSIDE_AGE_SCOPE"),
                                            Pair("surgeon", "VISIT_TYPE_NOT_OFFERED")));
}

TEST_F(RoutingTest, ForgetsTheOffersBefore) {
  Add("maya", {1});
  Route();
  found_.Clear();
  Route();
  EXPECT_THAT(consult_.offers(), IsEmpty());
  EXPECT_THAT(consult_.routing_notes(), IsEmpty());
}

TEST_F(RoutingTest, KeepsTheTraceOfALargeClinicBounded) {
  for (int i = 0; i < 300; ++i) PassOver(std::to_string(i), booking::v1::PASS_OVER_REASON_NOT_LICENSED);
  Route();
  EXPECT_THAT(consult_.routing_notes(), SizeIs(kMaxRoutingNotes));
}

// Three clinicians, each in every way: first time early, before and after the middle, too late; language; seen before;
// load.
class EveryRoutingTest : public RoutingTest {
 protected:
  static constexpr int kHours[] = {1, 11, 20, 25};
  static constexpr int kWays = 4 * 2 * 2 * 2;
  void AddInWay(int number, int way) {
    auto& candidate = Add(std::to_string(number), {kHours[way % 4], kHours[way % 4] + 1});
    candidate.set_speaks_language(way / 4 % 2 == 0);
    if (way / 8 % 2 == 0) *candidate.mutable_last_seen_time() = ToProtoTime(now_);
    candidate.set_load(way / 16 % 2 == 0 ? 0.2 : 0.8);
  }
  void Check() {
    Route();
    const auto earliest = [&](const booking::v1::Candidate& one) {
      return FromProto(one.slots(0).start_time()) - now_;
    };
    bool any = false, language_counts = false;
    for (const auto& one : found_.candidates()) {
      any |= earliest(one) <= absl::Hours(24);
      language_counts |= one.speaks_language() && earliest(one) <= absl::Hours(12);
    }
    EXPECT_EQ(any, !consult_.offers().empty()) << "a preference left the patient without a time";
    EXPECT_THAT(consult_.routing_notes(), SizeIs(any ? SoonEnough() : 0));
    for (const auto& offer : consult_.offers()) {
      EXPECT_LE(FromProto(offer.start_time()), now_ + absl::Hours(24));
      const auto& by = found_.candidates(offer.clinician().back() - '0');
      EXPECT_TRUE(by.speaks_language() || !language_counts);
    }
    // The order in which booking tells of them is nothing to go by.
    std::reverse(found_.mutable_candidates()->begin(), found_.mutable_candidates()->end());
    consult::v1::Consult again;
    MakeOffers(found_, now_, now_ + absl::Hours(24), again);
    EXPECT_THAT(again.offers(), SizeIs(consult_.offers_size()));
    for (int i = 0; i < again.offers_size(); ++i) {
      EXPECT_EQ(again.offers(i).SerializeAsString(), consult_.offers(i).SerializeAsString());
    }
  }
  int SoonEnough() const {
    return static_cast<int>(std::count_if(found_.candidates().begin(), found_.candidates().end(), [&](const auto& one) {
      return FromProto(one.slots(0).start_time()) <= now_ + absl::Hours(24);
    }));
  }
};

TEST_F(EveryRoutingTest, PreferencesOrderButNeverLeaveAPatientWithoutATime) {
  for (int way = 0; way < kWays * kWays * kWays && !HasFailure(); ++way) {
    found_.Clear();
    AddInWay(0, way % kWays);
    AddInWay(1, way / kWays % kWays);
    AddInWay(2, way / kWays / kWays);
    Check();
  }
}

}  // namespace
}  // namespace lumbar::gateway
