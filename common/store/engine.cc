#include "common/store/engine.h"

#include <absl/strings/match.h>
#include <absl/strings/strip.h>

#include "common/store/errors.h"
#include "common/store/postgresql_engine.h"
#include "common/store/sqlite_engine.h"

namespace lumbar::store {

// No message repeats the URL: it may hold a password.
absl::StatusOr<std::unique_ptr<Engine>> MakeEngine(absl::string_view url, absl::Duration busy_timeout) {
  if (absl::ConsumePrefix(&url, "sqlite://")) return MakeSqliteEngine(url, busy_timeout);
  if (absl::StartsWith(url, "postgresql://")) return MakePostgresqlEngine(url, busy_timeout);
  return StoreUrl("has an unknown scheme; use sqlite:///folder/file.db or postgresql://user@host/database");
}

}  // namespace lumbar::store
