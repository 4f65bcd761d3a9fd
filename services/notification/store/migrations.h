// What a notification database is made of.
#pragma once

#include <absl/status/status.h>

#include "common/store/database.h"
#include "common/time/clock.h"

namespace lumbar::notification {

// Brings `database` to the shape that the store expects. Fails as Database::Migrate.
absl::Status MigrateNotification(store::Database& database, const Clock& clock);

}  // namespace lumbar::notification
