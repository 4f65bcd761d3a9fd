// Over every engine: what was given up is found, and tried again.
#include "services/notification/domain/dead_letters.h"

#include <gmock/gmock.h>

#include "common/rpc/testing.h"
#include "common/store/resource_name.h"
#include "services/notification/testing/dispatcher_fixture.h"

namespace lumbar::notification {
namespace {

using absl::StatusCode;
using testing::SizeIs;

class DeadLettersTest : public DispatcherTest {
 protected:
  // So many messages given up for `failure`.
  void GiveUp(int count, const absl::Status& failure) {
    for (int i = 0; i < count; ++i) {
      Record(SampleAppointment(clock_.Now() + absl::Minutes(50), store::NewName("appointments")));
    }
    mailer_.script_ = [failure] { return failure; };
    while (dispatcher_->RunBatch()) continue;
    mailer_.script_ = nullptr;
    clock_.Advance(absl::Seconds(1));
  }
  template <typename Request>
  rpc::CallContext Staff(const Request& request) {
    return rpc::TestContext(options::v1::ROLE_STAFF, "staff/1", request);
  }
  std::vector<v1::Message> Dead() {
    const v1::ListDeadLettersRequest request;
    const auto found = dead_letters_.ListDeadLetters(Staff(request), request).value();
    return {found.messages().begin(), found.messages().end()};
  }
  absl::StatusOr<v1::ReplayDeadLetterResponse> Replay(const std::string& name,
                                                      const std::string& request_id = store::NewUuid()) {
    v1::ReplayDeadLetterRequest request;
    request.set_request_id(request_id);
    request.set_name(name);
    return dead_letters_.ReplayDeadLetter(Staff(request), request);
  }
  v1::ReplayDeadLettersResponse ReplayMany(const std::string& reason, int32_t limit,
                                           const google::protobuf::Timestamp* given_up_by = nullptr) {
    v1::ReplayDeadLettersRequest request;
    if (given_up_by != nullptr) *request.mutable_given_up_by() = *given_up_by;
    request.set_request_id(store::NewUuid());
    request.set_reason(reason);
    request.set_limit(limit);
    return dead_letters_.ReplayDeadLetters(Staff(request), request).value();
  }

  int wakes_ = 0;
  DeadLetters dead_letters_{messages_, observer_, [this] { ++wakes_; }};
};

TEST_P(DeadLettersTest, SendsAgainWhatIsReplayed) {
  GiveUp(1, MailRefused(550));
  ASSERT_THAT(Dead(), SizeIs(1));
  const v1::Message dead = Dead()[0];
  EXPECT_EQ(dead.reason(), "MAIL_REFUSED");
  ASSERT_OK_AND_ASSIGN(const auto replayed, Replay(dead.name()));
  EXPECT_EQ(replayed.message().state(), v1::MESSAGE_STATE_QUEUED);
  EXPECT_EQ(replayed.message().attempts(), 0) << "with all its tries before it";
  EXPECT_EQ(wakes_, 1);
  dispatcher_->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(1));
  EXPECT_THAT(Dead(), SizeIs(0));
}

TEST_P(DeadLettersTest, ReplaysOnceHoweverOftenItIsAsked) {
  GiveUp(1, MailRefused(550));
  const std::string name = Dead()[0].name(), request_id = store::NewUuid();
  ASSERT_THAT(Replay(name, request_id).status(), IsOk());
  dispatcher_->RunBatch();
  EXPECT_THAT(Replay(name, request_id).status(), IsOk()) << "the first answer again";
  EXPECT_THAT(Replay(name).status(), FailsWith(StatusCode::kFailedPrecondition, "MESSAGE_NOT_DEAD"));
  EXPECT_THAT(Replay("messages/none").status(), FailsWith(StatusCode::kNotFound, "MESSAGE_NOT_FOUND"));
  dispatcher_->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(1));
}

TEST_P(DeadLettersTest, ReplaysManyByTheirReasonAndSaysWhatRemains) {
  GiveUp(5, MailRefused(550));
  GiveUp(2, ChannelNotConfigured());
  const auto first = ReplayMany("MAIL_REFUSED", 3);
  EXPECT_EQ(first.replayed_count(), 3);
  EXPECT_EQ(first.remaining_count(), 2);
  EXPECT_EQ(ReplayMany("MAIL_REFUSED", 3).remaining_count(), 0);
  EXPECT_EQ(ReplayMany("", 0).replayed_count(), 2) << "of any reason";
  EXPECT_EQ(ReplayMany("", 0).replayed_count(), 0);
  EXPECT_EQ(wakes_, 3);
}

TEST_P(DeadLettersTest, WhatIsGivenUpAgainAtOnceDoesNotComeUpTwice) {
  GiveUp(5, MailRefused(550));
  mailer_.tries_ = 0;
  mailer_.script_ = [] { return MailRefused(550); };
  auto answer = ReplayMany("MAIL_REFUSED", 2);
  const google::protobuf::Timestamp by = answer.given_up_by();
  std::vector<int> remaining = {answer.remaining_count()};
  while (answer.remaining_count() > 0 && remaining.size() < 10) {
    while (dispatcher_->RunBatch()) continue;
    answer = ReplayMany("MAIL_REFUSED", 2, &by);
    EXPECT_EQ(answer.given_up_by().ShortDebugString(), by.ShortDebugString());
    remaining.push_back(answer.remaining_count());
  }
  while (dispatcher_->RunBatch()) continue;
  EXPECT_THAT(remaining, testing::ElementsAre(3, 1, 0));
  EXPECT_EQ(mailer_.tries_, 5) << "each once";
  EXPECT_EQ(ReplayMany("", 0, &by).replayed_count(), 0);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(ReplayMany("", 0).replayed_count(), 5) << "who asks anew gets them all";
}

TEST_P(DeadLettersTest, AReplayIsDroppedIfTheVisitHasChangedSince) {
  GiveUp(1, MailRefused(550));
  ASSERT_THAT(Replay(Dead()[0].name()).status(), IsOk());
  versions_.standing_ = Standing{2, booking::v1::APPOINTMENT_STATE_CANCELLED};
  dispatcher_->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(0));
  EXPECT_EQ(observer_.counts_["dropped APPOINTMENT_CANCELLED"], 1);
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, DeadLettersTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::notification
