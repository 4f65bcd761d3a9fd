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

// ALREADY_EXISTS/ARTICLE_EXISTS: also of one that was retracted, for its name is used up.
absl::Status ArticleExists();
// ABORTED/ETAG_MISMATCH: the text isn't the one that the caller knows.
absl::Status EtagMismatch();
// FAILED_PRECONDITION/WRONG_STATE: `step` can't be made while the article is `state`, but `others`; all in words.
absl::Status WrongState(absl::string_view step, absl::string_view state, const std::vector<absl::string_view>& others);
// FAILED_PRECONDITION/REVIEW_MISSING: `review` in words.
absl::Status ReviewMissing(absl::string_view review);
// FAILED_PRECONDITION/SAME_PERSON.
absl::Status SamePerson();
// PERMISSION_DENIED/NOT_A_CLINICIAN.
absl::Status NotAClinician();
// FAILED_PRECONDITION/REVIEW_DUE_PASSED.
absl::Status ReviewDuePassed();

// INVALID_ARGUMENT/ARTICLES_URL_REFUSED: at start.
absl::Status ArticlesUrlRefused();
// NOT_FOUND/SITEMAP_NOT_CONFIGURED.
absl::Status SitemapNotConfigured();
// NOT_FOUND/SITEMAP_PAGE_NOT_FOUND.
absl::Status SitemapPageNotFound();
// FAILED_PRECONDITION/PROTOCOL_REFUSED: triage's protocol has no rule or cause, or more than can be compared.
absl::Status ProtocolRefused();
// INTERNAL/ARTICLE_UNREADABLE: what this program wrote itself isn't an article.
absl::Status ArticleUnreadable();

}  // namespace lumbar::content
