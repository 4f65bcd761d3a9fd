// SQLite behind SOCI: write-ahead log, every commit on the disk before it is acknowledged, one writer at a time.
#pragma once

#include "common/store/engine.h"

namespace lumbar::store {

// `path` is the database's file, made with mode 0600 if it isn't there; its folder must exist.
// INVALID_ARGUMENT/STORE_URL: no path, an in-memory database, or a path with a double quote.
absl::StatusOr<std::unique_ptr<Engine>> MakeSqliteEngine(absl::string_view path, absl::Duration busy_timeout);

}  // namespace lumbar::store
