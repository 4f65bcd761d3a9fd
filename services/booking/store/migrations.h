// What a booking database is made of.
#pragma once

#include <absl/status/status.h>

#include <vector>

#include "common/store/database.h"
#include "common/store/migrations.h"
#include "common/time/clock.h"

namespace lumbar::booking {

std::vector<store::Migrations> BookingMigrations();

// Brings `database` to the shape that the stores of this folder expect. Fails as Database::Migrate.
absl::Status MigrateBooking(store::Database& database, const Clock& clock);

}  // namespace lumbar::booking
