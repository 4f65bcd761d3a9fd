#include "common/store/database.h"

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "common/status/matchers.h"
#include "common/store/deferred.h"
#include "common/store/errors.h"
#include "common/store/testing/engines.h"

namespace lumbar::store {
namespace {

using testing::HasSubstr;
using testing::Not;

class DatabaseTest : public EngineTest {
 protected:
  void SetUp() override {
    database_ = Open();
    ASSERT_THAT(database_->Write([](soci::session& session) {
      session << "CREATE TABLE note (name TEXT PRIMARY KEY, visits BIGINT NOT NULL)";
      return absl::OkStatus();
    }),
                IsOk());
  }

  absl::Status Add(const std::string& name, int64_t visits = 0) {
    return database_->Write([&](soci::session& session) {
      session << "INSERT INTO note (name, visits) VALUES (:name, :visits)", soci::use(name), soci::use(visits);
      return absl::OkStatus();
    });
  }

  static void AddTo(soci::session& session, const std::string& name) {
    session << "INSERT INTO note (name, visits) VALUES (:name, 1)", soci::use(name);
  }

  absl::StatusOr<int64_t> Sum() {
    return database_->Read([](soci::session& session) -> absl::StatusOr<int64_t> {
      int64_t sum = 0;
      session << "SELECT COALESCE(SUM(visits), 0) FROM note", soci::into(sum);
      return sum;
    });
  }

  std::unique_ptr<Database> database_;
};

TEST_P(DatabaseTest, KeepsWhatABodyWroteWhenItReturnsOk) {
  constexpr int64_t kBeyond32Bits = 1'700'000'000'000'000;
  EXPECT_THAT(Add("a", kBeyond32Bits), IsOk());
  EXPECT_THAT(Sum(), IsOkAndHolds(kBeyond32Bits));
}

TEST_P(DatabaseTest, ReturnsTheBodysValue) {
  const auto result = database_->Write([](soci::session&) -> absl::StatusOr<std::string> { return "held"; });
  EXPECT_THAT(result, IsOkAndHolds("held"));
}

TEST_P(DatabaseTest, ForgetsEverythingWhenTheBodyReturnsAnError) {
  const auto status = database_->Write([](soci::session& session) {
    session << "INSERT INTO note (name, visits) VALUES ('a', 1)";
    return absl::FailedPreconditionError("changed my mind");
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Sum(), IsOkAndHolds(0));
}

TEST_P(DatabaseTest, ForgetsEverythingWhenTheBodyThrows) {
  const auto status = database_->Write([](soci::session& session) -> absl::Status {
    session << "INSERT INTO note (name, visits) VALUES ('a', 1)";
    throw std::runtime_error("patient-canary");
  });
  EXPECT_THAT(status, FailsWith(absl::StatusCode::kInternal, "STORE_FAILED"));
  EXPECT_THAT(status.ToString(), Not(HasSubstr("canary")));
  EXPECT_THAT(Sum(), IsOkAndHolds(0));
}

TEST_P(DatabaseTest, NamesATakenKeyWithoutTellingItsValue) {
  ASSERT_THAT(Add("patient-canary", 7654321), IsOk());
  const auto status = Add("patient-canary", 7654321);
  EXPECT_THAT(status, FailsWith(absl::StatusCode::kAlreadyExists, "DUPLICATE_KEY"));
  EXPECT_TRUE(IsDuplicateKey(status));
  EXPECT_THAT(status.ToString(), Not(HasSubstr("canary")));
  EXPECT_THAT(status.ToString(), Not(HasSubstr("7654321")));
}

TEST_P(DatabaseTest, NamesAnyOtherErrorByNumberAlone) {
  const auto status = database_->Write([](soci::session& session) {
    session << "INSERT INTO note (name, visits) VALUES ('patient-canary', NULL)";
    return absl::OkStatus();
  });
  EXPECT_THAT(status, FailsWith(absl::StatusCode::kInternal, "STORE_FAILED"));
  EXPECT_THAT(status.ToString(), Not(HasSubstr("canary")));
}

TEST_P(DatabaseTest, KeepsWhatWasDeferredInItsOrder) {
  const auto visits = [](soci::session& session) {
    const std::string name = "a";
    int64_t found = 0;
    session << "SELECT visits FROM note WHERE name = :name", soci::into(found), soci::use(name);
    return found;
  };
  const auto add = [](soci::session& session, int64_t more) {
    const Deferred deferred(session);
    session << "INSERT INTO note (name, visits) VALUES ('a', :more) "
               "ON CONFLICT (name) DO UPDATE SET visits = note.visits * 10 + excluded.visits",
        soci::use(more);
  };
  for (const int round : {1, 2}) {
    SCOPED_TRACE(round);
    const auto written = database_->Write([&](soci::session& session) -> absl::StatusOr<int64_t> {
      add(session, 1);
      add(session, 2);
      const int64_t meanwhile = visits(session);
      add(session, 3);
      return meanwhile;
    });
    EXPECT_THAT(written, IsOkAndHolds(round == 1 ? 12 : 12312));
    EXPECT_THAT(Sum(), IsOkAndHolds(round == 1 ? 123 : 123123));
  }
}

TEST_P(DatabaseTest, FailsAsAWholeIfWhatWasDeferredFails) {
  ASSERT_THAT(Add("a"), IsOk());
  for (const bool looks_at_something : {false, true}) {
    const auto status = database_->Write([&](soci::session& session) {
      AddTo(session, "b");
      {
        const Deferred deferred(session);
        AddTo(session, "a");
        AddTo(session, "c");
      }
      int64_t count = 0;
      if (looks_at_something) session << "SELECT COUNT(*) FROM note", soci::into(count);
      return absl::OkStatus();
    });
    EXPECT_TRUE(IsDuplicateKey(status)) << status;
    EXPECT_THAT(Sum(), IsOkAndHolds(0));
  }
  EXPECT_THAT(Add("b", 5), IsOk()) << "on the same connection";
}

TEST_P(DatabaseTest, ForgetsWhatWasDeferredWhenTheBodyReturnsAnError) {
  const auto status = database_->Write([](soci::session& session) {
    const Deferred deferred(session);
    AddTo(session, "a");
    return absl::FailedPreconditionError("changed my mind");
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Add("b"), IsOk());
  EXPECT_THAT(Sum(), IsOkAndHolds(0));
}

TEST_P(DatabaseTest, ReadsByOneStatement) {
  ASSERT_THAT(Add("a", 7), IsOk());
  const auto sum = database_->ReadOne([](soci::session& session) -> absl::StatusOr<int64_t> {
    int64_t all = 0;
    session << "SELECT SUM(visits) FROM note", soci::into(all);
    return all;
  });
  EXPECT_THAT(sum, IsOkAndHolds(7));
  const auto failed = database_->ReadOne([](soci::session& session) {
    session << "SELECT nothing FROM note";
    return absl::OkStatus();
  });
  EXPECT_THAT(failed, FailsWith(absl::StatusCode::kInternal, "STORE_FAILED"));
  EXPECT_THAT(Sum(), IsOkAndHolds(7));
}

TEST_P(DatabaseTest, RefusesToWriteInARead) {
  const auto write = [](soci::session& session) {
    session << "INSERT INTO note (name, visits) VALUES ('a', 1)";
    return absl::OkStatus();
  };
  EXPECT_THAT(database_->Read(write), Not(IsOk()));
  EXPECT_THAT(database_->ReadOne(write), Not(IsOk()));
  EXPECT_THAT(Sum(), IsOkAndHolds(0));
}

TEST_P(DatabaseTest, LosesNoUpdateOfManyThreads) {
  constexpr int kThreads = 8;
  constexpr int kUpdates = 25;
  ASSERT_THAT(Add("counter"), IsOk());
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int update = 0; update < kUpdates; ++update) {
        EXPECT_THAT(database_->Write([](soci::session& session) {
          session << "UPDATE note SET visits = visits + 1 WHERE name = 'counter'";
          return absl::OkStatus();
        }),
                    IsOk());
        EXPECT_THAT(Sum(), IsOk());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(Sum(), IsOkAndHolds(kThreads * kUpdates));
}

TEST_P(DatabaseTest, KeepsEveryThreadsChangesApartFromThoseThatFail) {
  constexpr int kThreads = 64, kWrites = 12;
  std::atomic<int> kept = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kWrites; ++i) {
        const auto status = database_->Write([&](soci::session& session) -> absl::Status {
          const std::string name = absl::StrCat(thread, "-", i);
          session << "INSERT INTO note (name, visits) VALUES (:name, 1)", soci::use(name);
          if (i % 4 == 1) return absl::FailedPreconditionError("changed my mind");
          if (i % 4 == 2) throw std::runtime_error("broken");
          if (i % 4 == 3) session << "INSERT INTO note (name, visits) VALUES (:name, 1)", soci::use(name);
          return absl::OkStatus();
        });
        constexpr absl::StatusCode kExpected[] = {absl::StatusCode::kOk, absl::StatusCode::kFailedPrecondition,
                                                  absl::StatusCode::kInternal, absl::StatusCode::kAlreadyExists};
        EXPECT_THAT(status, StatusIs(kExpected[i % 4]));
        kept += status.ok();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(kept, kThreads * kWrites / 4);
  EXPECT_THAT(Sum(), IsOkAndHolds(kept.load()));
}

TEST_P(DatabaseTest, ReadsOneSnapshotWhileAnotherWrites) {
  ASSERT_THAT(Add("a", 1), IsOk());
  const auto after = database_->Read([&](soci::session& session) -> absl::StatusOr<int64_t> {
    int64_t sum = 0;
    session << "SELECT SUM(visits) FROM note", soci::into(sum);
    std::thread([&] { EXPECT_THAT(Add("b", 1), IsOk()); }).join();
    session << "SELECT SUM(visits) FROM note", soci::into(sum);
    return sum;
  });
  EXPECT_THAT(after, IsOkAndHolds(1));
  EXPECT_THAT(Sum(), IsOkAndHolds(2));
}

TEST_P(DatabaseTest, SaysBusyWhenEveryReaderStaysTaken) {
  auto opened = Database::Open({.url = scratch_->url(), .readers = 1, .busy_timeout = absl::Milliseconds(20)});
  ASSERT_THAT(opened, IsOk());
  const auto outer = (*opened)->Read([&](soci::session&) {
    absl::Status inner;
    std::thread([&] { inner = (*opened)->Ping(); }).join();
    return inner;
  });
  EXPECT_THAT(outer, FailsWith(absl::StatusCode::kUnavailable, "STORE_BUSY"));
  EXPECT_THAT((*opened)->Ping(), IsOk());
}

TEST_P(DatabaseTest, ConnectsAgainAfterALostConnection) {
  const auto lose = [](soci::session& session) {
    session.close();
    return absl::OkStatus();
  };
  EXPECT_THAT(database_->Write(lose), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Add("a", 5), IsOk());
  EXPECT_THAT(database_->Read(lose), IsOk());
  EXPECT_THAT(Sum(), IsOkAndHolds(5));
}

TEST_P(DatabaseTest, KeepsItsRowsForTheNextStart) {
  ASSERT_THAT(Add("a", 5), IsOk());
  database_ = Open();
  EXPECT_THAT(Sum(), IsOkAndHolds(5));
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, DatabaseTest, testing::ValuesIn(Engines()), EngineName());

TEST(Database, RefusesAUrlThatItCantServe) {
  EXPECT_THAT(Database::Open({.url = "oracle://secret-canary@host"}).status(),
              FailsWith(absl::StatusCode::kInvalidArgument, "STORE_URL"));
  EXPECT_THAT(Database::Open({.url = "oracle://secret-canary@host"}).status().ToString(), Not(HasSubstr("canary")));
  EXPECT_THAT(Database::Open({.url = "sqlite://"}), FailsWith(absl::StatusCode::kInvalidArgument, "STORE_URL"));
  EXPECT_THAT(Database::Open({.url = "sqlite://:memory:"}), FailsWith(absl::StatusCode::kInvalidArgument, "STORE_URL"));
  EXPECT_THAT(Database::Open({.url = "postgresql://host/lumbar?secret-canary=1"}),
              FailsWith(absl::StatusCode::kInvalidArgument, "STORE_URL"));
}

}  // namespace
}  // namespace lumbar::store
