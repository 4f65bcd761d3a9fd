// Articles in the service's SQL database.
#pragma once

#include "common/store/database.h"
#include "common/time/clock.h"
#include "services/content/domain/article_store.h"

namespace lumbar::content {

// The tables behind it, for Database::Migrate.
store::Migrations ArticleMigrations();

// Always gives what was published last.
class SqlArticleStore final : public ArticleStore {
 public:
  // Both must outlive it.
  SqlArticleStore(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  absl::StatusOr<v1::Article> Get(absl::string_view name) override;
  absl::StatusOr<std::vector<v1::Article>> List(const ArticleQuery& query) override;
  absl::StatusOr<Publication> Publish(const v1::Article& article) override;

 private:
  store::Database& database_;
  const Clock& clock_;
};

}  // namespace lumbar::content
