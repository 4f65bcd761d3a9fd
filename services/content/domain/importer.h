// Brings the installation's folder of articles into the editorial process, and so to the readers.
#pragma once

#include <absl/status/statusor.h>

#include <string>

#include "services/content/domain/article_store.h"
#include "services/content/domain/editorial_store.h"

namespace lumbar::content {

struct ImportReport {
  // Articles of the folder: all, those that got a new revision, and those that aren't the folder's any more: retracted,
  // or taken over by the editorial process.
  int articles = 0;
  int published = 0;
  int kept = 0;
  // Articles that readers get but that aren't in the folder. They keep them, for other articles and bookmarks lead
  // there.
  int left = 0;
};

// Ships every article of `folder` that differs from what readers get (see Ship in workflow.h) and announces it, and no
// other, to `shelf`; logs each, and each that is kept or left. Ships none if ReadArticles refuses one. Stops at the
// first failure of the store; a repeat goes on from there.
absl::StatusOr<ImportReport> ImportArticles(const std::string& folder, EditorialStore& drafts, ArticleStore& shelf);

}  // namespace lumbar::content
