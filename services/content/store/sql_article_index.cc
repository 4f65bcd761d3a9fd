#include "services/content/store/sql_article_index.h"

#include "common/store/proto_column.h"

namespace lumbar::content {
namespace {

using soci::into;
using soci::use;

// Of several that claim to be the same article in one language only one is named: the article itself, or the first.
std::vector<IndexEntry> Select(soci::session& session, int64_t skip, int limit) {
  std::vector<IndexEntry> entries;
  std::string name, language, version_language, version;
  int64_t publish_time = 0;
  soci::statement select =
      (session.prepare << "SELECT a.name, a.language, a.publish_time, v.language, MIN(v.name) FROM "
                          "(SELECT name, language, publish_time, original FROM article ORDER BY name "
                          "LIMIT :rows OFFSET :skip) a JOIN article v ON v.original = a.original "
                          "GROUP BY a.name, a.language, a.publish_time, v.language ORDER BY a.name, v.language",
       into(name), into(language), into(publish_time), into(version_language), into(version), use(limit, "rows"),
       use(skip, "skip"));
  select.execute();
  while (select.fetch()) {
    if (entries.empty() || entries.back().name != name) {
      entries.push_back({name, language, store::FromMicros(publish_time)});
    }
    entries.back().versions.emplace_back(version_language, version_language == language ? name : version);
  }
  return entries;
}

}  // namespace

absl::StatusOr<int64_t> SqlArticleIndex::Count() {
  return database_.Read([](soci::session& session) -> absl::StatusOr<int64_t> {
    int64_t count = 0;
    session << "SELECT COUNT(*) FROM article", into(count);
    return count;
  });
}

absl::StatusOr<std::vector<IndexEntry>> SqlArticleIndex::Page(int64_t skip, int limit) {
  return database_.Read(
      [&](soci::session& session) -> absl::StatusOr<std::vector<IndexEntry>> { return Select(session, skip, limit); });
}

}  // namespace lumbar::content
