// `lumbar db` against real databases of every engine.
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>

#include "common/status/matchers.h"
#include "common/store/database.h"
#include "common/store/testing/engines.h"
#include "tools/cli/commands/databases.h"
#include "tools/cli/testing.h"

namespace lumbar::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

class DbTest : public CommandLineTest, public ::testing::WithParamInterface<store::EngineUnderTest> {
 protected:
  ExitCode Db(const std::string& command, std::vector<std::string> rest) {
    rest.insert(rest.begin(), {"db", command});
    return RunWith(std::move(rest));
  }
  ExitCode Migrate(const std::string& url, const std::string& service = "booking") {
    return Db("migrate", {"--service", service, "--database", url});
  }
  ExitCode Copy(const std::string& service = "booking") {
    return Db("copy", {"--service", service, "--from", from_->url(), "--to", to_->url(), "-o", "json"});
  }
  static void Change(const std::string& url, const std::string& sql) {
    const auto database = *store::Database::Open({.url = url});
    ASSERT_THAT(database->Write([&](soci::session& session) {
      session << sql;
      return absl::OkStatus();
    }),
                IsOk());
  }

  const std::unique_ptr<store::ScratchDatabase> from_ = GetParam().scratch();
  const std::unique_ptr<store::ScratchDatabase> to_ = GetParam().scratch();
};

constexpr char kClinician[] = "INSERT INTO clinician (name, revision, body) VALUES ('clinicians/a', 1, '{}')";

TEST_P(DbTest, ShowsWhatIsPendingAndMakesNothing) {
  Change(from_->url(), "SELECT 1");
  EXPECT_EQ(Db("status", {"--service", "booking", "--database", from_->url()}), ExitCode::kOk) << err();
  EXPECT_THAT(out(), AllOf(HasSubstr("booking: not up to date"), HasSubstr("booking/0001_booking.sql"),
                           HasSubstr("pending"), Not(HasSubstr("ROWS"))));
}

TEST_P(DbTest, BringsADatabaseUpToDateAndCountsItsRows) {
  EXPECT_EQ(Migrate(from_->url()), ExitCode::kOk) << err();
  Change(from_->url(), kClinician);
  EXPECT_EQ(Db("status", {"--service", "booking", "--database", from_->url(), "-o", "json"}), ExitCode::kOk);
  const Json json = Json::parse(out());
  EXPECT_EQ(json["service"], "booking");
  EXPECT_EQ(json["upToDate"], true);
  EXPECT_EQ(json["migrations"][0], Json({{"owner", "booking"},
                                         {"number", 1},
                                         {"name", "0001_booking.sql"},
                                         {"state", "applied"},
                                         {"applyTime", "2027-01-15T08:00:00Z"}}));
  EXPECT_THAT(json["tables"], ::testing::Contains(Json({{"name", "clinician"}, {"rows", 1}})));
}

TEST_P(DbTest, CopiesEveryServicesTables) {
  for (const std::string& service : StoredServices()) {
    const auto from = GetParam().scratch();
    const auto to = GetParam().scratch();
    ASSERT_EQ(Migrate(from->url(), service), ExitCode::kOk) << err();
    EXPECT_EQ(Db("copy", {"--service", service, "--from", from->url(), "--to", to->url()}), ExitCode::kOk) << err();
  }
}

TEST_P(DbTest, CopiesRowsAndTellsTheirChecksums) {
  ASSERT_EQ(Migrate(from_->url()), ExitCode::kOk);
  Change(from_->url(), kClinician);
  EXPECT_EQ(Copy(), ExitCode::kOk) << err();
  EXPECT_EQ(err(), "");
  const Json tables = Json::parse(out())["tables"];
  const auto clinician =
      std::find_if(tables.begin(), tables.end(), [](const Json& t) { return t["name"] == "clinician"; });
  ASSERT_NE(clinician, tables.end());
  EXPECT_EQ((*clinician)["rows"], 1);
  EXPECT_THAT((*clinician)["checksum"].get<std::string>(), ::testing::SizeIs(64));
  EXPECT_EQ(Copy(), ExitCode::kRefused);
  EXPECT_THAT(err(), AllOf(HasSubstr("Nothing was copied"), HasSubstr("TARGET_NOT_EMPTY")));
}

TEST_P(DbTest, RefusesASourceThatIsNotUpToDateOrAnotherServices) {
  Change(from_->url(), "SELECT 1");
  EXPECT_EQ(Copy(), ExitCode::kRefused);
  EXPECT_THAT(err(), HasSubstr("SOURCE_NOT_CURRENT"));
  ASSERT_EQ(Migrate(from_->url()), ExitCode::kOk);
  EXPECT_EQ(Copy("content"), ExitCode::kRefused);
  EXPECT_THAT(err(), HasSubstr("SOURCE_NOT_CURRENT"));
}

TEST_P(DbTest, SaysThatADatabaseIsAnotherServices) {
  ASSERT_EQ(Migrate(from_->url(), "content"), ExitCode::kOk);
  EXPECT_EQ(Db("status", {"--service", "gateway", "--database", from_->url()}), ExitCode::kRefused);
  EXPECT_THAT(out(), HasSubstr("another service's"));
}

TEST_P(DbTest, RefusesATargetOfANewerProgram) {
  ASSERT_EQ(Migrate(from_->url()), ExitCode::kOk);
  ASSERT_EQ(Migrate(to_->url()), ExitCode::kOk);
  Change(to_->url(), "INSERT INTO schema_migration VALUES ('booking', 99, '0099_later.sql', 'x', 0)");
  EXPECT_EQ(Copy(), ExitCode::kRefused);
  EXPECT_THAT(err(), HasSubstr("SCHEMA_NEWER"));
  EXPECT_EQ(Db("status", {"--service", "booking", "--database", to_->url()}), ExitCode::kRefused);
  EXPECT_THAT(out(), AllOf(HasSubstr("another program's"), HasSubstr("0099_later.sql"), HasSubstr("unknown")));
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, DbTest, ::testing::ValuesIn(store::Engines()), store::EngineName());

class DbArgumentsTest : public CommandLineTest {};

TEST_F(DbArgumentsTest, MakesNoFileWhereThereIsNone) {
  EXPECT_EQ(RunWith({"db", "status", "--service", "booking", "--database", "sqlite:///nowhere/none.db"}),
            ExitCode::kServerFailed);
  const auto file = std::filesystem::temp_directory_path() / "lumbar-no-such.db";
  EXPECT_EQ(RunWith({"db", "status", "--service", "booking", "--database", "sqlite://" + file.string()}),
            ExitCode::kServerFailed);
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(DbArgumentsTest, RefusesWhatItCannotMean) {
  EXPECT_EQ(RunWith({"db", "status", "--service", "triage", "--database", "sqlite://x.db"}), ExitCode::kUsage);
  EXPECT_EQ(RunWith({"db", "status", "--service", "booking", "--database", "mysql://x"}), ExitCode::kUsage);
  EXPECT_EQ(RunWith({"db", "copy", "--service", "booking", "--from", "sqlite://x.db", "--to", "sqlite://x.db"}),
            ExitCode::kUsage);
  EXPECT_EQ(RunWith({"db", "copy", "--service", "booking", "--from", "sqlite://x.db"}), ExitCode::kUsage);
}

}  // namespace
}  // namespace lumbar::cli
