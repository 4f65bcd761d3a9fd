// A folder of articles as files, checked as a whole. Only the editorial process publishes one.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "lumbar/content/v1/article.pb.h"

namespace lumbar::content {

// Reads every *.md of `folder`, in the order of their names; folders inside are left alone.
// INVALID_ARGUMENT/ARTICLE_REFUSED: what ParseArticle refuses, in all files together, and related articles that aren't
// in the folder. NOT_FOUND/ARTICLES_UNREADABLE: no such folder, no article in it, or more than 5,000.
absl::StatusOr<std::vector<v1::Article>> ReadArticles(const std::string& folder);

}  // namespace lumbar::content
