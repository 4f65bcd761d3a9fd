#include "services/booking/domain/outbox_relay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "common/status/macros.h"
#include "common/status/matchers.h"
#include "common/telemetry/log.h"

namespace lumbar::booking {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Gives each waiting event out once.
class FakeOutbox final : public Outbox {
 public:
  void Add(const std::string& id, int64_t attempt = 3) { waiting_.push_back({EventOf(id), attempt}); }
  absl::StatusOr<std::vector<ClaimedEvent>> Claim(int limit, absl::Duration lease) override {
    lease_ = lease;
    LUMBAR_RETURN_IF_ERROR(failure_);
    std::vector<ClaimedEvent> claimed;
    for (; !waiting_.empty() && static_cast<int>(claimed.size()) < limit; waiting_.pop_front()) {
      claimed.push_back(waiting_.front());
    }
    return claimed;
  }
  absl::Status MarkDelivered(const ClaimedEvent& claimed) override {
    delivered_.push_back(claimed.event.event_id());
    return absl::OkStatus();
  }
  absl::Status Postpone(const ClaimedEvent& claimed, absl::Duration delay) override {
    postponed_.push_back(claimed.event.event_id());
    longest_delay_ = std::max(longest_delay_, delay);
    return absl::OkStatus();
  }

  absl::Status GiveUp(const ClaimedEvent& claimed, absl::string_view code) override {
    given_up_.push_back(absl::StrCat(claimed.event.event_id(), " ", code));
    return absl::OkStatus();
  }

  absl::Status failure_;
  absl::Duration lease_, longest_delay_;
  std::vector<std::string> delivered_, postponed_, given_up_;

 private:
  static v1::AppointmentEvent EventOf(const std::string& id) {
    v1::AppointmentEvent event;
    event.set_event_id(id);
    return event;
  }
  std::deque<ClaimedEvent> waiting_;
};

class FakeSink final : public EventSink {
 public:
  absl::Status Deliver(const v1::AppointmentEvent& event) override {
    ++told_;
    return event.event_id() == refused_ ? refusal_ : absl::OkStatus();
  }
  std::string refused_;
  absl::Status refusal_ = absl::InternalError("no");
  int told_ = 0;
};

class OutboxRelayTest : public testing::Test {
 protected:
  FakeOutbox outbox_;
  FakeSink sink_;
  FakeClock clock_{absl::FromUnixSeconds(1'772'000'000)};
  OutboxRelay relay_{outbox_, sink_, clock_};
};

TEST_F(OutboxRelayTest, DeliversInBatchesUntilNothingIsDue) {
  for (int i = 0; i < 100; ++i) outbox_.Add(std::to_string(i));
  while (relay_.RelayBatch()) continue;
  EXPECT_THAT(outbox_.delivered_, SizeIs(100));
  EXPECT_THAT(outbox_.postponed_, IsEmpty());
}

TEST_F(OutboxRelayTest, PostponesWhatIsNotTakenAndGoesOn) {
  outbox_.Add("a");
  outbox_.Add("b");
  sink_.refused_ = "a";
  EXPECT_TRUE(relay_.RelayBatch());
  EXPECT_THAT(outbox_.delivered_, ElementsAre("b"));
  EXPECT_THAT(outbox_.postponed_, ElementsAre("a"));
  EXPECT_LE(outbox_.longest_delay_, absl::Seconds(4)) << "at the third attempt";
}

TEST_F(OutboxRelayTest, LeavesASinkAloneThatCannotBeReached) {
  for (const char* id : {"a", "b", "c"}) outbox_.Add(id);
  sink_.refused_ = "b";
  sink_.refusal_ = absl::UnavailableError("down");
  EXPECT_FALSE(relay_.RelayBatch());
  EXPECT_THAT(outbox_.delivered_, ElementsAre("a"));
  EXPECT_THAT(outbox_.postponed_, ElementsAre("b", "c"));
  EXPECT_EQ(sink_.told_, 2);
  outbox_.Add("d");
  EXPECT_FALSE(relay_.RelayBatch());
  EXPECT_EQ(sink_.told_, 2) << "nor is anything claimed meanwhile";
  clock_.Advance(kOutage);
  EXPECT_TRUE(relay_.RelayBatch());
  EXPECT_THAT(outbox_.delivered_, ElementsAre("a", "d"));
}

TEST_F(OutboxRelayTest, LeavesASinkAloneNoLongerWhenTheClockIsSetBack) {
  outbox_.Add("a");
  sink_.refused_ = "a";
  sink_.refusal_ = absl::UnavailableError("down");
  EXPECT_FALSE(relay_.RelayBatch());
  outbox_.Add("b");
  clock_.Advance(-absl::Hours(3));
  EXPECT_FALSE(relay_.RelayBatch());
  clock_.Advance(kOutage);
  EXPECT_TRUE(relay_.RelayBatch());
  EXPECT_THAT(outbox_.delivered_, ElementsAre("b"));
}

TEST_F(OutboxRelayTest, GivesUpWhatIsRefusedForGoodAfterTwentyAttempts) {
  outbox_.Add("a", kMostAttempts - 1);
  sink_.refused_ = "a";
  sink_.refusal_ = absl::PermissionDeniedError("no");
  relay_.RelayBatch();
  EXPECT_THAT(outbox_.postponed_, ElementsAre("a"));
  EXPECT_THAT(outbox_.given_up_, IsEmpty());
  outbox_.Add("a", kMostAttempts);
  outbox_.Add("b");
  std::ostringstream log;
  InitLoggingTo(log, "booking", LogLevel::kInfo);
  EXPECT_TRUE(relay_.RelayBatch());
  EXPECT_THAT(outbox_.postponed_, SizeIs(1));
  EXPECT_THAT(outbox_.given_up_, ElementsAre("a PERMISSION_DENIED"));
  EXPECT_THAT(outbox_.delivered_, ElementsAre("b"));
  EXPECT_THAT(log.str(), testing::HasSubstr("event_given_up"));
  InitLoggingTo(std::cerr, "booking", LogLevel::kInfo);
}

TEST_F(OutboxRelayTest, NeverGivesUpWhatMayYetBeTaken) {
  for (const absl::Status& trouble : {absl::UnavailableError(""), absl::DeadlineExceededError(""),
                                      absl::InternalError(""), absl::UnauthenticatedError("")}) {
    outbox_.Add("a", 1000);
    sink_.refused_ = "a";
    sink_.refusal_ = trouble;
    relay_.RelayBatch();
    clock_.Advance(kOutage);
  }
  EXPECT_THAT(outbox_.postponed_, SizeIs(4));
  EXPECT_THAT(outbox_.given_up_, IsEmpty());
}

TEST_F(OutboxRelayTest, WaitsWhenTheOutboxFails) {
  outbox_.Add("a");
  outbox_.failure_ = absl::UnavailableError("busy");
  EXPECT_FALSE(relay_.RelayBatch());
  EXPECT_THAT(outbox_.delivered_, IsEmpty());
}

TEST_F(OutboxRelayTest, HoldsItsLeaseLongerThanABatchCanTake) {
  relay_.RelayBatch();
  EXPECT_GE(outbox_.lease_, 16 * absl::Seconds(10));
}

TEST(BackoffTest, DoublesUpToFiveMinutesAndSpreadsOverAllOfIt) {
  EXPECT_EQ(Backoff(1, 0.5), absl::Milliseconds(500));
  EXPECT_EQ(Backoff(2, 0.5), absl::Seconds(1));
  EXPECT_EQ(Backoff(5, 1.0), absl::Seconds(16));
  EXPECT_EQ(Backoff(5, 0.0), absl::ZeroDuration());
  EXPECT_EQ(Backoff(1000000, 1.0), absl::Minutes(5));
}

}  // namespace
}  // namespace lumbar::booking
