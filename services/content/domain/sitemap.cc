#include "services/content/domain/sitemap.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>

namespace lumbar::content {
namespace {

constexpr char kDeclaration[] = R"(<?xml version="1.0" encoding="UTF-8"?>)";

// For elements and attributes alike.
std::string Escaped(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&apos;"}});
}

void AppendUrl(const Site& site, const IndexEntry& article, std::string& xml) {
  absl::StrAppend(&xml, "<url><loc>", Escaped(site.PageOf(article.name)), "</loc><lastmod>",
                  absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", article.publish_time, absl::UTCTimeZone()), "</lastmod>");
  for (const auto& [language, name] : article.versions) {
    if (article.versions.size() < 2) break;
    absl::StrAppend(&xml, "<xhtml:link rel=\"alternate\" hreflang=\"", Escaped(language), "\" href=\"",
                    Escaped(site.PageOf(name)), "\"/>");
  }
  absl::StrAppend(&xml, "</url>\n");
}

}  // namespace

std::string UrlSet(const Site& site, const std::vector<IndexEntry>& articles) {
  std::string xml = absl::StrCat(kDeclaration, "\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" ",
                                 "xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n");
  for (const IndexEntry& article : articles) AppendUrl(site, article, xml);
  absl::StrAppend(&xml, "</urlset>\n");
  return xml;
}

std::string SitemapIndex(const Site& site, int pages) {
  std::string xml =
      absl::StrCat(kDeclaration, "\n<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
  for (int page = 1; page <= pages; ++page) {
    absl::StrAppend(&xml, "<sitemap><loc>", Escaped(site.SitemapPage(page)), "</loc></sitemap>\n");
  }
  absl::StrAppend(&xml, "</sitemapindex>\n");
  return xml;
}

}  // namespace lumbar::content
