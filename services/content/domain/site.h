// Where readers see the articles, for whatever must name addresses.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <string>

namespace lumbar::content {

class Site {
 public:
  // No address is known.
  Site() = default;
  // `url` is what comes before the last part of an article's name: with "https://clinic.example/articles",
  // articles/sciatica is shown at https://clinic.example/articles/sciatica. Empty: no address is known.
  // INVALID_ARGUMENT/ARTICLES_URL_REFUSED: not such a URL, without query, or longer than 150 bytes.
  static absl::StatusOr<Site> At(absl::string_view url);

  bool is_known() const { return !folder_.empty(); }
  // Of "articles/<id>".
  std::string PageOf(absl::string_view article) const;
  // Of a page of the sitemap, which is served at the root of the same host.
  std::string SitemapPage(int page) const;

 private:
  // "https://clinic.example" and "https://clinic.example/articles/".
  std::string host_, folder_;
};

}  // namespace lumbar::content
