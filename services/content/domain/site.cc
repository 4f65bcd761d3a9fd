#include "services/content/domain/site.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/strip.h>
#include <re2/re2.h>

#include "services/content/errors.h"

namespace lumbar::content {
namespace {

// A page of the sitemap with all its addresses must fit an answer.
constexpr size_t kLongestUrl = 150;

}  // namespace

absl::StatusOr<Site> Site::At(absl::string_view url) {
  // Characters of RFC 3986's paths.
  static const RE2 form("(https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?)((?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)*)/?");
  Site site;
  if (url.empty()) return site;
  std::string path;
  if (url.size() > kLongestUrl || !RE2::FullMatch({url.data(), url.size()}, form, &site.host_, &path)) {
    return ArticlesUrlRefused();
  }
  site.folder_ = absl::StrCat(site.host_, path, "/");
  return site;
}

std::string Site::PageOf(absl::string_view article) const {
  return absl::StrCat(folder_, absl::StripPrefix(article, "articles/"));
}

std::string Site::SitemapPage(int page) const { return absl::StrCat(host_, "/sitemap.xml?page=", page); }

}  // namespace lumbar::content
