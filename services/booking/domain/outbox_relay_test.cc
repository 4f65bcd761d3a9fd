#include "services/booking/domain/outbox_relay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

#include "common/status/macros.h"
#include "common/status/matchers.h"

namespace lumbar::booking {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Gives each waiting event out once.
class FakeOutbox final : public Outbox {
 public:
  void Add(const std::string& id) { waiting_.push_back({EventOf(id), 3}); }
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

  absl::Status failure_;
  absl::Duration lease_, longest_delay_;
  std::vector<std::string> delivered_, postponed_;

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
  OutboxRelay relay_{outbox_, sink_};
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
