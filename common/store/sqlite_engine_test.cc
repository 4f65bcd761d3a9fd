#include "common/store/sqlite_engine.h"

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <filesystem>
#include <fstream>

#include "common/status/matchers.h"
#include "common/store/database.h"
#include "common/store/testing/engines.h"

namespace lumbar::store {
namespace {

class SqliteEngineTest : public testing::Test {
 protected:
  std::string path() const { return scratch_->url().substr(std::string("sqlite://").size()); }

  absl::StatusOr<std::unique_ptr<Database>> Open() {
    return Database::Open({.url = scratch_->url(), .busy_timeout = absl::Milliseconds(20)});
  }

  // A database of several pages.
  void Fill(Database& database) {
    ASSERT_THAT(database.Write([](soci::session& session) {
      session << "CREATE TABLE note (name TEXT PRIMARY KEY, text TEXT)";
      const std::string text(3000, 'x');
      for (int i = 0; i < 50; ++i) {
        const std::string name = absl::StrCat("name", i);
        session << "INSERT INTO note VALUES (:name, :text)", soci::use(name), soci::use(text);
      }
      return absl::OkStatus();
    }),
                IsOk());
  }

  const std::unique_ptr<ScratchDatabase> scratch_ = Engines().front().scratch();
};

absl::Status Insert(Database& database) {
  return database.Write([](soci::session& session) {
    session << "INSERT INTO note VALUES ('new', 'text')";
    return absl::OkStatus();
  });
}

TEST_F(SqliteEngineTest, KeepsItsFilesFromEveryoneElse) {
  ASSERT_OK_AND_ASSIGN(const auto database, Open());
  Fill(*database);
  for (const auto& file : std::filesystem::directory_iterator(std::filesystem::path(path()).parent_path())) {
    EXPECT_EQ(file.status().permissions(), std::filesystem::perms(0600)) << file.path();
  }
}

TEST_F(SqliteEngineTest, WritesThroughToTheDiskAndKeepsReferences) {
  ASSERT_OK_AND_ASSIGN(const auto database, Open());
  const auto pragma = [&](const std::string& name) {
    return database->Write([&](soci::session& session) -> absl::StatusOr<std::string> {
      std::string value;
      session << "PRAGMA " << name, soci::into(value);
      return value;
    });
  };
  EXPECT_THAT(pragma("journal_mode"), IsOkAndHolds("wal"));
  EXPECT_THAT(pragma("synchronous"), IsOkAndHolds("2"));
  EXPECT_THAT(pragma("foreign_keys"), IsOkAndHolds("1"));
}

TEST_F(SqliteEngineTest, SaysBusyWhileAnotherProcessHoldsTheLockAndRecovers) {
  ASSERT_OK_AND_ASSIGN(const auto database, Open());
  Fill(*database);
  soci::session other(soci::sqlite3, absl::StrCat("dbname=\"", path(), "\""));
  other << "BEGIN EXCLUSIVE";
  EXPECT_THAT(Insert(*database), FailsWith(absl::StatusCode::kUnavailable, "STORE_BUSY"));
  EXPECT_THAT(database->Ping(), IsOk());
  other << "ROLLBACK";
  EXPECT_THAT(Insert(*database), IsOk());
}

TEST_F(SqliteEngineTest, SaysFullAndStillReadsAndRecovers) {
  ASSERT_OK_AND_ASSIGN(const auto database, Open());
  Fill(*database);
  const auto limit_pages = [&](const char* pages) {
    return database->Write([&](soci::session& session) {
      session << "PRAGMA max_page_count = " << pages;
      return absl::OkStatus();
    });
  };
  const auto grow = [&] {
    return database->Write([](soci::session& session) {
      const std::string text(1 << 20, 'x');
      session << "INSERT INTO note VALUES ('large', :text)", soci::use(text);
      return absl::OkStatus();
    });
  };
  ASSERT_THAT(limit_pages("1"), IsOk());  // SQLite takes the present size instead.
  EXPECT_THAT(grow(), FailsWith(absl::StatusCode::kResourceExhausted, "STORE_FULL"));
  EXPECT_THAT(database->Ping(), IsOk());
  ASSERT_THAT(limit_pages("1000000"), IsOk());
  EXPECT_THAT(grow(), IsOk());
}

TEST_F(SqliteEngineTest, RefusesAFileThatIsNoDatabase) {
  std::ofstream(path()) << std::string(8192, 'z');
  EXPECT_THAT(Open(), FailsWith(absl::StatusCode::kDataLoss, "STORE_CORRUPT"));
}

TEST_F(SqliteEngineTest, RefusesATruncatedFile) {
  {
    ASSERT_OK_AND_ASSIGN(const auto database, Open());
    Fill(*database);
  }
  std::filesystem::resize_file(path(), std::filesystem::file_size(path()) / 2);
  EXPECT_THAT(Open(), FailsWith(absl::StatusCode::kDataLoss, "STORE_CORRUPT"));
}

TEST_F(SqliteEngineTest, RefusesADamagedPage) {
  {
    ASSERT_OK_AND_ASSIGN(const auto database, Open());
    Fill(*database);
  }
  std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096) << std::string(4096, '\xa5');
  file.close();
  EXPECT_THAT(Open(), FailsWith(absl::StatusCode::kDataLoss, "STORE_CORRUPT"));
}

TEST_F(SqliteEngineTest, RefusesAFolderThatIsNotThere) {
  const std::string url = absl::StrCat(scratch_->url(), "-no-folder/file.db");
  EXPECT_THAT(Database::Open({.url = url}), FailsWith(absl::StatusCode::kUnavailable, "STORE_UNWRITABLE"));
}

}  // namespace
}  // namespace lumbar::store
