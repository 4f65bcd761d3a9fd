// PostgreSQL behind SOCI: every wait bounded, a lost server found again, several processes on one database.
#pragma once

#include "common/store/engine.h"

namespace lumbar::store {

// `url` is libpq's: postgresql://user:password@host:port/database?name=value. Better than in the URL, where other
// users of the machine may see it, a password is in the file that PGPASSFILE names.
//
// No wait is endless: for a lock `busy_timeout`, for a statement twice that, for a connection the URL's connect_timeout
// or 2 to 5 s, for a peer that vanished 9 s, for a transaction on a server that is there but silent four times
// `busy_timeout`; the server frees the locks of a transaction that stood still for 10 s.
// A connection that the server lost while it was idle is made again before a transaction begins, so that a restart of
// the server fails only what was running. INVALID_ARGUMENT/STORE_URL.
absl::StatusOr<std::unique_ptr<Engine>> MakePostgresqlEngine(absl::string_view url, absl::Duration busy_timeout);

}  // namespace lumbar::store
