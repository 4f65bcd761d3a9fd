// PostgreSQL connections that keep what they prepared, and send several statements at once. SOCI has the server parse
// and plan a statement each time, or prepares it, runs it and drops it again, which are three waits instead of one.
#pragma once

#include <libpq-fe.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

#include <memory>
#include <string>

namespace lumbar::store {

using PostgresqlResult = std::unique_ptr<PGresult, decltype(&PQclear)>;

// For soci::session::open; lives as long as the program. A text with parameters is prepared once in a connection, under
// a name that stays; texts without are sent as they are.
const soci::backend_factory& PostgresqlSessions();

// Of a session that was opened with it; null if it isn't open.
PGconn* PostgresqlConnection(soci::session& session);

// Has `sql`, one statement without parameters, sent with the next. These all throw postgresql_soci_error.
void SendLater(soci::session& session, const std::string& sql);
// Sends what waits and COMMIT behind it, in one round trip; returns the result of COMMIT. Stops at the first that
// fails.
PostgresqlResult SendCommit(soci::session& session);
// Sends what waits, if anything does.
void SendWaiting(soci::session& session);
void ForgetWaiting(soci::session& session);
// Whether a commit succeeded here within the last second: then it is there still, most likely.
bool CommittedLately(soci::session& session);

}  // namespace lumbar::store
