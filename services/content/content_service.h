// Who calls us: the methods of content's contracts, each with the function that answers it.
#pragma once

#include "common/rpc/method_table.h"
#include "lumbar/content/v1/content_service.pb.h"
#include "lumbar/content/v1/editorial_service.pb.h"
#include "services/content/domain/desk.h"
#include "services/content/domain/library.h"
#include "services/content/domain/signpost.h"

namespace lumbar::content {

inline const google::protobuf::ServiceDescriptor& ContentContract() {
  return *v1::GetArticleRequest::descriptor()->file()->FindServiceByName("ContentService");
}
inline const google::protobuf::ServiceDescriptor& EditorialContract() {
  return *v1::CreateArticleRequest::descriptor()->file()->FindServiceByName("EditorialService");
}

inline rpc::MethodTable ContentMethods(Library& library, Signpost& signpost) {
  return rpc::ServiceMethods(ContentContract(), library, signpost)
      .AddReady<v1::GetArticleResponse>("GetArticle", &Library::GetArticle)
      .AddReady<v1::GetJsonLdResponse>("GetJsonLd", &Signpost::GetJsonLd)
      .Add("GetSitemap", &Signpost::GetSitemap)
      .Add("ListArticles", &Library::ListArticles)
      .Add("SearchArticles", &Library::SearchArticles)
      .Add("SuggestArticles", &Library::SuggestArticles);
}

inline rpc::MethodTable EditorialMethods(Desk& desk) {
  return rpc::ServiceMethods(EditorialContract(), desk)
      .Add("CreateArticle", &Desk::CreateArticle)
      .Add("UpdateDraft", &Desk::UpdateDraft)
      .Add("SubmitForReview", &Desk::SubmitForReview)
      .Add("RecordReview", &Desk::RecordReview)
      .Add("PublishArticle", &Desk::PublishArticle)
      .Add("RetractArticle", &Desk::RetractArticle)
      .Add("FlagArticles", &Desk::FlagArticles)
      .Add("ListRevisions", &Desk::ListRevisions)
      .Add("GetDraft", &Desk::GetDraft)
      .Add("ListDrafts", &Desk::ListDrafts)
      .Add("ListSteps", &Desk::ListSteps);
}

}  // namespace lumbar::content
