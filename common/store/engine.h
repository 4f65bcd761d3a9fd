// What differs between SQL engines, and nothing else. A new engine is one file that implements Engine and one line in
// MakeEngine.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>
#include <soci/soci.h>

#include <memory>
#include <string>

namespace lumbar::store {

// Every function but StatusOf may throw soci::soci_error, as SOCI itself does; the Database catches it.
class Engine {
 public:
  enum class Role { kWriter, kReader };

  virtual ~Engine() = default;

  // As migrations name it: "sqlite", "postgresql".
  virtual const char* name() const = 0;

  // Makes what must exist before the first connection; or, with `must_exist`, refuses where it would have to.
  virtual absl::Status Prepare(bool must_exist) const = 0;
  // Connects and configures `session`; kReader sessions refuse to write where the engine can tell.
  virtual absl::Status Connect(soci::session& session, Role role) const = 0;
  // Refuses a damaged database. May read all of it: called once, at start.
  virtual absl::Status Check(soci::session& session) const = 0;

  // Begins a transaction. SQLite's holds the only write lock from its first statement; PostgreSQL's is READ COMMITTED,
  // so that no store may rest on more: what one statement read may be changed before the next.
  virtual void BeginWrite(soci::session& session) const = 0;
  // Begins a transaction that sees one snapshot.
  virtual void BeginRead(soci::session& session) const = 0;
  // Before one statement that reads, without a transaction.
  virtual void BeginStatement(soci::session& session) const = 0;
  // Returns only if everything since BeginWrite is there to stay.
  virtual void Commit(soci::session& session) const = 0;
  // Whether a transaction is open; some errors end it.
  virtual bool InTransaction(soci::session& session) const = 0;
  // Ends whatever transaction is open; nothing if the engine already ended it.
  virtual void Rollback(soci::session& session) const = 0;
  // Runs `sql`, any number of statements without parameters.
  virtual void RunScript(soci::session& session, const std::string& sql) const = 0;
  // The cheapest statement that really touches the database.
  virtual void Probe(soci::session& session) const = 0;

  // Within a write transaction that changes the schema: waits for other processes that do so too, until it ends.
  virtual void LockSchema(soci::session& session) const = 0;

  // The schema that the session uses, without the engine's own tables: rows of table, column, type, and the column's
  // place in the primary key (0: not in it), in the order of the columns.
  virtual const char* columns_query() const = 0;
  // Rows of table, and table that it refers to.
  virtual const char* references_query() const = 0;

  // Whether only one transaction may write at a time. Such an engine knows SAVEPOINT, and a statement that fails leaves
  // the rest of its transaction as it was, or ends it.
  virtual bool one_writer() const = 0;

  // Which of errors.h `error` is. Never looks at its text, which holds bound values.
  virtual absl::Status StatusOf(const soci::soci_error& error) const = 0;
};

// The engine for `url`, chosen by its scheme. INVALID_ARGUMENT/STORE_URL.
absl::StatusOr<std::unique_ptr<Engine>> MakeEngine(absl::string_view url, absl::Duration busy_timeout);

}  // namespace lumbar::store
