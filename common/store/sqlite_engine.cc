#include "common/store/sqlite_engine.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <fcntl.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <unistd.h>

#include <cerrno>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/store/errors.h"
#include "common/store/sqlite_session.h"

namespace lumbar::store {
namespace {

sqlite_api::sqlite3* ConnectionOf(soci::session& session) {
  auto* const connection = SqliteConnection(session);
  if (connection == nullptr) throw soci::sqlite3_soci_error("not connected", SQLITE_CANTOPEN);
  return connection;
}

class SqliteEngine final : public Engine {
 public:
  SqliteEngine(std::string path, absl::Duration busy_timeout) : path_(std::move(path)), busy_timeout_(busy_timeout) {}

  const char* name() const override { return "sqlite"; }

  // Patient data: nobody but the owner may read the file. SQLite gives the log beside it the same mode. An existing
  // file isn't opened here: closing any descriptor of it would drop the locks that this process holds on it.
  absl::Status Prepare(bool must_exist) const override {
    if (must_exist) return access(path_.c_str(), R_OK | W_OK) == 0 ? absl::OkStatus() : StoreUnwritable();
    const int file = open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file >= 0) close(file);
    return file >= 0 || errno == EEXIST ? absl::OkStatus() : StoreUnwritable();
  }

  absl::Status Connect(soci::session& session, Role role) const override {
    session.open(SqliteSessions(), absl::StrCat("dbname=\"", path_, "\""));
    sqlite_api::sqlite3_extended_result_codes(ConnectionOf(session), 1);
    sqlite_api::sqlite3_busy_timeout(ConnectionOf(session), static_cast<int>(absl::ToInt64Milliseconds(busy_timeout_)));
    std::string journal;
    session << "PRAGMA journal_mode = WAL", soci::into(journal);
    // Some file systems can't share the memory that the log needs; SQLite then keeps another mode without an error.
    if (journal != "wal") return StoreUnwritable();
    // A savepoint notes what each page was; in memory, or every request would write that to a file too.
    RunScript(session,
              "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; "
              "PRAGMA temp_store = MEMORY;");
    if (role == Role::kReader) RunScript(session, "PRAGMA query_only = ON;");
    return absl::OkStatus();
  }

  absl::Status Check(soci::session& session) const override {
    std::string verdict;
    session << "PRAGMA quick_check(1)", soci::into(verdict);
    return verdict == "ok" ? absl::OkStatus() : StoreCorrupt();
  }

  // IMMEDIATE takes the write lock now: a transaction that read first and took it later could fail for good.
  void BeginWrite(soci::session& session) const override { RunScript(session, "BEGIN IMMEDIATE"); }
  void BeginRead(soci::session& session) const override { RunScript(session, "BEGIN"); }
  void BeginStatement(soci::session&) const override {}

  // After some errors (disk full, input or output) SQLite has rolled back by itself.
  bool InTransaction(soci::session& session) const override {
    return sqlite_api::sqlite3_get_autocommit(ConnectionOf(session)) == 0;
  }
  void Rollback(soci::session& session) const override {
    if (InTransaction(session)) RunScript(session, "ROLLBACK");
  }

  // SOCI would run the first statement of `sql` alone.
  void RunScript(soci::session& session, const std::string& sql) const override {
    const int code = sqlite_api::sqlite3_exec(ConnectionOf(session), sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) throw soci::sqlite3_soci_error("script failed", code);
  }

  void Commit(soci::session& session) const override { RunScript(session, "COMMIT"); }
  // The write lock is enough.
  void LockSchema(soci::session&) const override {}

  // A constant SELECT wouldn't open the file.
  void Probe(soci::session& session) const override {
    int64_t tables = 0;
    session << "SELECT COUNT(*) FROM sqlite_master", soci::into(tables);
  }

  // An index for full text is a virtual table, and what it keeps are shadow tables: no data of their own.
  const char* columns_query() const override {
    return "SELECT t.name, c.name, c.type, c.pk FROM pragma_table_list AS t JOIN pragma_table_info(t.name) AS c "
           "WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
           "ORDER BY t.name, c.cid";
  }
  const char* references_query() const override {
    return "SELECT DISTINCT t.name, r.\"table\" FROM pragma_table_list AS t JOIN pragma_foreign_key_list(t.name) AS r "
           "WHERE t.schema = 'main' AND t.type = 'table'";
  }

  bool one_writer() const override { return true; }

  absl::Status StatusOf(const soci::soci_error& error) const override {
    const auto* known = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
    if (known == nullptr) return StoreFailed("none");
    return StatusOfCode(known->result());
  }

 private:
  static absl::Status StatusOfCode(int code) {
    if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY) return DuplicateKey();
    switch (code & 0xff) {  // The low byte is the kind; the rest says more about it.
      case SQLITE_BUSY:
      case SQLITE_LOCKED:
        return StoreBusy();
      case SQLITE_FULL:
        return StoreFull();
      case SQLITE_CORRUPT:
      case SQLITE_NOTADB:
        return StoreCorrupt();
      case SQLITE_IOERR:
      case SQLITE_READONLY:
      case SQLITE_CANTOPEN:
      case SQLITE_PERM:
        return StoreUnwritable();
      default:
        return StoreFailed(absl::StrCat(code));
    }
  }

  const std::string path_;
  const absl::Duration busy_timeout_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> MakeSqliteEngine(absl::string_view path, absl::Duration busy_timeout) {
  if (path.empty()) return StoreUrl("names no file; use sqlite:///folder/file.db");
  // Each connection of the pool would get an in-memory database of its own.
  if (absl::StartsWith(path, ":memory:")) return StoreUrl("names an in-memory database; use a file");
  if (absl::StrContains(path, '"')) return StoreUrl("has a double quote in its path");
  return std::make_unique<SqliteEngine>(std::string(path), busy_timeout);
}

}  // namespace lumbar::store
