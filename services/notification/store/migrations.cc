#include "services/notification/store/migrations.h"

#include "common/store/idempotency.h"
#include "lumbar_notification_store_embedded.h"

namespace lumbar::notification {

std::vector<store::Migrations> NotificationMigrations() {
  return {store::IdempotencyMigrations(), {"notification", sql::kEmbeddedFiles}};
}

absl::Status MigrateNotification(store::Database& database, const Clock& clock) {
  return database.Migrate(NotificationMigrations(), clock);
}

}  // namespace lumbar::notification
