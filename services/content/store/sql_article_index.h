// Where readable articles are, by the columns of their table.
#pragma once

#include "common/store/database.h"
#include "services/content/domain/article_index.h"

namespace lumbar::content {

class SqlArticleIndex final : public ArticleIndex {
 public:
  // It must outlive this; migrated.
  explicit SqlArticleIndex(store::Database& database) : database_(database) {}

  absl::StatusOr<int64_t> Count() override;
  absl::StatusOr<std::vector<IndexEntry>> Page(int64_t skip, int limit) override;

 private:
  store::Database& database_;
};

}  // namespace lumbar::content
