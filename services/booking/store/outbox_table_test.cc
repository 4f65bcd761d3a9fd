#include "services/booking/store/outbox_table.h"

#include "services/booking/testing/booking_test.h"

namespace lumbar::booking {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class OutboxTest : public BookingTest {
 protected:
  // Two events of one appointment: booked and cancelled.
  std::string BookAndCancel(absl::Time start) {
    const auto booked = Confirm(Hold(start));
    EXPECT_THAT(booked, IsOk());
    EXPECT_THAT(Cancel(booked->appointment().name()), IsOk());
    return booked->appointment().name();
  }
  std::vector<ClaimedEvent> Claim(int limit = 10) {
    const auto claimed = outbox_.Claim(limit, absl::Minutes(1));
    EXPECT_THAT(claimed, IsOk());
    return claimed.ok() ? *claimed : std::vector<ClaimedEvent>();
  }
};
INSTANTIATE_TEST_SUITE_P(EveryEngine, OutboxTest, testing::ValuesIn(store::Engines()), store::EngineName());

TEST_P(OutboxTest, KeepsTheOrderOfOneAppointment) {
  BookAndCancel(nine_);
  const auto first = Claim();
  ASSERT_THAT(first, SizeIs(1));
  EXPECT_EQ(first[0].event.appointment().version(), 1);
  EXPECT_THAT(Claim(), IsEmpty()) << "the second waits for the first";
  ASSERT_THAT(outbox_.MarkDelivered(first[0]), IsOk());
  const auto second = Claim();
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_EQ(second[0].event.appointment().version(), 2);
}

TEST_P(OutboxTest, ClaimsSeveralAppointmentsAtOnceUpToTheLimit) {
  for (int i = 0; i < 3; ++i) BookAndCancel(nine_ + i * absl::Minutes(40));
  EXPECT_THAT(Claim(2), SizeIs(2));
  EXPECT_THAT(Claim(2), SizeIs(1));
}

TEST_P(OutboxTest, GivesAClaimToNobodyElseUntilItsLeaseEnds) {
  BookAndCancel(nine_);
  const auto lost = Claim();
  ASSERT_THAT(lost, SizeIs(1));
  clock_.Advance(absl::Minutes(1) - absl::Microseconds(1));
  EXPECT_THAT(Claim(), IsEmpty());
  clock_.Advance(absl::Microseconds(1));
  const auto again = Claim();
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0].event.event_id(), lost[0].event.event_id());
  EXPECT_EQ(again[0].attempt, 2);
  // The one who lost the lease can neither finish nor postpone what somebody else delivers now.
  EXPECT_THAT(outbox_.MarkDelivered(lost[0]), IsOk());
  EXPECT_THAT(outbox_.Postpone(lost[0], absl::ZeroDuration()), IsOk());
  EXPECT_THAT(Claim(), IsEmpty());
  clock_.Advance(absl::Minutes(1));
  EXPECT_THAT(Claim(), SizeIs(1));
}

TEST_P(OutboxTest, PostponesAnEventWithoutLosingItsTurn) {
  BookAndCancel(nine_);
  const auto claimed = Claim();
  ASSERT_THAT(claimed, SizeIs(1));
  ASSERT_THAT(outbox_.Postpone(claimed[0], absl::Seconds(10)), IsOk());
  clock_.Advance(absl::Seconds(9));
  EXPECT_THAT(Claim(), IsEmpty());
  clock_.Advance(absl::Seconds(1));
  const auto again = Claim();
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0].event.appointment().version(), 1);
}

TEST_P(OutboxTest, LeavesOutAnEventThatCantBeReadAndGivesTheOthers) {
  const std::string damaged = BookAndCancel(nine_);
  clock_.Advance(absl::Microseconds(1));
  const std::string sound = BookAndCancel(nine_ + absl::Minutes(40));
  ASSERT_THAT(database_->Write([&](soci::session& session) {
    session << "UPDATE outbox SET body = '{' WHERE appointment = :damaged", soci::use(damaged);
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_THAT(Claim(1), IsEmpty());
  const auto next = Claim(1);
  ASSERT_THAT(next, SizeIs(1)) << "the oldest is out of the way";
  EXPECT_EQ(next[0].event.appointment().name(), sound);
  EXPECT_THAT(Claim(), IsEmpty()) << "the damaged one's lease lasts, and the second of each waits for the first";
}

TEST_P(OutboxTest, LetsTheLaterEventsGoOnAfterOneIsGivenUp) {
  BookAndCancel(nine_);
  const auto lost = Claim();
  ASSERT_THAT(lost, SizeIs(1));
  clock_.Advance(absl::Minutes(1));
  const auto claimed = Claim();
  ASSERT_THAT(claimed, SizeIs(1));
  ASSERT_THAT(outbox_.GiveUp(lost[0], "INVALID_ARGUMENT"), IsOk());
  EXPECT_THAT(Claim(), IsEmpty()) << "only who has the claim can give it up";
  ASSERT_THAT(outbox_.GiveUp(claimed[0], "INVALID_ARGUMENT"), IsOk());
  const auto later = Claim();
  ASSERT_THAT(later, SizeIs(1));
  EXPECT_EQ(later[0].event.appointment().version(), 2);
  ASSERT_THAT(outbox_.MarkDelivered(later[0]), IsOk());
  clock_.Advance(absl::Hours(24));
  EXPECT_THAT(Claim(), IsEmpty());
}

}  // namespace
}  // namespace lumbar::booking
