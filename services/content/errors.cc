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

}  // namespace lumbar::content
