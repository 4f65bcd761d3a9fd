// The port to the words of articles.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "lumbar/content/v1/article.pb.h"

namespace lumbar::content {

struct SearchQuery {
  // As QueryTerms makes them; not empty.
  std::vector<std::vector<std::string>> words;
  // Only this language; empty: all.
  std::string language = {};
  // How many of the best to leave out, and how many to return at most.
  int skip = 0;
  int limit = 0;
};

struct Found {
  // Without its body.
  v1::Article article;
  // Its text without markup.
  std::string text;
};

// Thread safe. Any call can also fail as the store itself does (common/store/errors.h).
class ArticleSearch {
 public:
  virtual ~ArticleSearch() = default;

  // What readers get that has any of the words: with all of them first, then by how often and where they stand (a title
  // weighs more than a summary, that more than the text), then by name.
  virtual absl::StatusOr<std::vector<Found>> Search(const SearchQuery& query) = 0;
};

}  // namespace lumbar::content
