#include "services/notification/store/migrations.h"

#include <array>

#include "common/store/idempotency.h"
#include "lumbar_notification_store_embedded.h"

namespace lumbar::notification {

absl::Status MigrateNotification(store::Database& database, const Clock& clock) {
  const std::array<store::Migrations, 2> wanted = {store::IdempotencyMigrations(),
                                                   store::Migrations{"notification", sql::kEmbeddedFiles}};
  return database.Migrate(wanted, clock);
}

}  // namespace lumbar::notification
