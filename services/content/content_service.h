// The wire methods of ContentService.
#pragma once

#include "common/rpc/endpoint.h"
#include "lumbar/content/v1/content_service.grpc.pb.h"
#include "services/content/domain/library.h"

namespace lumbar::content {

class ContentService final : public rpc::Endpoint<v1::ContentService::CallbackService, Library> {
 public:
  using Endpoint::Endpoint;

  grpc::ServerUnaryReactor* GetArticle(grpc::CallbackServerContext* context, const v1::GetArticleRequest* request,
                                       v1::GetArticleResponse* response) override;
  grpc::ServerUnaryReactor* ListArticles(grpc::CallbackServerContext* context, const v1::ListArticlesRequest* request,
                                         v1::ListArticlesResponse* response) override;
};

}  // namespace lumbar::content
