// PostgreSQL connections that keep what they prepared. SOCI has the server parse and plan a statement each time, or
// prepares it, runs it and drops it again, which are three waits instead of one.
#pragma once

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

namespace lumbar::store {

// For soci::session::open; lives as long as the program. A text with parameters is prepared once in a connection, under
// a name that stays; texts without are sent as they are.
const soci::backend_factory& PostgresqlSessions();

// Of a session that was opened with it; null if it isn't open.
PGconn* PostgresqlConnection(soci::session& session);

}  // namespace lumbar::store
