#include "services/content/domain/signpost.h"

#include <algorithm>
#include <memory>
#include <string>

#include "common/status/macros.h"
#include "services/content/domain/sitemap.h"
#include "services/content/domain/structured_data.h"
#include "services/content/errors.h"

namespace lumbar::content {
namespace {

absl::StatusOr<rpc::ReadyAnswer> JsonLdOf(const absl::StatusOr<rpc::ReadyAnswer>& found, const Site& site) {
  LUMBAR_RETURN_IF_ERROR(found.status());
  v1::GetArticleResponse answer;
  if (!answer.ParseFromString(**found)) return ArticleUnreadable();
  v1::GetJsonLdResponse response;
  response.mutable_document()->set_content_type("application/ld+json");
  response.mutable_document()->set_data(StructuredData(answer.article(), site));
  return std::make_shared<const std::string>(response.SerializeAsString());
}

v1::GetSitemapResponse Xml(std::string document) {
  v1::GetSitemapResponse response;
  response.mutable_document()->set_content_type("application/xml; charset=utf-8");
  response.mutable_document()->set_data(std::move(document));
  return response;
}

}  // namespace

void Signpost::GetJsonLd(const v1::GetJsonLdRequest& request, rpc::GiveAnswer give) {
  answers_.Find(request.name(), [this, give = std::move(give)](const absl::StatusOr<rpc::ReadyAnswer>& found) mutable {
    give(JsonLdOf(found, site_));
  });
}

absl::StatusOr<v1::GetSitemapResponse> Signpost::GetSitemap(const rpc::CallContext&,
                                                            const v1::GetSitemapRequest& request) {
  if (!site_.is_known()) return SitemapNotConfigured();
  LUMBAR_ASSIGN_OR_RETURN(const int64_t articles, index_.Count());
  const int64_t needed = (articles + kArticlesPerSitemap - 1) / kArticlesPerSitemap;
  const int pages = static_cast<int>(std::clamp<int64_t>(needed, 1, kMostSitemaps));
  if (request.page() > pages) return SitemapPageNotFound();
  if (request.page() == 0 && pages > 1) return Xml(SitemapIndex(site_, pages));
  const int64_t skip = int64_t{kArticlesPerSitemap} * (std::max(request.page(), 1) - 1);
  LUMBAR_ASSIGN_OR_RETURN(const std::vector<IndexEntry> entries, index_.Page(skip, kArticlesPerSitemap));
  return Xml(UrlSet(site_, entries));
}

}  // namespace lumbar::content
