// The port to what readers get.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

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
  // Only this language; empty: all.
  std::string language = {};
};

// What readers get of one article is something else now.
struct ShelfChange {
  std::string name;
  // Every revision of a lower number is outdated; of a retraction, one more than the last there was. 0: not known,
  // because nobody can tell whether the change was committed: whatever is cached may be outdated.
  int64_t revision = 0;
  // Readers get nothing of that name any more, and never will again.
  bool retracted = false;
};

// Thread safe. Any call can also fail as the store itself does (common/store/errors.h). What is on the shelf is the
// editorial process's to change (editorial_store.h), in the same database; it then announces the change here.
class ArticleStore {
 public:
  virtual ~ArticleStore() = default;

  // The published revision of `name`; readers get it by ArticleAnswers. NOT_FOUND/ARTICLE_NOT_FOUND: there is none, or
  // it was retracted.
  virtual absl::StatusOr<v1::Article> Get(absl::string_view name) = 0;

  // Published articles by title, byte by byte, and among equal titles by name; without their bodies.
  virtual absl::StatusOr<std::vector<v1::Article>> List(const ArticleQuery& query) = 0;

  // This process is about to change what readers get of `name`; Announce follows, whatever becomes of it. Until then no
  // replica keeps a copy, so that none has an outdated one if this process dies between its commit and Announce.
  virtual void Prepare(absl::string_view /*name*/) {}

  // `change` was committed by this process, or may have been. A store with a cache forgets what is outdated, its own
  // copy before anything else, so that this object never gives it again, and tells other replicas. Returns when none of
  // them gives what is outdated any more: the past if that is sure already. Fails never: what can't be confirmed ends
  // by the bound that the store promises. A store without a cache has nothing to forget.
  virtual absl::Time Announce(const ShelfChange& /*change*/) { return absl::InfinitePast(); }
};

}  // namespace lumbar::content
