#include "services/booking/store/migrations.h"

#include "common/store/idempotency.h"
#include "lumbar_booking_store_embedded.h"

namespace lumbar::booking {

std::vector<store::Migrations> BookingMigrations() {
  return {store::IdempotencyMigrations(), {"booking", sql::kEmbeddedFiles}};
}

absl::Status MigrateBooking(store::Database& database, const Clock& clock) {
  return database.Migrate(BookingMigrations(), clock);
}

}  // namespace lumbar::booking
