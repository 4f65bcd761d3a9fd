#include "services/content/errors.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include "common/status/errors.h"

namespace lumbar::content {

absl::Status ArticleNotFound() {
  return WithReason(absl::NotFoundError("there is no such article; list the articles to see which there are"),
                    "ARTICLE_NOT_FOUND");
}

absl::Status ArticleRefused(const std::vector<std::string>& problems) {
  return WithReason(absl::InvalidArgumentError(absl::StrJoin(problems, "\n")), "ARTICLE_REFUSED");
}

absl::Status ArticlesUnreadable(absl::string_view path, absl::string_view why) {
  return WithReason(absl::NotFoundError(absl::StrCat("can't read ", path, ": ", why)), "ARTICLES_UNREADABLE");
}

absl::Status ArticleExists() {
  return WithReason(absl::AlreadyExistsError("there is an article of that name; pick another, or change that one"),
                    "ARTICLE_EXISTS");
}

absl::Status EtagMismatch() {
  return WithReason(absl::AbortedError("the text was changed meanwhile; read it again"), "ETAG_MISMATCH");
}

absl::Status WrongState(absl::string_view step, absl::string_view state, const std::vector<absl::string_view>& others) {
  const std::string instead = others.empty() ? "nothing more can be done with it"
                                             : absl::StrCat("what can be done is: ", absl::StrJoin(others, ", "));
  return WithReason(
      absl::FailedPreconditionError(absl::StrCat("can't ", step, " an article that is ", state, "; ", instead)),
      "WRONG_STATE");
}

absl::Status ReviewMissing(absl::string_view review) {
  return WithReason(
      absl::FailedPreconditionError(absl::StrCat("the ", review, " of this text is missing; have it recorded first")),
      "REVIEW_MISSING");
}

absl::Status SamePerson() {
  return WithReason(absl::FailedPreconditionError(
                        "author, medical reviewer and fact checker must be three people; have somebody else review it"),
                    "SAME_PERSON");
}

absl::Status NotAClinician() {
  return WithReason(absl::PermissionDeniedError("only a clinician can give the medical review"), "NOT_A_CLINICIAN");
}

absl::Status ReviewDuePassed() {
  return WithReason(absl::FailedPreconditionError("its review_due is over; set a later one and have it reviewed"),
                    "REVIEW_DUE_PASSED");
}

absl::Status ArticlesUrlRefused() {
  return WithReason(
      absl::InvalidArgumentError(
          "--articles-url must be like https://clinic.example/articles, of at most 150 bytes, without a query"),
      "ARTICLES_URL_REFUSED");
}

absl::Status SitemapNotConfigured() {
  return WithReason(absl::NotFoundError("this installation has no sitemap; content needs --articles-url for one"),
                    "SITEMAP_NOT_CONFIGURED");
}

absl::Status SitemapPageNotFound() {
  return WithReason(absl::NotFoundError("the sitemap has fewer pages; /sitemap.xml names those there are"),
                    "SITEMAP_PAGE_NOT_FOUND");
}

absl::Status ProtocolRefused() {
  return WithReason(absl::FailedPreconditionError("triage's protocol has no rule or cause, or too many to compare"),
                    "PROTOCOL_REFUSED");
}

absl::Status ArticleUnreadable() {
  return WithReason(absl::InternalError("the article can't be read; try again, or tell whoever runs this"),
                    "ARTICLE_UNREADABLE");
}

}  // namespace lumbar::content
