#include "services/booking/store/sweep.h"

#include "services/booking/testing/booking_test.h"

namespace lumbar::booking {
namespace {

class SweepTest : public BookingTest {
 protected:
  int64_t Count(const std::string& table) {
    int64_t count = -1;
    EXPECT_THAT(database_->Read([&](soci::session& session) {
      session << "SELECT COUNT(*) FROM " + table, soci::into(count);
      return absl::OkStatus();
    }),
                IsOk());
    return count;
  }
};
INSTANTIATE_TEST_SUITE_P(EveryEngine, SweepTest, testing::ValuesIn(store::Engines()), store::EngineName());

TEST_P(SweepTest, TakesAwayWhatIsOverAndNothingElse) {
  const std::string confirmed = Hold(nine_);
  ASSERT_THAT(Confirm(confirmed), IsOk());
  const int64_t kept_ticks = Count("tick");
  Hold(nine_ + absl::Minutes(40));
  auto overridden = HoldRequest(nine_ + absl::Minutes(80));
  overridden.set_override_reason("assessed by phone");
  ASSERT_THAT(Create(overridden, options::v1::ROLE_STAFF), IsOk());
  const int64_t ticks = Count("tick");

  clock_.Advance(absl::Minutes(10) + kTicksKept);
  EXPECT_THAT(Sweep(*database_, clock_), IsOkAndHolds(false));
  EXPECT_EQ(Count("tick"), ticks);
  clock_.Advance(absl::Microseconds(1));
  EXPECT_THAT(Sweep(*database_, clock_), IsOkAndHolds(false));
  EXPECT_EQ(Count("tick"), kept_ticks) << "the appointment's";
  EXPECT_EQ(Count("hold"), 3);

  clock_.Advance(kHoldsKept);
  EXPECT_THAT(Sweep(*database_, clock_), IsOkAndHolds(false));
  EXPECT_EQ(Count("hold"), 1) << "the one that staff answer for";
  EXPECT_EQ(Count("tick"), kept_ticks);
  EXPECT_EQ(Count("appointment"), 1);
}

TEST_P(SweepTest, WorksInBatches) {
  ASSERT_THAT(database_->Write([&](soci::session& session) {
    for (int64_t tick = 0; tick < kSweepBatch + 1; ++tick) {
      session << "INSERT INTO tick (clinician, tick, owner, expire_time) VALUES ('c', :tick, 'holds/1', 1)",
          soci::use(tick);
    }
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_THAT(Sweep(*database_, clock_), IsOkAndHolds(true));
  EXPECT_EQ(Count("tick"), 1);
  EXPECT_THAT(Sweep(*database_, clock_), IsOkAndHolds(false));
  EXPECT_EQ(Count("tick"), 0);
}

}  // namespace
}  // namespace lumbar::booking
