// One damaged row doesn't stop a queue, on every engine.
#include <gmock/gmock.h>

#include "common/store/proto_column.h"
#include "services/notification/testing/conversation_fixture.h"

namespace lumbar::notification {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class ClaimedContentsTest : public ConversationFixture {
 protected:
  void Write(const std::string& table, const std::string& name, const std::string& body) {
    ASSERT_THAT(database_->Write([&](soci::session& session) {
      session << "UPDATE " << table << " SET body = :body WHERE name = :name", soci::use(body), soci::use(name);
      return absl::OkStatus();
    }),
                IsOk());
  }
  absl::StatusOr<std::vector<ClaimedMessage>> Claim(int limit) { return messages_.Claim(limit, kLongestLease); }
};

TEST_P(ClaimedContentsTest, LeavesOutAMessageWhoseVisitCantBeReadAndGivesTheOthers) {
  booking::v1::Appointment other = booked_;
  other.set_name("appointments/other");
  Record(booked_);
  clock_.Advance(absl::Microseconds(1));
  Record(other);
  Write("appointment", booked_.name(), "{");
  EXPECT_THAT(Claim(1), IsOkAndHolds(IsEmpty()));
  ASSERT_OK_AND_ASSIGN(const auto next, Claim(1));
  ASSERT_THAT(next, SizeIs(1)) << "the oldest is out of the way";
  EXPECT_EQ(next[0].message.appointment(), other.name());
}

TEST_P(ClaimedContentsTest, CountsNoTryOfWhatCouldntBeRead) {
  Record(booked_);
  Write("appointment", booked_.name(), "{");
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(Claim(1), IsOkAndHolds(IsEmpty()));
    clock_.Advance(kLongestLease);
  }
  Write("appointment", booked_.name(), *store::ToColumn(booked_));
  ASSERT_OK_AND_ASSIGN(const auto mended, Claim(1));
  ASSERT_THAT(mended, SizeIs(1));
  EXPECT_EQ(mended[0].message.attempts(), 1);
  EXPECT_FALSE(mended[0].doubtful);
}

TEST_P(ClaimedContentsTest, LeavesOutAReplyWhoseConversationCantBeReadAndGivesTheOthers) {
  Text("Can I come at 3?");
  const std::string damaged = Conversation().name();
  ASSERT_THAT(Reply(Conversation(), "Yes."), IsOk());
  Record(booked_);
  Write("conversation", damaged, "{");
  ASSERT_OK_AND_ASSIGN(const auto claimed, Claim(10));
  ASSERT_THAT(claimed, SizeIs(1));
  EXPECT_EQ(claimed[0].message.appointment(), booked_.name());
}

TEST_P(ClaimedContentsTest, TellsTheStaffOfOverdueConversationsThatCantBeReadToo) {
  Text("Can I come at 3?");
  const std::string damaged = Conversation().name();
  clock_.Advance(absl::Seconds(1));
  Text("Where are you?", "+12125550124");
  Write("conversation", damaged, "{");
  clock_.Advance(absl::Hours(1));
  EXPECT_THAT(conversations_.Escalate(1, /*alert=*/true), IsOkAndHolds(1));
  EXPECT_THAT(conversations_.Escalate(1, /*alert=*/true), IsOkAndHolds(1));
  EXPECT_THAT(conversations_.Escalate(1, /*alert=*/true), IsOkAndHolds(0));
  ASSERT_OK_AND_ASSIGN(const auto reminders, messages_.ClaimForStaff(10, kLongestLease));
  ASSERT_THAT(reminders, SizeIs(2));
  EXPECT_EQ(reminders[0].message.appointment(), damaged);
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, ClaimedContentsTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::notification
