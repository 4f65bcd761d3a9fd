#include "common/store/idempotency.h"

#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>

#include <atomic>
#include <thread>
#include <vector>

#include "common/status/matchers.h"
#include "common/store/testing/engines.h"

namespace lumbar::store {
namespace {

// Any message serves as an answer.
using Answer = google::rpc::ErrorInfo;

class IdempotencyTest : public EngineTest {
 protected:
  void SetUp() override { ASSERT_THAT(database_->Migrate({IdempotencyMigrations()}, clock_), IsOk()); }

  // The answer tells how many times the body ran.
  absl::StatusOr<std::string> Ask(const Mutation& mutation, absl::Status outcome = absl::OkStatus()) {
    const auto answer = Once<Answer>(*database_, mutation, clock_, [&](soci::session&) -> absl::StatusOr<Answer> {
      Answer fresh;
      fresh.set_reason(absl::StrCat("run ", ++runs_));
      if (!outcome.ok()) return outcome;
      return fresh;
    });
    if (!answer.ok()) return answer.status();
    return answer->reason();
  }

  absl::StatusOr<int64_t> Expire(absl::Time before, int limit) {
    return database_->Write([&](soci::session& session) { return ExpireResponses(session, before, limit); });
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  std::unique_ptr<Database> database_ = Open();
  std::atomic<int> runs_ = 0;
  const Mutation mutation_ = {.caller = "patient-1", .method = "Hold", .request_id = "r1", .body_hash = "h1"};
};

TEST_P(IdempotencyTest, AnswersARepeatWithTheFirstAnswer) {
  EXPECT_THAT(Ask(mutation_), IsOkAndHolds("run 1"));
  EXPECT_THAT(Ask(mutation_), IsOkAndHolds("run 1"));
  EXPECT_EQ(runs_, 1);
}

TEST_P(IdempotencyTest, AnswersARepeatAfterARestart) {
  EXPECT_THAT(Ask(mutation_), IsOkAndHolds("run 1"));
  database_ = Open();
  EXPECT_THAT(Ask(mutation_), IsOkAndHolds("run 1"));
}

TEST_P(IdempotencyTest, RefusesTheSameIdForAnotherBody) {
  ASSERT_THAT(Ask(mutation_), IsOk());
  Mutation other = mutation_;
  other.body_hash = "h2";
  EXPECT_THAT(Ask(other), FailsWith(absl::StatusCode::kInvalidArgument, "REQUEST_ID_REUSED"));
  EXPECT_EQ(runs_, 1);
}

TEST_P(IdempotencyTest, KeepsCallersAndMethodsApart) {
  Mutation other_caller = mutation_;
  other_caller.caller = "patient-2";
  Mutation other_method = mutation_;
  other_method.method = "Confirm";
  EXPECT_THAT(Ask(mutation_), IsOkAndHolds("run 1"));
  EXPECT_THAT(Ask(other_caller), IsOkAndHolds("run 2"));
  EXPECT_THAT(Ask(other_method), IsOkAndHolds("run 3"));
}

TEST_P(IdempotencyTest, RunsAgainAfterAnError) {
  EXPECT_THAT(Ask(mutation_, absl::AbortedError("later")), StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(Ask(mutation_), IsOkAndHolds("run 2"));
}

TEST_P(IdempotencyTest, RunsEveryTimeWithoutARequestId) {
  Mutation plain = mutation_;
  plain.request_id.clear();
  EXPECT_THAT(Ask(plain), IsOkAndHolds("run 1"));
  EXPECT_THAT(Ask(plain), IsOkAndHolds("run 2"));
}

TEST_P(IdempotencyTest, KeepsAnEmptyAnswer) {
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(Once<Answer>(*database_, mutation_, clock_,
                             [&](soci::session&) -> absl::StatusOr<Answer> {
                               ++runs_;
                               return Answer();
                             }),
                IsOk());
  }
  EXPECT_EQ(runs_, 1);
}

TEST_P(IdempotencyTest, RunsOnceForManyRepeatsAtOnce) {
  std::vector<std::thread> repeats;
  for (int i = 0; i < 8; ++i) {
    repeats.emplace_back([&] { EXPECT_THAT(Ask(mutation_), IsOkAndHolds("run 1")); });
  }
  for (auto& repeat : repeats) repeat.join();
  EXPECT_EQ(runs_, 1);
}

TEST_P(IdempotencyTest, ExpiresOldAnswersInBatches) {
  for (const char* id : {"r1", "r2", "r3"}) {
    Mutation mutation = mutation_;
    mutation.request_id = id;
    ASSERT_THAT(Ask(mutation), IsOk());
    clock_.Advance(absl::Hours(1));
  }
  const absl::Time before_the_third = clock_.Now() - absl::Hours(1);
  EXPECT_THAT(Expire(before_the_third, 1), IsOkAndHolds(1));
  EXPECT_THAT(Expire(before_the_third, 5), IsOkAndHolds(1));
  EXPECT_THAT(Expire(before_the_third, 5), IsOkAndHolds(0));
  EXPECT_THAT(Ask(mutation_), IsOkAndHolds("run 4"));
}

TEST_P(IdempotencyTest, SweepsWhatIsOldEnoughBatchByBatch) {
  for (int i = 0; i < 501; ++i) {
    Mutation mutation = mutation_;
    mutation.request_id = absl::StrCat("old", i);
    ASSERT_THAT(Ask(mutation), IsOk());
  }
  clock_.Advance(kResponsesKept + absl::Seconds(1));
  ASSERT_THAT(Ask(mutation_), IsOk());
  EXPECT_TRUE(SweepResponses(*database_, clock_)) << "501 don't fit into one transaction";
  EXPECT_FALSE(SweepResponses(*database_, clock_));
  EXPECT_THAT(Expire(absl::InfiniteFuture(), 500), IsOkAndHolds(1));
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, IdempotencyTest, testing::ValuesIn(Engines()), EngineName());

}  // namespace
}  // namespace lumbar::store
