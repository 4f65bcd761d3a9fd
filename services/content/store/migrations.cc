#include "services/content/store/migrations.h"

#include "common/status/macros.h"
#include "common/store/idempotency.h"
#include "lumbar_content_store_embedded.h"
#include "services/content/store/sql_article_search.h"

namespace lumbar::content {

std::vector<store::Migrations> ContentMigrations() {
  return {store::IdempotencyMigrations(), {"content", sql::kEmbeddedFiles}};
}

absl::Status MigrateContent(store::Database& database, const Clock& clock) {
  LUMBAR_RETURN_IF_ERROR(database.Migrate(ContentMigrations(), clock));
  return RepairIndex(database);
}

}  // namespace lumbar::content
