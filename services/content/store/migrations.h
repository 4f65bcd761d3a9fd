// What a content database is made of.
#pragma once

#include <absl/status/status.h>

#include <vector>

#include "common/store/database.h"
#include "common/store/migrations.h"
#include "common/time/clock.h"

namespace lumbar::content {

std::vector<store::Migrations> ContentMigrations();

// Brings `database` to the shape that the stores of this folder expect. Fails as Database::Migrate.
absl::Status MigrateContent(store::Database& database, const Clock& clock);

}  // namespace lumbar::content
