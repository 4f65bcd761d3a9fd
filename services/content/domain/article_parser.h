// Reads an article from the form in which people write it: front matter in YAML between two lines of ---, and Markdown.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include "lumbar/content/v1/article.pb.h"

namespace lumbar::content {

// Longest source in bytes; what UpdateDraft will take too.
inline constexpr size_t kLongestSource = 100'000;

struct ParsedArticle {
  // Published, with etag, without a revision: only a store can count.
  v1::Article article;
  // Where related articles are named, for whoever can tell if there are such.
  int related_line = 0;
};

// Who vouches for the reviews of a text.
enum class Signed {
  // Its front matter: it names both reviewers and the days, and `reviewed_text` says which text they passed.
  kInFrontMatter,
  // The editorial process. The keys that only the other form needs may be there, and say nothing.
  kOnRecord,
};

// `file` is the name without folder; "sciatica.md" becomes articles/sciatica.
// INVALID_ARGUMENT/ARTICLE_REFUSED: everything that is wrong with it, a line each: keys that are missing, misspelt or
// malformed; author, medical reviewer and fact checker who aren't three people; HTML, images or links that readers
// wouldn't get. If signed in the front matter, also: a text that isn't the one that was reviewed.
absl::StatusOr<ParsedArticle> ParseArticle(absl::string_view file, absl::string_view source,
                                           Signed where = Signed::kInFrontMatter);

// What `reviewed_text` must be: a digest of everything in `source` but that line.
std::string DigestOf(absl::string_view source);

// Changes whenever the article does, in whatever a reader sees of it. Revision and etag don't count.
std::string EtagOf(const v1::Article& article);

}  // namespace lumbar::content
