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

// Whether a text comes in, or was taken before. Of what was taken, keys that meant something once are passed over.
enum class Text { kNew, kTaken };

// `file` is the name without folder; "sciatica.md" becomes articles/sciatica.
// What is known of its reviews is no part of the text: only the editorial process adds it.
// INVALID_ARGUMENT/ARTICLE_REFUSED: everything that is wrong with it, a line each: keys that are missing, misspelt or
// malformed; HTML, images or links that readers wouldn't get.
absl::StatusOr<ParsedArticle> ParseArticle(absl::string_view file, absl::string_view source, Text text = Text::kNew);

// Names a text: the etag of a draft.
std::string DigestOf(absl::string_view source);

// Changes whenever the article does, in whatever a reader sees of it. Revision and etag don't count.
std::string EtagOf(const v1::Article& article);

}  // namespace lumbar::content
