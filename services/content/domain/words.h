// Words of texts and of searches, so that any form of a word finds every other: "runs" and "running", "crónico" and
// "cronico". One analysis for every engine, by Snowball's stemmers of English and Spanish.
#pragma once

#include <absl/strings/string_view.h>

#include <string>
#include <vector>

namespace lumbar::content {

// The words of `text`, in order, each under every form that finds it, parted by spaces: letters and digits only. Left
// out: words that every text has ("the", "de"), single letters, words of more than 40 bytes.
std::string TermsOf(absl::string_view text, absl::string_view language);

// For each word that is searched, the forms to look for: any of them will do. At most 16 words; words as above, of
// every language, are left out, each is there once.
std::vector<std::vector<std::string>> QueryTerms(absl::string_view query);

// `title` as a place in a page: its words in small letters a to z, digits and hyphens, at most 60; "section" if there
// are none.
std::string AnchorOf(absl::string_view title);

// What readers see of `html`, which IsSafeHtml knows.
std::string PlainText(absl::string_view html);

// The part of `text`, in `language`, of at most about 200 bytes that has most of the words, with <mark> around each;
// everything else is escaped, and cut ends are marked by an ellipsis. Its beginning if it has none of them.
std::string Snippet(absl::string_view text, absl::string_view language,
                    const std::vector<std::vector<std::string>>& searched);

}  // namespace lumbar::content
