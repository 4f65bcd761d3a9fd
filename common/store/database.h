// One service's SQL database: transactions as functions, a bounded wait for every connection, and no exception and no
// bound value past this edge. The SQL is what every engine speaks: ON CONFLICT, RETURNING, common table expressions,
// TEXT and BIGINT columns only (SOCI reads other types differently from engine to engine).
#pragma once

#include <absl/functional/function_ref.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>
#include <absl/types/span.h>
#include <soci/soci.h>

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/store/engine.h"
#include "common/store/migrations.h"
#include "common/store/schema.h"
#include "common/store/write_queue.h"
#include "common/time/clock.h"

namespace lumbar::store {

struct DatabaseOptions {
  // sqlite:///absolute/file.db, sqlite://relative/file.db, or postgresql://user@host:port/database?name=value as libpq
  // takes it. May hold a password, which no log, status or exception of this library ever repeats.
  std::string url;
  // How many Reads run at once; more of them wait.
  int readers = 4;
  // The same for Writes, where the engine lets more than one write at once.
  int writers = 8;
  // How long a call waits for a connection, and again for another process's lock.
  absl::Duration busy_timeout = absl::Seconds(2);
  // Whether a file that isn't there is refused instead of made.
  bool must_exist = false;
};

// Thread safe. Any call can fail with what errors.h lists.
class Database {
 public:
  // Connects, and refuses what isn't a sound database:
  // INVALID_ARGUMENT/STORE_URL, UNAVAILABLE/STORE_UNWRITABLE, UNAVAILABLE/STORE_UNREACHABLE, UNAVAILABLE/STORE_BUSY,
  // DATA_LOSS/STORE_CORRUPT.
  static absl::StatusOr<std::unique_ptr<Database>> Open(DatabaseOptions options);

  // Applies what isn't applied yet, in the order given, each migration in a transaction of its own. Two processes may
  // start at once. FAILED_PRECONDITION/SCHEMA_NEWER, FAILED_PRECONDITION/SCHEMA_CHANGED, INTERNAL/MIGRATION_NAME.
  absl::Status Migrate(absl::Span<const Migrations> wanted, const Clock& clock);

  // Every migration that is wanted or was applied, by owner and number. Changes nothing, also where none was applied
  // yet.
  absl::StatusOr<std::vector<MigrationStatus>> History(absl::Span<const Migrations> wanted);

  // See schema.h.
  absl::StatusOr<std::vector<Table>> Schema();

  // Runs `body(soci::session&)`, which returns absl::Status or absl::StatusOr<T>, in one transaction: committed if it
  // returns OK, rolled back if it returns an error or throws. Once Write returns OK, the effect survives a crash.
  // The body touches nothing but the session and what its caller lends it, and calls no other function of this
  // Database: when transactions stood in each other's way, it is rolled back and runs again, up to three times.
  // UNAVAILABLE/COMMIT_UNKNOWN: the only failure after which the effect may be there all the same.
  //
  // Where only one may write at once, those who wait share a transaction and its way to the disk (write_queue.h). A
  // body then runs on the thread of any of them, sees what the others did before it, and is rolled back alone.
  // Everybody gets an answer, an error too, only when that transaction is on the disk; if it fails as a whole, all of
  // them fail.
  template <typename Body>
  auto Write(Body&& body) -> std::invoke_result_t<Body&, soci::session&> {
    return InTransaction(body, &Database::RunWrite);
  }

  // The same for a body that only reads: it sees one snapshot and never waits for a writer.
  template <typename Body>
  auto Read(Body&& body) -> std::invoke_result_t<Body&, soci::session&> {
    return InTransaction(body, &Database::RunRead);
  }

  // The same for a body of one statement, which is a snapshot by itself: where the database is another process, it
  // costs a third of the round trips. It runs again if the connection turns out to be lost.
  template <typename Body>
  auto ReadOne(Body&& body) -> std::invoke_result_t<Body&, soci::session&> {
    return InTransaction(body, &Database::RunReadOne);
  }

  // OK if the database answers now: for readiness.
  absl::Status Ping();

  // "sqlite" or "postgresql": for what the engines don't say alike, a search for words.
  absl::string_view engine_name() const { return engine_->name(); }

  // A gauge: how many Writes wait for their turn, where only one may write at once.
  size_t waiting_writes() const { return queue_.waiting(); }

 private:
  using Step = absl::FunctionRef<absl::Status(soci::session&)>;

  Database(DatabaseOptions options, std::unique_ptr<Engine> engine);

  template <typename Body>
  auto InTransaction(Body& body, absl::Status (Database::*run)(Step)) -> std::invoke_result_t<Body&, soci::session&> {
    using Result = std::invoke_result_t<Body&, soci::session&>;
    if constexpr (std::is_same_v<Result, absl::Status>) {
      return (this->*run)(body);
    } else {
      std::optional<Result> result;
      const auto step = [&](soci::session& session) { return result.emplace(body(session)).status(); };
      if (absl::Status status = (this->*run)(step); !status.ok()) return status;
      return *std::move(result);
    }
  }

  absl::Status RunWrite(Step step);
  // How far a write came.
  enum class Stage { kBeginning, kRunning, kCommitting };
  absl::Status WriteOnce(soci::session& session, Step step, Stage& stage);
  void WriteTogether(WriteQueue::Batch batch);
  // One request of an open transaction. Fails if nothing of that transaction is left.
  absl::Status WriteApart(soci::session& session, WriteQueue::Request& request);
  absl::Status RunRead(Step step);
  absl::Status RunReadOne(Step step);
  absl::Status Lend(soci::connection_pool& pool, Engine::Role role, Step step);
  absl::Status Guarded(absl::FunctionRef<absl::Status()> step) const;
  // Connects `session`, or leaves it closed: nobody gets one that was configured by half.
  absl::Status Connect(soci::session& session, Engine::Role role) const;
  // Makes `session` fit for its next user, whatever state a failed transaction left it in, or closes it.
  void Recover(soci::session& session) const;

  const DatabaseOptions options_;
  const std::unique_ptr<Engine> engine_;
  soci::connection_pool writers_;
  soci::connection_pool readers_;
  WriteQueue queue_;
};

}  // namespace lumbar::store
