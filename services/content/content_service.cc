#include "services/content/content_service.h"

namespace lumbar::content {

grpc::ServerUnaryReactor* ContentService::GetArticle(grpc::CallbackServerContext* context,
                                                     const v1::GetArticleRequest* request,
                                                     v1::GetArticleResponse* response) {
  return Serve(context, request, response, &Library::GetArticle);
}

grpc::ServerUnaryReactor* ContentService::ListArticles(grpc::CallbackServerContext* context,
                                                       const v1::ListArticlesRequest* request,
                                                       v1::ListArticlesResponse* response) {
  return Serve(context, request, response, &Library::ListArticles);
}

}  // namespace lumbar::content
