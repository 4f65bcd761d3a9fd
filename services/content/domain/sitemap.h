// Sitemaps as sitemaps.org defines them, with hreflang as search engines read it.
#pragma once

#include <string>
#include <vector>

#include "services/content/domain/article_index.h"
#include "services/content/domain/site.h"

namespace lumbar::content {

// So many articles are within the 1 MB that an answer may have; sitemaps.org allows 50,000 and 50 MB. The index of so
// many pages is, too.
inline constexpr int kArticlesPerSitemap = 500, kMostSitemaps = 5000;

// The articles of one page.
std::string UrlSet(const Site& site, const std::vector<IndexEntry>& articles);
// Where the pages 1 to `pages` are.
std::string SitemapIndex(const Site& site, int pages);

}  // namespace lumbar::content
