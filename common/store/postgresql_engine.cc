#include "common/store/postgresql_engine.h"

#include <absl/cleanup/cleanup.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <libpq-fe.h>
#include <soci/postgresql/soci-postgresql.h>

#include <algorithm>
#include <memory>

#include "common/status/macros.h"
#include "common/store/errors.h"
#include "common/store/postgresql_errors.h"
#include "common/store/postgresql_session.h"
#include "common/store/postgresql_url.h"
#include "common/store/socket_watch.h"

namespace lumbar::store {
namespace {

using Error = soci::postgresql_soci_error;
using Result = PostgresqlResult;

// Of class 08, connection exception: cannot connect, and does not exist.
constexpr char kCannotConnect[] = "08001", kNotConnected[] = "08003", kBadCommit[] = "25P02";
constexpr char kBeginWrite[] = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
constexpr char kBeginRead[] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
constexpr absl::Duration kStandstill = absl::Seconds(10), kLongestMigrationAhead = absl::Minutes(1);
constexpr absl::Duration kLeastSilence = absl::Seconds(2);
// One number for all Lumbar databases: advisory locks are per database.
constexpr int64_t kSchemaLock = 0x6c756d626172;

// Without "::", in which SOCI would see a parameter. indkey counts from 0.
constexpr char kColumns[] = R"sql(
  SELECT CAST(t.relname AS TEXT), CAST(a.attname AS TEXT), format_type(a.atttypid, NULL),
         COALESCE(array_position(CAST(i.indkey AS SMALLINT[]), a.attnum), -1) + 1
  FROM pg_class AS t
  JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_index AS i ON i.indrelid = t.oid AND i.indisprimary
  WHERE t.relkind IN ('r', 'p') AND t.relnamespace = to_regnamespace(quote_ident(current_schema()))
  ORDER BY t.relname, a.attnum
)sql";
constexpr char kReferences[] = R"sql(
  SELECT DISTINCT CAST(t.relname AS TEXT), CAST(r.relname AS TEXT)
  FROM pg_constraint AS k JOIN pg_class AS t ON t.oid = k.conrelid JOIN pg_class AS r ON r.oid = k.confrelid
  WHERE k.contype = 'f' AND t.relnamespace = to_regnamespace(quote_ident(current_schema()))
)sql";

// The server, too, must notice a vanished peer, to free its locks. A server that acknowledges commits before they are
// on its disk would break what Write promises.
constexpr char kSettings[] = R"sql(
  SET lock_timeout = %d;
  SET statement_timeout = %d;
  SET idle_in_transaction_session_timeout = %d;
  SET tcp_keepalives_idle = 5;
  SET tcp_keepalives_interval = 2;
  SET tcp_keepalives_count = 2;
  SET tcp_user_timeout = %d;
  SET client_connection_check_interval = 2000;
  SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
)sql";

PGconn* ConnectionOf(soci::session& session) {
  PGconn* const connection = PostgresqlConnection(session);
  if (connection == nullptr) throw Error("not connected", kNotConnected);
  return connection;
}

// SOCI would prepare `sql`, and take a colon in it for a parameter.
Result Execute(soci::session& session, const std::string& sql) {
  SendWaiting(session);
  Result result(PQexec(ConnectionOf(session), sql.c_str()), PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return result;
  const char* sqlstate = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
  throw Error("script failed", sqlstate != nullptr ? sqlstate : kNotConnected);
}

int Milliseconds(absl::Duration duration) { return static_cast<int>(absl::ToInt64Milliseconds(duration)); }

class PostgresqlEngine final : public Engine {
 public:
  PostgresqlEngine(std::string connection, absl::Duration busy_timeout)
      : connection_(std::move(connection)),
        busy_timeout_(busy_timeout),
        silence_(std::max(4 * busy_timeout, kLeastSilence)) {}

  const char* name() const override { return "postgresql"; }

  absl::Status Prepare(bool) const override { return absl::OkStatus(); }

  absl::Status Connect(soci::session& session, Role role) const override {
    try {
      session.open(PostgresqlSessions(), connection_);
    } catch (const soci::soci_error&) {
      throw Error("cannot connect", kCannotConnect);  // SOCI's own error has no code here.
    }
    // Notices would go to the standard error, and may hold values.
    PQsetNoticeProcessor(
        ConnectionOf(session), [](void*, const char*) {}, nullptr);
    Watch(session);
    Execute(session, absl::StrFormat(kSettings, Milliseconds(busy_timeout_), Milliseconds(2 * busy_timeout_),
                                     Milliseconds(std::max(kStandstill, busy_timeout_)), Milliseconds(kPeerLostAfter)));
    // For single statements, which are in no transaction that says so.
    if (role == Role::kReader) Execute(session, "SET default_transaction_read_only = on");
    return absl::OkStatus();
  }

  // Damage is the server's to find.
  absl::Status Check(soci::session& session) const override {
    std::string encoding;
    session << "SELECT current_setting('server_encoding')", soci::into(encoding);
    return encoding == "UTF8" ? absl::OkStatus() : StoreUrl("names a database whose encoding isn't UTF8");
  }

  void BeginWrite(soci::session& session) const override {
    if (!CommittedLately(session)) return Begin(session, Role::kWriter, kBeginWrite);
    Watch(session);
    SendLater(session, kBeginWrite);
  }
  void BeginRead(soci::session& session) const override { Begin(session, Role::kReader, kBeginRead); }
  void BeginStatement(soci::session& session) const override { Watch(session); }

  // The server answers COMMIT of a failed transaction with success and the word ROLLBACK.
  void Commit(soci::session& session) const override {
    const Result result = SendCommit(session);
    if (absl::string_view(PQcmdStatus(result.get())) != "COMMIT") throw Error("rolled back", kBadCommit);
    watch_.Disarm(&session);
  }

  bool InTransaction(soci::session& session) const override {
    return PQtransactionStatus(ConnectionOf(session)) != PQTRANS_IDLE;
  }
  void Rollback(soci::session& session) const override {
    const absl::Cleanup disarm = [&] { watch_.Disarm(&session); };
    ForgetWaiting(session);
    if (InTransaction(session)) RunScript(session, "ROLLBACK");
  }

  void RunScript(soci::session& session, const std::string& sql) const override { Execute(session, sql); }

  void Probe(soci::session& session) const override { RunScript(session, "SELECT 1 FROM pg_catalog.pg_class LIMIT 1"); }

  // Waits for another process's migrations, which take as long as they take, but never for long for a table's lock,
  // because everybody else would wait behind.
  void LockSchema(soci::session& session) const override {
    watch_.Disarm(&session);
    RunScript(session, absl::StrFormat("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = %d; "
                                       "SELECT pg_advisory_xact_lock(%d); SET LOCAL lock_timeout = %d",
                                       Milliseconds(kLongestMigrationAhead), kSchemaLock, Milliseconds(busy_timeout_)));
  }

  const char* columns_query() const override { return kColumns; }
  const char* references_query() const override { return kReferences; }

  bool one_writer() const override { return false; }

  absl::Status StatusOf(const soci::soci_error& error) const override {
    const auto* known = dynamic_cast<const Error*>(&error);
    return known != nullptr ? StatusOfSqlState(known->sqlstate()) : StoreFailed("none");
  }

 private:
  void Watch(soci::session& session) const { watch_.Arm(&session, PQsocket(ConnectionOf(session)), silence_); }

  // A server that was restarted, or that isn't the one for writes any more, is found here, where nothing was done yet.
  void Begin(soci::session& session, Role role, const char* begin) const {
    try {
      Watch(session);
      return RunScript(session, begin);
    } catch (const soci::soci_error&) {
      session.close();
    }
    (void)Connect(session, role);  // Throws if it fails.
    RunScript(session, begin);
  }

  const std::string connection_;
  const absl::Duration busy_timeout_;
  // How long a transaction may take: longer than the server lets its statements take.
  const absl::Duration silence_;
  mutable SocketWatch watch_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> MakePostgresqlEngine(absl::string_view url, absl::Duration busy_timeout) {
  LUMBAR_ASSIGN_OR_RETURN(std::string connection, ConnectionString(url, busy_timeout));
  return std::make_unique<PostgresqlEngine>(std::move(connection), busy_timeout);
}

}  // namespace lumbar::store
