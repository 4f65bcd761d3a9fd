// Where authors and reviewers work.
#pragma once

#include <absl/status/statusor.h>

#include "common/rpc/call_context.h"
#include "lumbar/content/v1/editorial_service.pb.h"
#include "services/content/domain/article_store.h"
#include "services/content/domain/editorial_store.h"

namespace lumbar::content {

// The handlers of EditorialService; what each refuses is in its contract. Who did what is the caller's verified
// identity. Thread safe.
class Desk {
 public:
  // `drafts` keeps the process, `shelf` is told of what readers get from then on; both must outlive it.
  Desk(EditorialStore& drafts, ArticleStore& shelf) : drafts_(drafts), shelf_(shelf) {}

  absl::StatusOr<v1::CreateArticleResponse> CreateArticle(const rpc::CallContext& context,
                                                          const v1::CreateArticleRequest& request);
  absl::StatusOr<v1::UpdateDraftResponse> UpdateDraft(const rpc::CallContext& context,
                                                      const v1::UpdateDraftRequest& request);
  absl::StatusOr<v1::SubmitForReviewResponse> SubmitForReview(const rpc::CallContext& context,
                                                              const v1::SubmitForReviewRequest& request);
  absl::StatusOr<v1::RecordReviewResponse> RecordReview(const rpc::CallContext& context,
                                                        const v1::RecordReviewRequest& request);
  absl::StatusOr<v1::PublishArticleResponse> PublishArticle(const rpc::CallContext& context,
                                                            const v1::PublishArticleRequest& request);
  absl::StatusOr<v1::RetractArticleResponse> RetractArticle(const rpc::CallContext& context,
                                                            const v1::RetractArticleRequest& request);
  absl::StatusOr<v1::FlagArticlesResponse> FlagArticles(const rpc::CallContext& context,
                                                        const v1::FlagArticlesRequest& request);

  absl::StatusOr<v1::ListRevisionsResponse> ListRevisions(const rpc::CallContext& context,
                                                          const v1::ListRevisionsRequest& request);
  absl::StatusOr<v1::GetDraftResponse> GetDraft(const rpc::CallContext& context, const v1::GetDraftRequest& request);
  absl::StatusOr<v1::ListDraftsResponse> ListDrafts(const rpc::CallContext& context,
                                                    const v1::ListDraftsRequest& request);
  absl::StatusOr<v1::ListStepsResponse> ListSteps(const rpc::CallContext& context, const v1::ListStepsRequest& request);

 private:
  EditorialStore& drafts_;
  ArticleStore& shelf_;
};

// What authors and reviewers see of a text: as readers would, with the draft's state, etag and revision. Without the
// text if that isn't known, or was taken when more was allowed: whatever is done with such an article has been done.
v1::Article Preview(const v1::Draft& draft);

// Tells `shelf` that what readers get of `name` is what `changed` says, or, of a failure, that nobody can tell. As
// ArticleStore::Announce.
absl::Time AnnounceChange(ArticleStore& shelf, absl::string_view name, const absl::StatusOr<v1::Draft>& changed);

}  // namespace lumbar::content
