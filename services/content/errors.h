// Every way content says no. One function per failure: the message is for a person and says what to do next, the reason
// is for a program and stays.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>

#include <string>
#include <vector>

namespace lumbar::content {

// NOT_FOUND/ARTICLE_NOT_FOUND.
absl::Status ArticleNotFound();
// INVALID_ARGUMENT/ARTICLE_REFUSED: for whoever edits articles. Each problem is a line of the message and names its
// file, line and key; none of them is imported while there is one.
absl::Status ArticleRefused(const std::vector<std::string>& problems);
// NOT_FOUND/ARTICLES_UNREADABLE: there is no such folder or file to read, or it is too large.
absl::Status ArticlesUnreadable(absl::string_view path, absl::string_view why);

}  // namespace lumbar::content
