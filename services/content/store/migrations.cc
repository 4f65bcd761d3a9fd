#include "services/content/store/migrations.h"

#include "common/store/idempotency.h"
#include "lumbar_content_store_embedded.h"

namespace lumbar::content {

std::vector<store::Migrations> ContentMigrations() {
  return {store::IdempotencyMigrations(), {"content", sql::kEmbeddedFiles}};
}

absl::Status MigrateContent(store::Database& database, const Clock& clock) {
  return database.Migrate(ContentMigrations(), clock);
}

}  // namespace lumbar::content
