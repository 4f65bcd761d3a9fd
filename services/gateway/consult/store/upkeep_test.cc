#include "services/gateway/consult/store/upkeep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/matchers.h"
#include "common/store/idempotency.h"
#include "common/store/resource_name.h"
#include "common/store/testing/engines.h"
#include "services/gateway/consult/store/list_change_table.h"

namespace lumbar::gateway {
namespace {

class UpkeepTest : public store::EngineTest {
 protected:
  void SetUp() override {
    ASSERT_THAT(database_->Migrate({store::IdempotencyMigrations(), ConsultMigrations()}, clock_), IsOk());
  }

  // Escalated consults, each with a change of now, as if a version without lists had written them.
  void AddOlder(int count) {
    for (int i = 0; i < count; ++i) {
      Case made;
      made.consult.set_name(store::NewName("consults"));
      made.consult.set_patient("patients/17");
      made.consult.set_state(consult::v1::CONSULT_STATE_ESCALATED);
      ASSERT_THAT(cases_.Create({}, made), IsOk());
    }
    Run("UPDATE consult SET listed_version = -1");
  }
  void Run(const std::string& sql) {
    ASSERT_THAT(database_->Write([&](soci::session& session) -> absl::Status {
      session << sql;
      return absl::OkStatus();
    }),
                IsOk());
  }
  int Count(const std::string& rows) {
    const auto count = database_->ReadOne([&](soci::session& session) -> absl::StatusOr<int> {
      int found = 0;
      session << "SELECT count(*) FROM " << rows, soci::into(found);
      return found;
    });
    return count.value_or(-1);
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  std::unique_ptr<store::Database> database_ = Open();
  SqlConsultStore cases_{*database_, clock_};
};

TEST_P(UpkeepTest, FillsInAHundredOlderConsultsInOneStep) {
  AddOlder(101);
  EXPECT_TRUE(FillInOlderConsults(cases_));
  EXPECT_EQ(Count("consult WHERE listed_version <> version"), 1);
  EXPECT_FALSE(FillInOlderConsults(cases_));
  EXPECT_EQ(Count("consult WHERE listed_version <> version"), 0);
}

TEST_P(UpkeepTest, SweepsFiveHundredChangesInOneStep) {
  AddOlder(1);
  Run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) "
      "INSERT INTO consult_change (change_time, name, version, patient, worker, waits, open, state, left_worker, "
      "left_waits, left_open, left_state) SELECT change_time, name, version + i, patient, worker, waits, open, state, "
      "left_worker, left_waits, left_open, left_state FROM consult_change, n");
  EXPECT_FALSE(SweepConsults(*database_, clock_));
  EXPECT_EQ(Count("consult_change"), 501) << "they are kept for a day, and an hour";
  clock_.Advance(kListChangesKept + absl::Hours(1) + absl::Microseconds(1));
  EXPECT_TRUE(SweepConsults(*database_, clock_));
  EXPECT_EQ(Count("consult_change"), 1);
  EXPECT_FALSE(SweepConsults(*database_, clock_));
  EXPECT_EQ(Count("consult_change"), 0);
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, UpkeepTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::gateway
