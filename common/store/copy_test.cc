// From every engine to every engine.
#include "common/store/copy.h"

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>

#include <tuple>
#include <utility>
#include <vector>

#include "common/status/matchers.h"
#include "common/store/idempotency.h"
#include "common/store/testing/engines.h"

namespace lumbar::store {
namespace {

using testing::ElementsAre;
using testing::Field;
using Files = std::vector<std::pair<std::string_view, std::string_view>>;
using Text = std::pair<std::string, soci::indicator>;

// "leaf" comes before "root" by name, and after it by what it refers to; the key isn't in the order of the columns.
constexpr char kTables[] = R"sql(
  CREATE TABLE root (name TEXT PRIMARY KEY, body TEXT);
  CREATE TABLE leaf (
    "order" BIGINT NOT NULL, name TEXT NOT NULL REFERENCES root (name), number BIGINT, PRIMARY KEY (name, "order"));
)sql";
constexpr char kLater[] = "ALTER TABLE leaf ADD COLUMN note TEXT NOT NULL DEFAULT '';";

class CopyTest : public testing::TestWithParam<std::tuple<EngineUnderTest, EngineUnderTest>> {
 protected:
  void SetUp() override {
    ASSERT_THAT(Migrate(*from_), IsOk());
    ASSERT_THAT(Migrate(*to_), IsOk());
  }

  static std::unique_ptr<Database> Open(const ScratchDatabase& scratch) {
    return *Database::Open({.url = scratch.url(), .busy_timeout = absl::Seconds(20)});
  }

  absl::Status Migrate(Database& database,
                       const Files& files = {{"0001_first.sql", kTables}, {"0002_later.sql", kLater}}) {
    return database.Migrate({IdempotencyMigrations(), {"booking", files}}, clock_);
  }

  static absl::Status Run(Database& database, const std::string& sql) {
    return database.Write([&](soci::session& session) {
      session << sql;
      return absl::OkStatus();
    });
  }

  static absl::Status AddRoot(Database& database, const std::string& name, Text body) {
    return database.Write([&](soci::session& session) {
      session << "INSERT INTO root (name, body) VALUES (:name, :body)", soci::use(name),
          soci::use(body.first, body.second);
      return absl::OkStatus();
    });
  }

  static absl::StatusOr<std::vector<Text>> Roots(Database& database) {
    return database.Read([&](soci::session& session) -> absl::StatusOr<std::vector<Text>> {
      std::vector<Text> found;
      Text one;
      soci::statement select =
          (session.prepare << "SELECT body FROM root ORDER BY name", soci::into(one.first, one.second));
      select.execute();
      while (select.fetch()) found.emplace_back(one.second == soci::i_null ? "" : one.first, one.second);
      return found;
    });
  }

  static int64_t Count(Database& database, const std::string& table) {
    return *database.Read([&](soci::session& session) -> absl::StatusOr<int64_t> {
      int64_t rows = 0;
      session << "SELECT COUNT(*) FROM " << table, soci::into(rows);
      return rows;
    });
  }

  // As many as need several batches.
  void AddManyLeaves() {
    ASSERT_THAT(AddRoot(*from_, "a", {"", soci::i_ok}), IsOk());
    ASSERT_THAT(Run(*from_,
                    "INSERT INTO leaf (\"order\", name, number) WITH RECURSIVE n (i) AS "
                    "(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1001) SELECT i, 'a', i * 7 FROM n"),
                IsOk());
  }

  absl::StatusOr<std::vector<CopiedTable>> Copy() {
    return CopyDatabase(*from_, *to_, [](absl::string_view, int64_t, int64_t) { return absl::OkStatus(); });
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  const std::unique_ptr<ScratchDatabase> source_ = std::get<0>(GetParam()).scratch();
  const std::unique_ptr<ScratchDatabase> target_ = std::get<1>(GetParam()).scratch();
  const std::unique_ptr<Database> from_ = Open(*source_);
  const std::unique_ptr<Database> to_ = Open(*target_);
};

TEST_P(CopyTest, KeepsEveryByteOfEveryText) {
  const std::vector<Text> bodies = {{"", soci::i_ok},
                                    {"", soci::i_null},
                                    {"it's \"quoted\"; DROP TABLE root; -- :p0 $1 ? %s \\n", soci::i_ok},
                                    {"line\r\nline\ttab \x01\x1f\x7f", soci::i_ok},
                                    {"Zo\xc3\xab \xf0\x9f\x98\x80 e\xcc\x81 \xe2\x80\xae", soci::i_ok},
                                    {std::string(3 << 20, 'x') + "\xc3\xab", soci::i_ok}};
  // Names that engines sort differently.
  const std::vector<std::string> names = {"", "A", "B", "a", "b", "\xc3\xa4"};
  for (size_t i = 0; i < bodies.size(); ++i) ASSERT_THAT(AddRoot(*from_, names[i], bodies[i]), IsOk());
  ASSERT_THAT(Copy(), IsOk());
  EXPECT_THAT(Roots(*to_), IsOkAndHolds(bodies));
}

TEST_P(CopyTest, KeepsEveryNumberAndNull) {
  ASSERT_THAT(AddRoot(*from_, "a", {"", soci::i_ok}), IsOk());
  ASSERT_THAT(Run(*from_,
                  "INSERT INTO leaf (\"order\", name, number, note) VALUES (-9223372036854775807, 'a', NULL, 'x'), "
                  "(9223372036854775807, 'a', 0, '')"),
              IsOk());
  ASSERT_THAT(Copy(), IsOk());
  EXPECT_EQ(Count(*to_, "leaf WHERE number IS NULL AND note = 'x' AND \"order\" = -9223372036854775807"), 1);
  EXPECT_EQ(Count(*to_, "leaf WHERE number = 0 AND note = '' AND \"order\" > 9223372036854775806"), 1);
}

TEST_P(CopyTest, TellsRowsAndChecksumsOfEveryTableAndTheWayThere) {
  AddManyLeaves();
  std::vector<int64_t> steps;
  const auto copied = CopyDatabase(*from_, *to_, [&](absl::string_view table, int64_t done, int64_t all) {
    if (table == "leaf") {
      steps.push_back(done);
      EXPECT_EQ(all, 1001);
    }
    return absl::OkStatus();
  });
  ASSERT_THAT(copied, IsOk());
  EXPECT_THAT(*copied, ElementsAre(Field(&CopiedTable::name, "idempotency"), Field(&CopiedTable::name, "root"),
                                   Field(&CopiedTable::name, "leaf")));
  EXPECT_EQ(copied->back().rows, 1001);
  EXPECT_THAT(steps, ElementsAre(200, 400, 600, 800, 1000, 1001));
  EXPECT_EQ(Count(*to_, "leaf WHERE number = \"order\" * 7"), 1001);
}

TEST_P(CopyTest, GivesTheSameChecksumOnTheWayBack) {
  AddManyLeaves();
  const auto there = Copy();
  ASSERT_THAT(there, IsOk());
  const auto scratch = std::get<0>(GetParam()).scratch();
  const auto again = Open(*scratch);
  ASSERT_THAT(Migrate(*again), IsOk());
  const auto back = CopyDatabase(*to_, *again, [](absl::string_view, int64_t, int64_t) { return absl::OkStatus(); });
  ASSERT_THAT(back, IsOk());
  for (size_t i = 0; i < there->size(); ++i) EXPECT_EQ((*back)[i].checksum, (*there)[i].checksum);
}

TEST_P(CopyTest, LeavesNothingBehindWhenItIsInterruptedAndCanRunAgain) {
  AddManyLeaves();
  const auto stopped = CopyDatabase(*from_, *to_, [](absl::string_view table, int64_t done, int64_t) {
    return table == "leaf" && done > 500 ? absl::CancelledError("pulled") : absl::OkStatus();
  });
  EXPECT_THAT(stopped, StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(Count(*to_, "root") + Count(*to_, "leaf"), 0);
  EXPECT_THAT(Copy(), IsOk());
  EXPECT_EQ(Count(*to_, "leaf"), 1001);
}

TEST_P(CopyTest, CopiesOneMomentOfASourceThatIsWrittenMeanwhile) {
  AddManyLeaves();
  bool written = false;
  const auto copied = CopyDatabase(*from_, *to_, [&](absl::string_view, int64_t, int64_t) {
    if (written) return absl::OkStatus();
    written = true;
    return Run(*from_, "UPDATE leaf SET note = 'late'");
  });
  ASSERT_THAT(copied, IsOk());
  EXPECT_EQ(Count(*to_, "leaf WHERE note = 'late'"), 0);
}

TEST_P(CopyTest, RefusesATargetThatHasRows) {
  ASSERT_THAT(AddRoot(*to_, "there", {"", soci::i_ok}), IsOk());
  EXPECT_THAT(Copy(), FailsWith(absl::StatusCode::kFailedPrecondition, "TARGET_NOT_EMPTY"));
  EXPECT_EQ(Count(*to_, "root"), 1);
}

TEST_P(CopyTest, RefusesATargetWithOtherTables) {
  ASSERT_THAT(Run(*to_, "ALTER TABLE leaf ADD COLUMN extra TEXT"), IsOk());
  EXPECT_THAT(Copy(), FailsWith(absl::StatusCode::kFailedPrecondition, "SCHEMA_DIFFERENT"));
}

TEST_P(CopyTest, RefusesTablesThatNoMigrationOfOursMakes) {
  ASSERT_THAT(Run(*from_, "CREATE TABLE odd (name TEXT)"), IsOk());
  EXPECT_THAT(Copy(), FailsWith(absl::StatusCode::kFailedPrecondition, "SCHEMA_STRANGE"));
}

TEST_P(CopyTest, KeepsNothingIfWhatItReadsBackIsDifferent) {
  AddManyLeaves();
  const bool sqlite = std::get<1>(GetParam()).name == "SQLite";
  if (!sqlite) {
    ASSERT_THAT(Run(*to_,
                    "CREATE FUNCTION lose_one() RETURNS trigger LANGUAGE plpgsql AS "
                    "'BEGIN IF NEW.\"order\" = 3 THEN RETURN NULL; END IF; RETURN NEW; END'"),
                IsOk());
  }
  ASSERT_THAT(
      Run(*to_, sqlite ? "CREATE TRIGGER lose_one AFTER INSERT ON leaf WHEN NEW.\"order\" = 3 BEGIN "
                         "UPDATE leaf SET note = 'tampered' WHERE \"order\" = 3; END"
                       : "CREATE TRIGGER lose_one BEFORE INSERT ON leaf FOR EACH ROW EXECUTE FUNCTION lose_one()"),
      IsOk());
  EXPECT_THAT(Copy(), FailsWith(absl::StatusCode::kDataLoss, "COPY_DIFFERENT"));
  EXPECT_EQ(Count(*to_, "root") + Count(*to_, "leaf"), 0);
}

INSTANTIATE_TEST_SUITE_P(EveryPair, CopyTest,
                         testing::Combine(testing::ValuesIn(Engines()), testing::ValuesIn(Engines())),
                         [](const auto& param) {
                           return absl::StrCat(std::get<0>(param.param).name, "To", std::get<1>(param.param).name);
                         });

}  // namespace
}  // namespace lumbar::store
