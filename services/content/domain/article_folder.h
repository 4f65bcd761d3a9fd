// A folder of articles as files.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "lumbar/content/v1/article.pb.h"

namespace lumbar::content {

struct FolderArticle {
  v1::Article article;
  // The file.
  std::string source;
};

// Reads every *.md of `folder`, in the order of their names; folders inside are left alone.
// INVALID_ARGUMENT/ARTICLE_REFUSED: what ParseArticle refuses, in all files together, and related articles that aren't
// in the folder. NOT_FOUND/ARTICLES_UNREADABLE: no such folder, no article in it, or more than 5,000.
absl::StatusOr<std::vector<FolderArticle>> ReadArticles(const std::string& folder);

}  // namespace lumbar::content
