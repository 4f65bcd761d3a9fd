// Where everybody reads.
#pragma once

#include <absl/status/statusor.h>

#include "common/rpc/call_context.h"
#include "lumbar/content/v1/content_service.pb.h"
#include "services/content/domain/article_store.h"

namespace lumbar::content {

// The handlers of ContentService; what each refuses is in its contract. Thread safe.
class Library {
 public:
  // `store` must outlive it.
  explicit Library(ArticleStore& store) : store_(store) {}

  absl::StatusOr<v1::GetArticleResponse> GetArticle(const rpc::CallContext& context,
                                                    const v1::GetArticleRequest& request);
  absl::StatusOr<v1::ListArticlesResponse> ListArticles(const rpc::CallContext& context,
                                                        const v1::ListArticlesRequest& request);

 private:
  ArticleStore& store_;
};

}  // namespace lumbar::content
