#include "common/store/postgresql_engine.h"

#include <absl/strings/str_cat.h>
#include <absl/time/clock.h>
#include <gmock/gmock.h>

#include <atomic>
#include <latch>
#include <thread>

#include "common/status/matchers.h"
#include "common/store/database.h"
#include "common/store/testing/engines.h"
#include "common/store/testing/shared_postgres.h"

namespace lumbar::store {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class PostgresqlEngineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = Open(absl::Seconds(20));
    ASSERT_THAT(Run("CREATE TABLE note (name TEXT PRIMARY KEY, visits BIGINT NOT NULL)"), IsOk());
  }

  std::unique_ptr<Database> Open(absl::Duration busy_timeout, int writers = 8) {
    auto opened = Database::Open({.url = scratch_->url(), .writers = writers, .busy_timeout = busy_timeout});
    EXPECT_THAT(opened, IsOk());
    return *std::move(opened);
  }

  absl::Status Run(const std::string& sql) {
    return database_->Write([&](soci::session& session) {
      session << sql;
      return absl::OkStatus();
    });
  }

  absl::StatusOr<std::string> Ask(const std::string& sql) {
    return database_->Read([&](soci::session& session) -> absl::StatusOr<std::string> {
      std::string answer;
      session << sql, soci::into(answer);
      return answer;
    });
  }
  absl::StatusOr<std::string> Notes() { return Ask("SELECT CAST(COUNT(*) AS TEXT) FROM note"); }

  const std::unique_ptr<ScratchDatabase> scratch_ = Engines().back().scratch();
  std::unique_ptr<Database> database_;
};

TEST_F(PostgresqlEngineTest, WritesAgainAfterARestartOfTheServer) {
  ASSERT_THAT(Run("INSERT INTO note VALUES ('acknowledged', 1)"), IsOk());
  SharedPostgres().Kill();
  EXPECT_THAT(Run("INSERT INTO note VALUES ('lost', 1)"),
              FailsWith(absl::StatusCode::kUnavailable, "STORE_UNREACHABLE"));
  EXPECT_THAT(database_->Ping(), FailsWith(absl::StatusCode::kUnavailable, "STORE_UNREACHABLE"));
  SharedPostgres().Restart();
  EXPECT_THAT(Run("INSERT INTO note VALUES ('new', 1)"), IsOk());
  EXPECT_THAT(Notes(), IsOkAndHolds("2"));
}

TEST_F(PostgresqlEngineTest, HidesARestartFromWhoWasIdle) {
  ASSERT_THAT(Notes(), IsOkAndHolds("0"));
  SharedPostgres().Restart();
  EXPECT_THAT(Run("INSERT INTO note VALUES ('a', 1)"), IsOk());
  EXPECT_THAT(Notes(), IsOkAndHolds("1"));
}

TEST_F(PostgresqlEngineTest, HidesARestartFromWhoWroteAMomentAgo) {
  ASSERT_THAT(Run("INSERT INTO note VALUES ('a', 1)"), IsOk());
  SharedPostgres().Restart();
  EXPECT_THAT(Run("INSERT INTO note VALUES ('b', 1)"), IsOk());
  const auto asked = database_->ReadOne([](soci::session& session) -> absl::StatusOr<std::string> {
    std::string count;
    session << "SELECT CAST(COUNT(*) AS TEXT) FROM note", soci::into(count);
    return count;
  });
  EXPECT_THAT(asked, IsOkAndHolds("2"));
}

TEST_F(PostgresqlEngineTest, DoesNotWaitForeverForAServerThatSaysNothing) {
  database_ = Open(absl::Milliseconds(50));
  ASSERT_THAT(database_->Ping(), IsOk());
  SharedPostgres().Pause();
  const absl::Time begin = absl::Now();
  const auto status = database_->Ping();
  const absl::Duration waited = absl::Now() - begin;
  SharedPostgres().Resume();
  EXPECT_LT(waited, absl::Seconds(10));
  EXPECT_THAT(status, FailsWith(absl::StatusCode::kUnavailable, "STORE_UNREACHABLE"));
  EXPECT_THAT(database_->Ping(), IsOk());
}

TEST_F(PostgresqlEngineTest, LeavesNoHalfOfATransactionThatTheServersDeathCut) {
  const auto cut = database_->Write([](soci::session& session) {
    session << "INSERT INTO note VALUES ('half', 1)";
    SharedPostgres().Restart();
    session << "INSERT INTO note VALUES ('other half', 1)";
    return absl::OkStatus();
  });
  EXPECT_THAT(cut, FailsWith(absl::StatusCode::kUnavailable, "STORE_UNREACHABLE"));
  EXPECT_THAT(Notes(), IsOkAndHolds("0"));
}

TEST_F(PostgresqlEngineTest, SaysThatACommitWithoutAnAnswerMayHaveHappened) {
  const auto cut = database_->Write([](soci::session& session) {
    int64_t backend = 0;
    session << "INSERT INTO note VALUES ('a', 1)";
    session << "SELECT CAST(pg_backend_pid() AS BIGINT)", soci::into(backend);
    SharedPostgres().Run(absl::StrCat("SELECT pg_terminate_backend(", backend, ", 10000)"));
    return absl::OkStatus();
  });
  EXPECT_THAT(cut, FailsWith(absl::StatusCode::kUnavailable, "COMMIT_UNKNOWN"));
  EXPECT_THAT(Run("INSERT INTO note VALUES ('a', 1)"), IsOk());
}

TEST_F(PostgresqlEngineTest, DoesNotTakeARollbackForACommit) {
  const auto swallowed = database_->Write([](soci::session& session) {
    session << "INSERT INTO note VALUES ('a', 1)";
    try {
      session << "INSERT INTO note VALUES ('a', 1)";
    } catch (const soci::soci_error&) {
      // The server rolls back at COMMIT without calling it an error.
    }
    return absl::OkStatus();
  });
  EXPECT_THAT(swallowed, Not(IsOk()));
  EXPECT_THAT(Notes(), IsOkAndHolds("0"));
}

TEST_F(PostgresqlEngineTest, SaysBusyWhileAnotherHoldsTheLockAndRecovers) {
  const auto impatient = Open(absl::Milliseconds(50));
  const auto insert = [&] {
    return impatient->Write([](soci::session& session) {
      session << "INSERT INTO note VALUES ('b', 1)";
      return absl::OkStatus();
    });
  };
  ASSERT_THAT(database_->Write([&](soci::session& session) {
    session << "LOCK TABLE note IN EXCLUSIVE MODE";
    EXPECT_THAT(insert(), FailsWith(absl::StatusCode::kUnavailable, "STORE_BUSY"));
    return impatient->Ping();
  }),
              IsOk());
  EXPECT_THAT(insert(), IsOk());
}

TEST_F(PostgresqlEngineTest, EndsAStatementThatTakesTooLong) {
  database_ = Open(absl::Milliseconds(50));
  EXPECT_THAT(Ask("SELECT CAST(pg_sleep(60) AS TEXT)"), FailsWith(absl::StatusCode::kUnavailable, "STORE_BUSY"));
  EXPECT_THAT(database_->Ping(), IsOk());
}

TEST_F(PostgresqlEngineTest, SaysBusyWhenEveryWriterStaysTaken) {
  const auto narrow = Open(absl::Milliseconds(20), 1);
  const auto nothing = [](soci::session&) { return absl::OkStatus(); };
  const auto outer = narrow->Write([&](soci::session&) {
    absl::Status inner;
    std::thread([&] { inner = narrow->Write(nothing); }).join();
    return inner;
  });
  EXPECT_THAT(outer, FailsWith(absl::StatusCode::kUnavailable, "STORE_BUSY"));
  EXPECT_THAT(narrow->Write(nothing), IsOk());
}

TEST_F(PostgresqlEngineTest, RunsAgainWhatADeadlockStopped) {
  ASSERT_THAT(Run("INSERT INTO note VALUES ('a', 0), ('b', 0)"), IsOk());
  std::latch both_hold_one(2);
  std::atomic<int> runs = 0;
  // The one that looks for a deadlock earlier is the one that the server stops.
  const auto visit = [&](const std::string& first, const std::string& second, const std::string& look_after) {
    bool again = false;
    return database_->Write([&](soci::session& session) {
      ++runs;
      session << "SET LOCAL deadlock_timeout = '" << look_after << "'";
      session << "UPDATE note SET visits = visits + 1 WHERE name = :name", soci::use(first);
      if (!std::exchange(again, true)) both_hold_one.arrive_and_wait();
      session << "UPDATE note SET visits = visits + 1 WHERE name = :name", soci::use(second);
      return absl::OkStatus();
    });
  };
  std::thread other([&] { EXPECT_THAT(visit("a", "b", "10s"), IsOk()); });
  EXPECT_THAT(visit("b", "a", "10ms"), IsOk());
  other.join();
  // Once more if it came back before the other one had woken.
  EXPECT_THAT(runs.load(), ::testing::AllOf(::testing::Ge(3), ::testing::Le(4)));
  EXPECT_THAT(Ask("SELECT CAST(SUM(visits) AS TEXT) FROM note"), IsOkAndHolds("4"));
}

TEST_F(PostgresqlEngineTest, GivesUpOnWhatAlwaysConflicts) {
  int runs = 0;
  const auto status = database_->Write([&](soci::session& session) {
    ++runs;
    session << "DO $$ BEGIN RAISE SQLSTATE '40001'; END $$";
    return absl::OkStatus();
  });
  EXPECT_THAT(status, FailsWith(absl::StatusCode::kAborted, "STORE_CONFLICT"));
  EXPECT_EQ(runs, 3);
}

TEST_F(PostgresqlEngineTest, SaysFullAndStillReads) {
  EXPECT_THAT(Run("DO $$ BEGIN RAISE SQLSTATE '53100'; END $$"),
              FailsWith(absl::StatusCode::kResourceExhausted, "STORE_FULL"));
  EXPECT_THAT(database_->Ping(), IsOk());
}

TEST_F(PostgresqlEngineTest, PreparesAStatementOnceInAConnectionAlsoIfItFails) {
  database_ = Open(absl::Seconds(20), 1);
  const std::string name = "a";
  const auto insert_twice = [&](soci::session& session) {
    soci::statement insert = (session.prepare << "INSERT INTO note VALUES (:name, 1)", soci::use(name));
    insert.execute(true);
    insert.execute(true);
    return absl::OkStatus();
  };
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(database_->Write(insert_twice), FailsWith(absl::StatusCode::kAlreadyExists, "DUPLICATE_KEY"));
  }
  EXPECT_THAT(database_->Write([](soci::session& session) -> absl::StatusOr<int64_t> {
    int64_t left = 0;
    session << "SELECT COUNT(*) FROM pg_prepared_statements", soci::into(left);
    return left;
  }),
              IsOkAndHolds(1));
}

TEST_F(PostgresqlEngineTest, KeepsABoundedNumberOfPreparedStatements) {
  database_ = Open(absl::Seconds(20), 1);
  EXPECT_THAT(database_->Write([](soci::session& session) -> absl::StatusOr<int64_t> {
    int64_t value = 0, left = 0;
    for (int i = 0; i < 300; ++i) {
      session << "SELECT CAST(:value AS BIGINT) + " << i, soci::use(i), soci::into(value);
      if (value != 2 * i) return absl::InternalError("a wrong answer");
    }
    session << "SELECT COUNT(*) FROM pg_prepared_statements", soci::into(left);
    return left;
  }),
              IsOkAndHolds(256));
}

TEST_F(PostgresqlEngineTest, BoundsEveryWaitOfASession) {
  database_ = Open(absl::Seconds(2));
  const std::vector<std::pair<std::string, std::string>> wanted = {
      {"lock_timeout", "2s"},       {"statement_timeout", "4s"},
      {"tcp_user_timeout", "9000"}, {"idle_in_transaction_session_timeout", "10s"},
      {"tcp_keepalives_idle", "5"}, {"synchronous_commit", "on"},
      {"client_encoding", "UTF8"},  {"transaction_isolation", "repeatable read"}};
  for (const auto& [name, value] : wanted) EXPECT_THAT(Ask("SHOW " + name), IsOkAndHolds(value)) << name;
}

TEST_F(PostgresqlEngineTest, LetsATransactionStandStillForAsLongAsItsPatienceLasts) {
  database_ = Open(absl::Minutes(15));
  EXPECT_THAT(Ask("SHOW idle_in_transaction_session_timeout"), IsOkAndHolds("15min"));
}

TEST_F(PostgresqlEngineTest, RefusesADatabaseThatCanNotHoldEveryName) {
  SharedPostgres().Run("CREATE DATABASE ascii TEMPLATE template0 ENCODING SQL_ASCII LOCALE 'C'");
  EXPECT_THAT(
      Database::Open({.url = absl::StrCat("postgresql://postgres@127.0.0.1:", SharedPostgres().port(), "/ascii")}),
      FailsWith(absl::StatusCode::kInvalidArgument, "STORE_URL"));
}

TEST_F(PostgresqlEngineTest, SaysThatItCanNotConnectWithoutTheUrl) {
  const auto refused = Database::Open(
      {.url = absl::StrCat("postgresql://postgres:canary@127.0.0.1:", SharedPostgres().port(), "/canary")});
  EXPECT_THAT(refused, FailsWith(absl::StatusCode::kUnavailable, "STORE_UNREACHABLE"));
  EXPECT_THAT(refused.status().ToString(), Not(HasSubstr("canary")));
}

}  // namespace
}  // namespace lumbar::store
