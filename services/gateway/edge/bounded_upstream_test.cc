#include "services/gateway/edge/bounded_upstream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "common/status/matchers.h"
#include "services/gateway/edge/fake_upstream.h"
#include "services/gateway/edge/pacer.h"

namespace lumbar::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kAssess[] = "/lumbar.triage.v1.TriageService/Assess";
constexpr char kHold[] = "/lumbar.booking.v1.BookingService/CreateHold";
constexpr char kClinician[] = "/lumbar.booking.v1.ClinicianService/GetClinician";

auto IsRefused() { return FailsWith(absl::StatusCode::kResourceExhausted, "TOO_BUSY"); }

struct Taker final : StreamTaker {
  void OnMessage(const std::string& message) override { messages.push_back(message); }
  void OnEnd(const absl::Status& status) override { ends.push_back(status); }
  std::vector<std::string> messages;
  std::vector<absl::Status> ends;
};

class BoundedUpstreamTest : public ::testing::Test {
 protected:
  GiveUp Call(const char* method) {
    return bounded_.Call({method, "", {}, absl::Seconds(1)},
                         [this](const absl::StatusOr<std::string>& answer) { answers_.push_back(answer.status()); });
  }
  std::shared_ptr<Taker> Open(const char* method) {
    auto taker = std::make_shared<Taker>();
    bounded_.Open({method, "", {}, absl::Seconds(1)}, taker)->Next();
    return taker;
  }
  std::string Metrics() const { return prometheus::TextSerializer().Serialize(registry_->Collect()); }

  FakeUpstream upstream_;
  std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
  BoundedUpstream bounded_{
      upstream_,
      {"lumbar.triage.v1.TriageService", "lumbar.booking.v1.BookingService", "lumbar.booking.v1.ClinicianService"},
      {2, 1},
      registry_};
  std::vector<absl::Status> answers_;
};

TEST_F(BoundedUpstreamTest, RefusesAtOnceWhatFindsNoRoom) {
  upstream_.Hold();
  Call(kAssess);
  Call(kAssess);
  EXPECT_THAT(answers_, SizeIs(0));
  EXPECT_EQ(Call(kAssess), nullptr);
  ASSERT_THAT(answers_, SizeIs(1));
  EXPECT_THAT(answers_[0], IsRefused());
  EXPECT_THAT(upstream_.calls(), SizeIs(2));
  EXPECT_THAT(Metrics(), HasSubstr(R"(lumbar_edge_upstream_calls{kind="call",package="lumbar.triage.v1"} 2)"));
  EXPECT_THAT(Metrics(), HasSubstr(R"(lumbar_edge_upstream_refused_total{kind="call",package="lumbar.triage.v1"} 1)"));
}

TEST_F(BoundedUpstreamTest, SaysBeforeARequestIsReadThatThereIsNoRoom) {
  EXPECT_THAT(bounded_.CheckRoom(kAssess, false), IsOk());
  upstream_.Hold();
  Call(kAssess);
  Call(kAssess);
  EXPECT_THAT(bounded_.CheckRoom(kAssess, false), IsRefused());
  EXPECT_THAT(bounded_.CheckRoom(kAssess, true), IsOk());
  EXPECT_THAT(bounded_.CheckRoom(kHold, false), IsOk());
  EXPECT_THAT(bounded_.CheckRoom("/other.v1.Service/Method", false), IsOk());
  EXPECT_THAT(Metrics(), HasSubstr(R"(lumbar_edge_upstream_refused_total{kind="call",package="lumbar.triage.v1"} 1)"));
}

TEST_F(BoundedUpstreamTest, GivesRoomBackWithEachAnswer) {
  for (int i = 0; i < 10; ++i) Call(kAssess);
  upstream_.Hold();
  Call(kAssess);
  Call(kAssess)();
  EXPECT_TRUE(upstream_.given_up());
  Call(kAssess);
  EXPECT_THAT(answers_, SizeIs(12)) << "the two were given up together";
  upstream_.Release();
  EXPECT_THAT(Metrics(), HasSubstr(R"(lumbar_edge_upstream_calls{kind="call",package="lumbar.triage.v1"} 0)"));
  for (const absl::Status& answer : answers_) EXPECT_NE(answer.code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(BoundedUpstreamTest, LetsABusyServiceTakeNothingFromTheOthers) {
  upstream_.Hold();
  Call(kAssess);
  Call(kAssess);
  Call(kHold);
  Call(kClinician);
  EXPECT_THAT(answers_, SizeIs(0));
  Call(kClinician);
  ASSERT_THAT(answers_, SizeIs(1)) << "booking's contracts are one service";
  EXPECT_THAT(answers_[0], IsRefused());
}

TEST_F(BoundedUpstreamTest, CountsStreamsApart) {
  upstream_.Hold();
  Call(kHold);
  Call(kHold);
  const auto first = Open(kHold);
  upstream_.Send("message");
  EXPECT_THAT(first->messages, SizeIs(1));
  const auto second = Open(kHold);
  ASSERT_THAT(second->ends, SizeIs(1));
  EXPECT_THAT(second->ends[0], IsRefused());
  EXPECT_THAT(answers_, SizeIs(0));
  upstream_.FinishStream(absl::OkStatus());
  EXPECT_THAT(first->ends, SizeIs(1));
  EXPECT_THAT(Open(kHold)->ends, SizeIs(0));
}

TEST_F(BoundedUpstreamTest, LeavesWhatNobodyOffersToTheUpstream) {
  for (int i = 0; i < 5; ++i) Call("/other.v1.Service/Method");
  EXPECT_THAT(upstream_.calls(), SizeIs(5));
}

TEST(PacerTest, LetsOneRefusalGoAtOnceAndManyTakeTurns) {
  FakeClock clock(absl::FromUnixSeconds(1'767'323'045));
  Pacer pacer(clock);
  EXPECT_EQ(pacer.Turn(), absl::ZeroDuration());
  for (int i = 1; i < 5; ++i) EXPECT_EQ(pacer.Turn(), i * Pacer::kInterval);
  clock.Advance(absl::Seconds(1));
  EXPECT_EQ(pacer.Turn(), absl::ZeroDuration());
}

TEST(PacerTest, LetsNoneWaitForLong) {
  FakeClock clock(absl::FromUnixSeconds(1'767'323'045));
  Pacer pacer(clock);
  for (int i = 0; i < 10'000; ++i) EXPECT_LE(pacer.Turn(), Pacer::kMost);
  EXPECT_EQ(pacer.Turn(), Pacer::kMost);
  clock.Set(absl::FromUnixSeconds(1'767'000'000));
  EXPECT_LE(pacer.Turn(), Pacer::kMost);
}

}  // namespace
}  // namespace lumbar::gateway
