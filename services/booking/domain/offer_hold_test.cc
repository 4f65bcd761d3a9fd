// The hold that an offer is, and the patient's other holds.
#include "services/booking/testing/waitlist_fixture.h"

namespace lumbar::booking {
namespace {

using absl::StatusCode;

class OfferHoldTest : public WaitlistFixture {};
INSTANTIATE_TEST_SUITE_P(EveryEngine, OfferHoldTest, testing::ValuesIn(store::Engines()), store::EngineName());

TEST_P(OfferHoldTest, LeavesAnOfferAloneWhenTheHoldOfAnEarlierOneIsReleased) {
  auto wish = Wish();
  wish.clear_clinicians();
  const std::string name = Wait(wish);
  Match();
  const std::string earlier = Entry(name).offer().hold();
  clock_.Advance(absl::Minutes(15));
  Match();
  const v1::WaitlistEntry offered = Entry(name);
  ASSERT_EQ(offered.state(), v1::WAITLIST_STATE_OFFERED);
  ASSERT_NE(offered.offer().hold(), earlier);
  EXPECT_THAT(Release(earlier), IsOk());
  EXPECT_EQ(Entry(name).SerializeAsString(), offered.SerializeAsString());
  EXPECT_THAT(Accept(name), IsOk());
}

TEST_P(OfferHoldTest, TakesAHoldThatIsReleasedTooLateForAnUnansweredOffer) {
  const std::string name = Wait(Wish());
  Match();
  const std::string hold = Entry(name).offer().hold();
  clock_.Advance(absl::Minutes(15));
  EXPECT_THAT(Release(hold), IsOk());
  Match();
  EXPECT_EQ(Entry(name).state(), v1::WAITLIST_STATE_WAITING);
  EXPECT_EQ(Entry(name).unanswered_offers(), 1);
}

TEST_P(OfferHoldTest, CountsNoOfferAmongThePatientsHolds) {
  const auto hold = [&](int slot) {
    auto request = WantedRare(nine_ + slot * absl::Minutes(40), kPatient);
    request.set_clinician(kClinician);
    return Create(request);
  };
  for (int i = 0; i < 4; ++i) ASSERT_THAT(hold(i), IsOk());
  const std::string name = Wait(Wish());
  Match();
  ASSERT_EQ(Entry(name).state(), v1::WAITLIST_STATE_OFFERED);
  EXPECT_THAT(hold(4), IsOk());
  EXPECT_THAT(hold(5), FailsWith(StatusCode::kResourceExhausted, "TOO_MANY_HOLDS"));
  EXPECT_THAT(Accept(name), IsOk());
}

}  // namespace
}  // namespace lumbar::booking
