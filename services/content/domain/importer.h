// Brings a folder of articles to the readers.
#pragma once

#include <absl/status/statusor.h>

#include <string>

#include "services/content/domain/article_store.h"

namespace lumbar::content {

struct ImportReport {
  // Articles of the folder: all, and those that got a new revision.
  int articles = 0;
  int published = 0;
  // Articles that are in the store but not in the folder. Readers keep them, for other articles and bookmarks lead
  // there.
  int left = 0;
};

// Publishes every article of `folder` that differs from what readers get; logs each, and each that left the folder.
// Publishes none if ReadArticles refuses one. Stops at the first failure of the store; a repeat goes on from there.
absl::StatusOr<ImportReport> ImportArticles(const std::string& folder, ArticleStore& store);

}  // namespace lumbar::content
