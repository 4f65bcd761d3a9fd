#include "common/store/migrations.h"

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>

#include <thread>
#include <vector>

#include "common/status/matchers.h"
#include "common/store/database.h"
#include "common/store/idempotency.h"
#include "common/store/testing/engines.h"

namespace lumbar::store {
namespace {

using testing::Not;
using Files = std::vector<std::pair<std::string_view, std::string_view>>;

constexpr char kFirst[] =
    "-- Two statements; the colon in ':this' is text.\n"
    "CREATE TABLE note (name TEXT PRIMARY KEY); INSERT INTO note VALUES (':this');";

class MigrationsTest : public EngineTest {
 protected:
  absl::Status Migrate(const Files& files, absl::string_view owner = "booking") {
    return database_->Migrate({IdempotencyMigrations(), {owner, files}}, clock_);
  }

  absl::StatusOr<int64_t> Count(const std::string& table) {
    return database_->Read([&](soci::session& session) -> absl::StatusOr<int64_t> {
      int64_t rows = 0;
      session << "SELECT COUNT(*) FROM " << table, soci::into(rows);
      return rows;
    });
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  std::unique_ptr<Database> database_ = Open();
};

TEST_P(MigrationsTest, RunsEveryStatementOnce) {
  const Files files = {{"0001_first.sql", kFirst}};
  EXPECT_THAT(Migrate(files), IsOk());
  EXPECT_THAT(Migrate(files), IsOk());
  EXPECT_THAT(Count("note"), IsOkAndHolds(1));
  EXPECT_THAT(Count("schema_migration"), IsOkAndHolds(2));
}

TEST_P(MigrationsTest, RunsWhatIsForAnotherEngineNowhere) {
  const std::string sql =
      absl::StrCat(kFirst, "\n-- engine: ", database_->engine_name(), "\nINSERT INTO note VALUES ('own');",
                   "\n-- engine: abacus\nNONSENSE;", "\n-- engine: every\nINSERT INTO note VALUES ('all');");
  const Files files = {{"0001_first.sql", sql}};
  EXPECT_THAT(Migrate(files), IsOk());
  EXPECT_THAT(Count("note"), IsOkAndHolds(3));
}

TEST_P(MigrationsTest, AddsANewerFile) {
  ASSERT_THAT(Migrate({{"0001_first.sql", kFirst}}), IsOk());
  EXPECT_THAT(Migrate({{"0001_first.sql", kFirst}, {"0002_more.sql", "INSERT INTO note VALUES ('b')"}}), IsOk());
  EXPECT_THAT(Count("note"), IsOkAndHolds(2));
}

TEST_P(MigrationsTest, LeavesNoHalfOfAFailedFile) {
  EXPECT_THAT(Migrate({{"0001_first.sql", "CREATE TABLE note (name TEXT); NONSENSE;"}}), Not(IsOk()));
  EXPECT_THAT(Migrate({{"0001_first.sql", kFirst}}), IsOk());
}

TEST_P(MigrationsTest, RefusesAChangedFile) {
  ASSERT_THAT(Migrate({{"0001_first.sql", kFirst}}), IsOk());
  EXPECT_THAT(Migrate({{"0001_first.sql", "CREATE TABLE other (name TEXT);"}}),
              FailsWith(absl::StatusCode::kFailedPrecondition, "SCHEMA_CHANGED"));
}

TEST_P(MigrationsTest, RefusesADatabaseNewerThanTheProgram) {
  ASSERT_THAT(Migrate({{"0001_first.sql", kFirst}, {"0002_more.sql", "CREATE TABLE more (name TEXT)"}}), IsOk());
  EXPECT_THAT(Migrate({{"0001_first.sql", kFirst}}), FailsWith(absl::StatusCode::kFailedPrecondition, "SCHEMA_NEWER"));
}

TEST_P(MigrationsTest, RefusesTheDatabaseOfAnotherService) {
  ASSERT_THAT(Migrate({{"0001_first.sql", kFirst}}), IsOk());
  EXPECT_THAT(Migrate({{"0001_first.sql", kFirst}}, "content"),
              FailsWith(absl::StatusCode::kFailedPrecondition, "SCHEMA_NEWER"));
}

TEST_P(MigrationsTest, RefusesNamesWithAGap) {
  EXPECT_THAT(Migrate({{"0002_second.sql", kFirst}}), FailsWith(absl::StatusCode::kInternal, "MIGRATION_NAME"));
  EXPECT_THAT(Migrate({{"first.sql", kFirst}}), FailsWith(absl::StatusCode::kInternal, "MIGRATION_NAME"));
}

TEST_P(MigrationsTest, RunsOnceWhenProcessesStartTogether) {
  std::vector<std::thread> starts;
  for (int i = 0; i < 4; ++i) {
    starts.emplace_back([&] {
      const Files files = {{"0001_first.sql", kFirst}};
      EXPECT_THAT(Open()->Migrate({{"booking", files}}, clock_), IsOk());
    });
  }
  for (auto& start : starts) start.join();
  EXPECT_THAT(Count("note"), IsOkAndHolds(1));
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, MigrationsTest, testing::ValuesIn(Engines()), EngineName());

}  // namespace
}  // namespace lumbar::store
