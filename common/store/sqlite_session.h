// SQLite connections that keep what they compiled. SOCI compiles a statement each time, which costs more than to run
// it.
#pragma once

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace lumbar::store {

// For soci::session::open; lives as long as the program. Statements behave as SOCI's own.
const soci::backend_factory& SqliteSessions();

// Of a session that was opened with it; null if it isn't open.
sqlite_api::sqlite3* SqliteConnection(soci::session& session);

}  // namespace lumbar::store
