// The port to where articles are kept.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lumbar/content/v1/article.pb.h"

namespace lumbar::content {

// Where an article stands in a list.
struct ArticlePosition {
  std::string title;
  std::string name;
};

struct ArticleQuery {
  // Only this topic; empty: all.
  std::string topic = {};
  // Only articles that explain one of these; empty: all.
  std::vector<std::string> causes = {};
  // Only what comes after it.
  std::optional<ArticlePosition> after = {};
  // Most to return.
  int limit = 0;
};

struct Publication {
  // The revision that readers get from now on.
  int64_t revision = 0;
  // False if they got this very article before.
  bool changed = false;
};

// Thread safe. Any call can also fail as the store itself does (common/store/errors.h).
class ArticleStore {
 public:
  virtual ~ArticleStore() = default;

  // The published revision of `name`. A store with a cache may give an older one, for no longer than it promises.
  // NOT_FOUND/ARTICLE_NOT_FOUND.
  virtual absl::StatusOr<v1::Article> Get(absl::string_view name) = 0;

  // Published articles by title, byte by byte, and among equal titles by name; without their bodies.
  virtual absl::StatusOr<std::vector<v1::Article>> List(const ArticleQuery& query) = 0;

  // Makes `article`, told apart by its etag, what readers get, under a revision of one more than its last; the first is
  // 1. Atomic, and durable once it returns. Every revision is kept for ever. If readers get it already, nothing
  // happens.
  virtual absl::StatusOr<Publication> Publish(const v1::Article& article) = 0;
};

}  // namespace lumbar::content
