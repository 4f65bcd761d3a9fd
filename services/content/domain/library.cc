#include "services/content/domain/library.h"

#include <absl/algorithm/container.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <algorithm>

#include "common/status/macros.h"
#include "common/store/page_token.h"
#include "services/content/domain/words.h"

namespace lumbar::content {
namespace {

constexpr int kUsualPage = 50, kMostPerPage = 200;
constexpr int kUsualSuggestions = 3, kMostSuggestions = 20;
// Nobody reads so far; each page costs as much as all before it.
constexpr int kMostSkipped = 10'000;

// Every field that decides which articles the list has, however the causes are ordered.
std::string QueryOf(const v1::ListArticlesRequest& request) {
  std::vector<std::string> causes(request.causes().begin(), request.causes().end());
  std::sort(causes.begin(), causes.end());
  return absl::StrCat(request.topic(), "\n", request.language_code(), "\n", absl::StrJoin(causes, "\n"));
}

// Titles have one line; a token that decodes came from here.
std::string KeyOf(const v1::Article& article) { return absl::StrCat(article.title(), "\n", article.name()); }

std::optional<ArticlePosition> PositionOf(const std::string& key) {
  if (key.empty()) return std::nullopt;
  const std::pair<std::string, std::string> parts = absl::StrSplit(key, absl::MaxSplits('\n', 1));
  return ArticlePosition{parts.first, parts.second};
}

// How many of the best articles the last pages showed. A token that decodes came from here.
int SkippedOf(const std::string& key) {
  int skipped = 0;
  return absl::SimpleAtoi(key, &skipped) ? skipped : 0;
}

// What the causes that `article` explains weigh together; the likeliest are named first. Where none is, the most
// general article weighs most.
size_t WeightOf(const v1::Article& article, const v1::SuggestArticlesRequest& request) {
  if (request.causes().empty()) return static_cast<size_t>(article.causes_size());
  size_t weight = 0;
  for (int i = 0; i < request.causes_size(); ++i) {
    if (!absl::c_linear_search(article.causes(), request.causes(i))) continue;
    weight += static_cast<size_t>(request.causes_size() - i);
  }
  return weight;
}

}  // namespace

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
                                       .limit = page_size + 1,
                                       .language = request.language_code()}));
  v1::ListArticlesResponse response;
  if (articles.size() > static_cast<size_t>(page_size)) {
    articles.resize(static_cast<size_t>(page_size));
    response.set_next_page_token(store::EncodePageToken(KeyOf(articles.back()), query));
  }
  for (v1::Article& article : articles) *response.add_articles() = std::move(article);
  return response;
}

// Counts what was shown: the rank of an article is no number that a token could name.
absl::StatusOr<v1::SearchArticlesResponse> Library::SearchArticles(const rpc::CallContext&,
                                                                   const v1::SearchArticlesRequest& request) {
  const std::string query = absl::StrCat(request.language_code(), "\n", request.query());
  LUMBAR_ASSIGN_OR_RETURN(const int page_size, store::PageSize(request.page_size(), kUsualPage, kMostPerPage));
  LUMBAR_ASSIGN_OR_RETURN(const std::string key, store::DecodePageToken(request.page_token(), query));
  const auto words = QueryTerms(request.query());
  const int skip = SkippedOf(key);
  v1::SearchArticlesResponse response;
  if (words.empty() || skip > kMostSkipped) return response;
  LUMBAR_ASSIGN_OR_RETURN(std::vector<Found> found,
                          search_.Search({words, request.language_code(), skip, page_size + 1}));
  if (found.size() > static_cast<size_t>(page_size)) {
    found.resize(static_cast<size_t>(page_size));
    response.set_next_page_token(store::EncodePageToken(absl::StrCat(skip + page_size), query));
  }
  for (Found& one : found) {
    response.add_snippets_html(Snippet(one.text, one.article.language_code(), words));
    *response.add_articles() = std::move(one.article);
  }
  return response;
}

absl::StatusOr<v1::SuggestArticlesResponse> Library::SuggestArticles(const rpc::CallContext&,
                                                                     const v1::SuggestArticlesRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const int page_size,
                          store::PageSize(request.page_size(), kUsualSuggestions, kMostSuggestions));
  const std::string language = request.language_code().empty() ? "en" : request.language_code();
  LUMBAR_ASSIGN_OR_RETURN(
      std::vector<v1::Article> articles,
      store_.List(
          {.causes = {request.causes().begin(), request.causes().end()}, .limit = kMostPerPage, .language = language}));
  absl::c_stable_sort(articles, [&](const v1::Article& a, const v1::Article& b) {
    return WeightOf(a, request) > WeightOf(b, request);
  });
  if (articles.size() > static_cast<size_t>(page_size)) articles.resize(static_cast<size_t>(page_size));
  v1::SuggestArticlesResponse response;
  for (v1::Article& article : articles) *response.add_articles() = std::move(article);
  return response;
}

}  // namespace lumbar::content
