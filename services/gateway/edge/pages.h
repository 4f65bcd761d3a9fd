// The gateway's own files: what it tells browsers and programs about itself.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "services/gateway/edge/http.h"

namespace lumbar::gateway {

class RouteTable;

struct Page {
  // "/docs/docs.css"; logs and metrics show it too.
  std::string path;
  std::string content_type;
  std::string content;
  // What a browser may load for it, a Content-Security-Policy; empty: nothing, as with every other answer.
  std::string policy;
  // By the page at "/".
  bool is_listed = false;
};

// Makes the pages that tell of these routes. A failure keeps the edge from starting.
using MakePages = std::function<absl::StatusOr<std::vector<Page>>(const RouteTable& routes)>;

// A page as it is served.
class ServedPage : public std::enable_shared_from_this<ServedPage> {
 public:
  explicit ServedPage(Page page);

  const std::string& path() const { return page_.path; }
  size_t size() const { return page_.content.size(); }

  // Without what every answer carries, and of a large page without the body. A 304 if `if_none_match`, the request's
  // header, names what the client has already.
  HttpAnswer Answer(absl::string_view if_none_match) const;
  // Its body comes in pieces, so that a slow client costs one.
  bool is_large() const;
  std::shared_ptr<BodySource> Body() const;

 private:
  const Page page_;
  const std::string etag_;
};

// Filled at start, then only read, by any thread.
class Pages {
 public:
  // Of two with one path the first counts.
  explicit Pages(std::vector<Page> pages);

  // Null if there is none. What it gives outlives the pages.
  std::shared_ptr<const ServedPage> Find(absl::string_view path) const;

 private:
  absl::flat_hash_map<std::string, std::shared_ptr<const ServedPage>> by_path_;
};

}  // namespace lumbar::gateway
