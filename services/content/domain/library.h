// Where everybody reads.
#pragma once

#include <absl/status/statusor.h>

#include <utility>

#include "common/rpc/call_context.h"
#include "lumbar/content/v1/content_service.pb.h"
#include "services/content/domain/article_answers.h"
#include "services/content/domain/article_search.h"
#include "services/content/domain/article_store.h"

namespace lumbar::content {

// The handlers of ContentService; what each refuses is in its contract. Thread safe.
class Library {
 public:
  // All must outlive it.
  Library(ArticleStore& store, ArticleAnswers& answers, ArticleSearch& search)
      : store_(store), answers_(answers), search_(search) {}

  void GetArticle(const v1::GetArticleRequest& request, rpc::GiveAnswer give) {
    answers_.Find(request.name(), std::move(give));
  }
  absl::StatusOr<v1::ListArticlesResponse> ListArticles(const rpc::CallContext& context,
                                                        const v1::ListArticlesRequest& request);
  absl::StatusOr<v1::SearchArticlesResponse> SearchArticles(const rpc::CallContext& context,
                                                            const v1::SearchArticlesRequest& request);
  absl::StatusOr<v1::SuggestArticlesResponse> SuggestArticles(const rpc::CallContext& context,
                                                              const v1::SuggestArticlesRequest& request);

 private:
  ArticleStore& store_;
  ArticleAnswers& answers_;
  ArticleSearch& search_;
};

}  // namespace lumbar::content
