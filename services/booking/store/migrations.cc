#include "services/booking/store/migrations.h"

#include <array>

#include "common/store/idempotency.h"
#include "lumbar_booking_store_embedded.h"

namespace lumbar::booking {

absl::Status MigrateBooking(store::Database& database, const Clock& clock) {
  const std::array<store::Migrations, 2> wanted = {store::IdempotencyMigrations(),
                                                   store::Migrations{"booking", sql::kEmbeddedFiles}};
  return database.Migrate(wanted, clock);
}

}  // namespace lumbar::booking
