// Where search engines ask.
#pragma once

#include <absl/status/statusor.h>

#include <utility>

#include "common/rpc/call_context.h"
#include "lumbar/content/v1/content_service.pb.h"
#include "services/content/domain/article_answers.h"
#include "services/content/domain/article_index.h"
#include "services/content/domain/site.h"

namespace lumbar::content {

// The handlers of ContentService that search engines and the pages made for them need; what each refuses is in its
// contract. Thread safe.
class Signpost {
 public:
  // All must outlive it.
  Signpost(ArticleAnswers& answers, ArticleIndex& index, Site site)
      : answers_(answers), index_(index), site_(std::move(site)) {}

  // Made from the very answer that GetArticle gives, so that it is never of another revision, nor of a retracted one.
  void GetJsonLd(const v1::GetJsonLdRequest& request, rpc::GiveAnswer give);
  // Made from the database at each call.
  absl::StatusOr<v1::GetSitemapResponse> GetSitemap(const rpc::CallContext& context,
                                                    const v1::GetSitemapRequest& request);

 private:
  ArticleAnswers& answers_;
  ArticleIndex& index_;
  const Site site_;
};

}  // namespace lumbar::content
