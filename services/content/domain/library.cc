#include "services/content/domain/library.h"

#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <algorithm>

#include "common/status/macros.h"
#include "common/store/page_token.h"

namespace lumbar::content {
namespace {

constexpr int kUsualPage = 50, kMostPerPage = 200;

// Every field that decides which articles the list has, however the causes are ordered.
std::string QueryOf(const v1::ListArticlesRequest& request) {
  std::vector<std::string> causes(request.causes().begin(), request.causes().end());
  std::sort(causes.begin(), causes.end());
  return absl::StrCat(request.topic(), "\n", absl::StrJoin(causes, "\n"));
}

// Titles have one line; a token that decodes came from here.
std::string KeyOf(const v1::Article& article) { return absl::StrCat(article.title(), "\n", article.name()); }

std::optional<ArticlePosition> PositionOf(const std::string& key) {
  if (key.empty()) return std::nullopt;
  const std::pair<std::string, std::string> parts = absl::StrSplit(key, absl::MaxSplits('\n', 1));
  return ArticlePosition{parts.first, parts.second};
}

}  // namespace

absl::StatusOr<v1::GetArticleResponse> Library::GetArticle(const rpc::CallContext&,
                                                           const v1::GetArticleRequest& request) {
  v1::GetArticleResponse response;
  LUMBAR_ASSIGN_OR_RETURN(*response.mutable_article(), store_.Get(request.name()));
  return response;
}

absl::StatusOr<v1::ListArticlesResponse> Library::ListArticles(const rpc::CallContext&,
                                                               const v1::ListArticlesRequest& request) {
  const std::string query = QueryOf(request);
  LUMBAR_ASSIGN_OR_RETURN(const int page_size, store::PageSize(request.page_size(), kUsualPage, kMostPerPage));
  LUMBAR_ASSIGN_OR_RETURN(const std::string after, store::DecodePageToken(request.page_token(), query));
  // One more than asked for tells whether there is a next page.
  LUMBAR_ASSIGN_OR_RETURN(std::vector<v1::Article> articles,
                          store_.List({.topic = request.topic(),
                                       .causes = {request.causes().begin(), request.causes().end()},
                                       .after = PositionOf(after),
                                       .limit = page_size + 1}));
  v1::ListArticlesResponse response;
  if (articles.size() > static_cast<size_t>(page_size)) {
    articles.resize(static_cast<size_t>(page_size));
    response.set_next_page_token(store::EncodePageToken(KeyOf(articles.back()), query));
  }
  for (v1::Article& article : articles) *response.add_articles() = std::move(article);
  return response;
}

}  // namespace lumbar::content
