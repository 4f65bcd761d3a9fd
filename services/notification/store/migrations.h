// What a notification database is made of.
#pragma once

#include <absl/status/status.h>

#include <vector>

#include "common/store/database.h"
#include "common/store/migrations.h"
#include "common/time/clock.h"

namespace lumbar::notification {

std::vector<store::Migrations> NotificationMigrations();

// Brings `database` to the shape that the store expects. Fails as Database::Migrate.
absl::Status MigrateNotification(store::Database& database, const Clock& clock);

}  // namespace lumbar::notification
