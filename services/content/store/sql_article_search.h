// Full-text search by the database's own index: FTS5 of SQLite, a GIN index over tsvector of PostgreSQL.
#pragma once

#include <soci/soci.h>

#include "common/store/database.h"
#include "services/content/domain/article_search.h"

namespace lumbar::content {

// Within a transaction that puts the article on the shelf, or takes it off.
void IndexWords(soci::session& session, const v1::Article& article);
void ForgetWords(soci::session& session, const std::string& name);

// Makes the index whole where words came in without it, as a copy from another database brings them. At start.
absl::Status RepairIndex(store::Database& database);

class SqlArticleSearch final : public ArticleSearch {
 public:
  // It must outlive this; migrated.
  explicit SqlArticleSearch(store::Database& database) : database_(database) {}

  absl::StatusOr<std::vector<Found>> Search(const SearchQuery& query) override;

 private:
  store::Database& database_;
};

}  // namespace lumbar::content
