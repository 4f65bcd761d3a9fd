// Articles for readers, without the process that would bring them there.
#pragma once

#include "common/store/database.h"
#include "common/time/clock.h"
#include "services/content/domain/article_store.h"
#include "services/content/store/shelf_table.h"

namespace lumbar::content {

// Publishes `article` in the database and announces it to `store`.
inline absl::StatusOr<Publication> Shelve(store::Database& database, const Clock& clock, ArticleStore& store,
                                          const v1::Article& article) {
  auto publication = database.Write([&](soci::session& session) { return PutOnShelf(session, article, clock.Now()); });
  if (publication.ok() && publication->changed) store.Announce({article.name(), publication->revision, false});
  return publication;
}

}  // namespace lumbar::content
