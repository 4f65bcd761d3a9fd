#include "common/store/sqlite_engine.h"

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

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

absl::Status InsertNew(soci::session& session) {
  session << "INSERT INTO note VALUES ('new', 'text')";
  return absl::OkStatus();
}

absl::Status Insert(Database& database) { return database.Write(InsertNew); }

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

TEST_F(SqliteEngineTest, LendsNoConnectionThatWasConfiguredByHalf) {
  ASSERT_OK_AND_ASSIGN(const auto database, Open());
  Fill(*database);
  const auto on_another = [&](soci::session&) { return database->ReadOne(InsertNew); };
  rlimit usual = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &usual), 0);
  const int next = dup(0);
  ASSERT_GE(next, 0);
  ASSERT_EQ(close(next), 0);
  // The connection opens the file, but not the log beside it.
  rlimit one_more = usual;
  one_more.rlim_cur = static_cast<rlim_t>(next) + 1;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &one_more), 0);
  const absl::Status cut_short = database->ReadOne(on_another);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &usual), 0);
  EXPECT_THAT(cut_short, FailsWith(absl::StatusCode::kUnavailable, "STORE_UNWRITABLE"));
  EXPECT_THAT(database->ReadOne(on_another), FailsWith(absl::StatusCode::kUnavailable, "STORE_UNWRITABLE"));
  EXPECT_THAT(Insert(*database), IsOk());
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

// Two Writes that share a commit, because both came while another was under way.
class SharedCommitTest : public SqliteEngineTest {
 protected:
  using Body = std::function<absl::Status(soci::session&)>;

  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(database_, Database::Open({.url = scratch_->url(), .busy_timeout = absl::Seconds(20)}));
    ASSERT_THAT(database_->Write([](soci::session& session) {
      session << "CREATE TABLE note (name TEXT PRIMARY KEY, like TEXT REFERENCES note DEFERRABLE INITIALLY DEFERRED)";
      return absl::OkStatus();
    }),
                IsOk());
  }

  std::pair<absl::Status, absl::Status> Together(
      const Body& one, const Body& other, const std::function<void()>& before_they_run = [] {}) {
    std::pair<absl::Status, absl::Status> answers;
    std::vector<std::thread> threads;
    const auto enqueue = [&](const Body& body, absl::Status& answer) {
      const size_t waiting = database_->waiting_writes();
      threads.emplace_back([&] { answer = database_->Write(body); });
      while (database_->waiting_writes() == waiting) std::this_thread::yield();
    };
    EXPECT_THAT(database_->Write([&](soci::session&) {
      enqueue(one, answers.first);
      enqueue(other, answers.second);
      before_they_run();
      return absl::OkStatus();
    }),
                IsOk());
    for (auto& thread : threads) thread.join();
    return answers;
  }

  static Body Add(const std::string& name) {
    return [name](soci::session& session) {
      session << "INSERT INTO note (name) VALUES (:name)", soci::use(name);
      return absl::OkStatus();
    };
  }

  absl::StatusOr<int64_t> Count() {
    return database_->Read([](soci::session& session) -> absl::StatusOr<int64_t> {
      int64_t count = 0;
      session << "SELECT COUNT(*) FROM note", soci::into(count);
      return count;
    });
  }

  std::unique_ptr<Database> database_;
};

TEST_F(SharedCommitTest, KeepsBoth) {
  const auto [one, other] = Together(Add("a"), Add("b"));
  EXPECT_THAT(one, IsOk());
  EXPECT_THAT(other, IsOk());
  EXPECT_THAT(Count(), IsOkAndHolds(2));
}

TEST_F(SharedCommitTest, RollsBackAloneWhoFails) {
  const auto [one, other] = Together(Add("a"), [](soci::session& session) {
    session << "INSERT INTO note (name) VALUES ('b')";
    return absl::FailedPreconditionError("changed my mind");
  });
  EXPECT_THAT(one, IsOk());
  EXPECT_THAT(other, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Count(), IsOkAndHolds(1));
}

TEST_F(SharedCommitTest, ShowsTheSecondWhatTheFirstDid) {
  const auto [one, other] = Together(Add("a"), Add("a"));
  EXPECT_THAT(one, IsOk());
  EXPECT_THAT(other, FailsWith(absl::StatusCode::kAlreadyExists, "DUPLICATE_KEY"));
}

TEST_F(SharedCommitTest, FailsBothIfTheCommitFailsEvenWhoHadAnErrorOfItsOwn) {
  const auto [one, other] = Together(
      [](soci::session& session) {
        session << "INSERT INTO note (name, like) VALUES ('a', 'nobody')";
        return absl::OkStatus();
      },
      // Rests on what is rolled back.
      Add("a"));
  EXPECT_THAT(one, FailsWith(absl::StatusCode::kInternal, "STORE_FAILED"));
  EXPECT_EQ(one, other);
  EXPECT_THAT(Count(), IsOkAndHolds(0));
  EXPECT_THAT(database_->Write(Add("a")), IsOk());
}

TEST_F(SharedCommitTest, DoesNotKnowWhatBecameOfACommitThatTheDiskRefused) {
  signal(SIGXFSZ, SIG_IGN);
  rlimit usual = {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &usual), 0);
  rlimit full = usual;
  full.rlim_cur = std::filesystem::file_size(path() + "-wal");
  const auto [one, other] = Together(Add("a"), Add("b"), [&] { setrlimit(RLIMIT_FSIZE, &full); });
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &usual), 0);
  EXPECT_THAT(one, FailsWith(absl::StatusCode::kUnavailable, "COMMIT_UNKNOWN"));
  EXPECT_EQ(one, other);
  EXPECT_THAT(Count(), IsOkAndHolds(0));
  EXPECT_THAT(database_->Write(Add("a")), IsOk());
}

TEST_F(SharedCommitTest, SaysFullToBothIfTheDiskEndsTheTransaction) {
  const auto grow = [](soci::session& session) {
    const std::string text(1 << 20, 'x');
    session << "INSERT INTO note (name) VALUES (:text)", soci::use(text);
    return absl::OkStatus();
  };
  const auto limit_pages = [&](const char* pages) {
    return database_->Write([&](soci::session& session) {
      session << "PRAGMA max_page_count = " << pages;
      return absl::OkStatus();
    });
  };
  ASSERT_THAT(limit_pages("1"), IsOk());  // SQLite takes the present size instead.
  const auto [one, other] = Together(grow, grow);
  EXPECT_THAT(one, FailsWith(absl::StatusCode::kResourceExhausted, "STORE_FULL"));
  EXPECT_EQ(one, other);
  ASSERT_THAT(limit_pages("1000000"), IsOk());
  EXPECT_THAT(database_->Write(grow), IsOk());
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
