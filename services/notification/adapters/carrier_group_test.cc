#include "services/notification/adapters/carrier_group.h"

#include <gmock/gmock.h>

#include <utility>

#include "common/status/matchers.h"
#include "services/notification/errors.h"

namespace lumbar::notification {
namespace {

using absl::StatusCode;

class Scripted final : public Carrier {
 public:
  Scripted(std::string name, FakeClock& clock) : name_(std::move(name)), clock_(clock) {}
  Handover Send(const Letter&) override {
    ++tries_;
    clock_.Advance(takes_);
    return {send_, name_, "", retry_after_, of_letter_};
  }
  Handover Ask(const Letter&) override {
    ++asked_;
    clock_.Advance(takes_);
    return {ask_, name_, "", retry_after_};
  }
  bool CanAsk() const override { return can_ask_; }

  const std::string name_;
  FakeClock& clock_;
  absl::Duration takes_;
  absl::Status send_;
  absl::Status ask_ = NeverTaken();
  absl::Duration retry_after_;
  bool of_letter_ = false;
  bool can_ask_ = true;
  int tries_ = 0;
  int asked_ = 0;
};

class CarrierGroupTest : public testing::Test {
 protected:
  CarrierGroup Group(double per_second = 0) {
    std::vector<Provider> providers;
    providers.push_back({std::make_unique<Scripted>("first", clock_), per_second});
    providers.push_back({std::make_unique<Scripted>("second", clock_), per_second});
    first_ = static_cast<Scripted*>(providers[0].carrier.get());
    second_ = static_cast<Scripted*>(providers[1].carrier.get());
    return CarrierGroup(std::move(providers), clock_);
  }

  FakeClock clock_{absl::FromUnixSeconds(1'772'000'000)};
  Scripted* first_ = nullptr;
  Scripted* second_ = nullptr;
};

TEST_F(CarrierGroupTest, PrefersTheFirst) {
  CarrierGroup group = Group();
  EXPECT_EQ(group.Send({}).provider, "first");
  EXPECT_EQ(second_->tries_, 0);
}

TEST_F(CarrierGroupTest, GoesOnToTheSecondOnlyIfTheFirstSurelyDidNotTakeIt) {
  CarrierGroup group = Group();
  first_->send_ = SmsDeferred(503);
  EXPECT_EQ(group.Send({}).provider, "second");
  first_->send_ = SmsOutcomeUnknown();
  EXPECT_THAT(group.Send({}).status, FailsWith(StatusCode::kUnknown, "SMS_OUTCOME_UNKNOWN"));
  first_->send_ = SmsRefused(21211);
  EXPECT_THAT(group.Send({}).status, FailsWith(StatusCode::kFailedPrecondition, "SMS_REFUSED"));
  EXPECT_EQ(second_->tries_, 1);
}

TEST_F(CarrierGroupTest, StopsAskingAProviderThatKeepsFailingAndFindsItBack) {
  CarrierGroup group = Group();
  first_->send_ = SmsUnreachable("down");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(group.Send({}).provider, "second");
  EXPECT_EQ(first_->tries_, 5);
  first_->send_ = absl::OkStatus();
  clock_.Advance(absl::Seconds(15));
  EXPECT_EQ(group.Send({}).provider, "first");
}

TEST_F(CarrierGroupTest, ANumberThatIsRefusedSaysNothingOfItsProvider) {
  CarrierGroup group = Group();
  first_->send_ = SmsRefused(21211);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(group.Send({}).provider, "first");
}

TEST_F(CarrierGroupTest, WhoCannotBeReachedJustNowSaysNothingOfTheirProvider) {
  CarrierGroup group = Group();
  first_->send_ = MailDeferred(451);
  first_->of_letter_ = true;
  first_->retry_after_ = absl::Minutes(1);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(group.Send({}).provider, "second") << "which may take it";
  EXPECT_EQ(first_->tries_, 20);
  first_->send_ = absl::OkStatus();
  EXPECT_EQ(group.Send({}).provider, "first");
}

TEST_F(CarrierGroupTest, LeavesAProviderAloneForAsLongAsItAsks) {
  CarrierGroup group = Group();
  first_->send_ = SmsDeferred(429);
  first_->retry_after_ = absl::Seconds(60);
  EXPECT_EQ(group.Send({}).provider, "second");
  second_->send_ = SmsDeferred(429);
  second_->retry_after_ = absl::Seconds(20);
  EXPECT_THAT(group.Send({}).status, FailsWith(StatusCode::kUnavailable, "SMS_DEFERRED"));
  const Handover resting = group.Send({});
  EXPECT_THAT(resting.status, FailsWith(StatusCode::kResourceExhausted, "PROVIDERS_RESTING"));
  EXPECT_EQ(resting.retry_after, absl::Seconds(20));
  EXPECT_EQ(first_->tries_ + second_->tries_, 3);
  clock_.Advance(absl::Seconds(60));
  first_->send_ = absl::OkStatus();
  EXPECT_EQ(group.Send({}).provider, "first");
}

TEST_F(CarrierGroupTest, LeavesNoProviderAloneForLong) {
  CarrierGroup group = Group();
  for (Scripted* member : {first_, second_}) {
    member->send_ = SmsDeferred(503);
    member->retry_after_ = absl::Seconds(31'536'000);
  }
  EXPECT_EQ(group.Send({}).retry_after, absl::Seconds(31'536'000)) << "that message is asked to wait";
  const Handover resting = group.Send({});
  EXPECT_THAT(resting.status, FailsWith(StatusCode::kResourceExhausted, "PROVIDERS_RESTING"));
  EXPECT_EQ(resting.retry_after, kLongestRest);
  clock_.Advance(kLongestRest);
  first_->send_ = absl::OkStatus();
  EXPECT_EQ(group.Send({}).provider, "first");
}

TEST_F(CarrierGroupTest, LeavesNoProviderAloneForLongWhenTheClockIsSetBack) {
  CarrierGroup group = Group();
  for (Scripted* member : {first_, second_}) {
    member->send_ = SmsDeferred(503);
    member->retry_after_ = absl::Seconds(60);
  }
  group.Send({});
  clock_.Advance(-absl::Hours(3));
  EXPECT_EQ(group.Send({}).retry_after, kLongestRest);
  clock_.Advance(kLongestRest);
  first_->send_ = absl::OkStatus();
  EXPECT_EQ(group.Send({}).provider, "first");
}

TEST_F(CarrierGroupTest, NoProviderGetsMoreThanItsRate) {
  CarrierGroup group = Group(10);
  int taken = 0;
  for (int tenth = 0; tenth < 100; ++tenth, clock_.Advance(absl::Milliseconds(100))) {
    while (group.Send({}).status.ok()) ++taken;
  }
  // Two providers, ten a second each for ten seconds, and a second's worth at once.
  EXPECT_GE(taken, 200);
  EXPECT_LE(first_->tries_, 110);
  EXPECT_LE(second_->tries_, 110);
}

TEST_F(CarrierGroupTest, BelievesNobodyHasAMessageOnlyIfAllSaySo) {
  CarrierGroup group = Group();
  EXPECT_THAT(group.Ask({}).status, FailsWith(StatusCode::kNotFound, "NEVER_TAKEN"));
  second_->ask_ = absl::OkStatus();
  EXPECT_EQ(group.Ask({}).provider, "second");
  second_->ask_ = CannotBeAsked();
  EXPECT_THAT(group.Ask({}).status, FailsWith(StatusCode::kUnimplemented, "OUTCOME_UNKNOWN"));
  first_->ask_ = SmsUnreachable("down");
  EXPECT_THAT(group.Ask({}).status, FailsWith(StatusCode::kUnavailable, "SMS_UNREACHABLE"));
}

TEST_F(CarrierGroupTest, AsksNobodyWhoMustBeLeftAlone) {
  CarrierGroup group = Group();
  first_->ask_ = SmsDeferred(429);
  first_->retry_after_ = absl::Seconds(60);
  EXPECT_THAT(group.Ask({}).status, FailsWith(StatusCode::kUnavailable, "SMS_DEFERRED"));
  const Handover resting = group.Ask({});
  EXPECT_THAT(resting.status, FailsWith(StatusCode::kResourceExhausted, "PROVIDERS_RESTING"));
  EXPECT_EQ(resting.retry_after, absl::Seconds(60));
  EXPECT_EQ(first_->asked_, 1);
  EXPECT_EQ(group.Send({}).provider, "second") << "nor is it sent anything";
  second_->ask_ = absl::OkStatus();
  EXPECT_EQ(group.Ask({}).provider, "second") << "who has it ends the doubt";
  clock_.Advance(absl::Seconds(60));
  second_->ask_ = first_->ask_ = NeverTaken();
  EXPECT_THAT(group.Ask({}).status, FailsWith(StatusCode::kNotFound, "NEVER_TAKEN"));
}

TEST_F(CarrierGroupTest, QuestionsThatFailCountAndThoseThatDoNotProveNothing) {
  CarrierGroup group = Group();
  first_->ask_ = SmsUnreachable("down");
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(absl::IsUnavailable(group.Ask({}).status));
  first_->ask_ = NeverTaken();
  EXPECT_TRUE(absl::IsNotFound(group.Ask({}).status));
  first_->send_ = SmsUnreachable("down");
  EXPECT_EQ(group.Send({}).provider, "second");
  EXPECT_TRUE(absl::IsResourceExhausted(group.Ask({}).status)) << "that was the fifth";
  clock_.Advance(absl::Seconds(15));
  EXPECT_TRUE(absl::IsNotFound(group.Ask({}).status));
  EXPECT_EQ(group.Send({}).provider, "second");
  EXPECT_EQ(first_->tries_, 2) << "it was tried";
  EXPECT_TRUE(absl::IsResourceExhausted(group.Ask({}).status)) << "and takes nothing yet";
}

TEST_F(CarrierGroupTest, ARateHoldsBackNoQuestionAndAQuestionTakesNoneOfIt) {
  CarrierGroup group = Group(0.1);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(absl::IsNotFound(group.Ask({}).status));
  EXPECT_EQ(group.Send({}).provider, "first");
  EXPECT_TRUE(absl::IsNotFound(group.Ask({}).status));
}

TEST_F(CarrierGroupTest, WhoCannotBeAskedNeedsNoRest) {
  CarrierGroup group = Group();
  first_->can_ask_ = false;
  first_->ask_ = CannotBeAsked();
  first_->send_ = MailUnreachable("down");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(group.Send({}).provider, "second");
  EXPECT_TRUE(absl::IsUnimplemented(group.Ask({}).status));
  EXPECT_EQ(group.Send({}).provider, "second");
  EXPECT_EQ(first_->tries_, 5);
}

TEST_F(CarrierGroupTest, GoesOnToTheSecondIfNobodyAnswersAtTheFirst) {
  CarrierGroup group = Group();
  // That, and what a busy machine adds.
  first_->takes_ = kConnectTime + absl::Seconds(1);
  first_->send_ = first_->ask_ = SmsUnreachable("nobody answers");
  EXPECT_EQ(group.Send({}).provider, "second");
  second_->ask_ = absl::OkStatus();
  EXPECT_EQ(group.Ask({}).provider, "second");
}

// Else the claim could end while one process still tries, and another would begin.
TEST_F(CarrierGroupTest, BeginsWithNobodyElseOnceOneTookLong) {
  CarrierGroup group = Group();
  first_->takes_ = absl::Seconds(20);
  first_->send_ = SmsUnreachable("down");
  EXPECT_THAT(group.Send({}).status, FailsWith(StatusCode::kUnavailable, "SMS_UNREACHABLE"));
  EXPECT_EQ(second_->tries_, 0);
  EXPECT_THAT(group.Ask({}).status, FailsWith(StatusCode::kUnavailable, "PROVIDERS_SLOW"));
  EXPECT_EQ(second_->asked_, 0);
}

TEST(RateLimitTest, SaysHowLongToWait) {
  FakeClock clock(absl::FromUnixSeconds(1'772'000'000));
  RateLimit slow(0.1, clock);
  EXPECT_EQ(slow.Take(), absl::ZeroDuration());
  EXPECT_EQ(slow.Take(), absl::Seconds(10));
  clock.Advance(absl::Seconds(4));
  EXPECT_EQ(slow.Take(), absl::Seconds(6));
  clock.Advance(absl::Seconds(6));
  EXPECT_EQ(slow.Take(), absl::ZeroDuration());
}

TEST(RateLimitTest, HoldsBackNoLongerWhenTheClockIsSetBack) {
  FakeClock clock(absl::FromUnixSeconds(1'772'000'000));
  for (const double per_second : {0.1, 10.0}) {
    const absl::Duration interval = absl::Seconds(1) / per_second;
    RateLimit limit(per_second, clock);
    while (limit.Take() == absl::ZeroDuration()) continue;
    clock.Advance(-absl::Hours(3));
    EXPECT_EQ(limit.Take(), interval);
    clock.Advance(interval);
    EXPECT_EQ(limit.Take(), absl::ZeroDuration());
  }
}

}  // namespace
}  // namespace lumbar::notification
