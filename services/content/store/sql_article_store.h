// What readers get, from the service's SQL database.
#pragma once

#include "common/store/database.h"
#include "services/content/domain/article_store.h"

namespace lumbar::content {

// Always gives what was published last.
class SqlArticleStore final : public ArticleStore {
 public:
  // It must outlive this; migrated.
  explicit SqlArticleStore(store::Database& database) : database_(database) {}

  absl::StatusOr<v1::Article> Get(absl::string_view name) override;
  absl::StatusOr<std::vector<v1::Article>> List(const ArticleQuery& query) override;

 private:
  store::Database& database_;
};

}  // namespace lumbar::content
