// The port to where readable articles are, for search engines.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lumbar::content {

struct IndexEntry {
  // Resource name.
  std::string name;
  std::string language;
  // Of the revision that readers get.
  absl::Time publish_time;
  // The same article in every language that readers get it in: language and resource name, itself included, by
  // language.
  std::vector<std::pair<std::string, std::string>> versions = {};
};

// Thread safe. Any call can also fail as the store itself does (common/store/errors.h).
class ArticleIndex {
 public:
  virtual ~ArticleIndex() = default;

  // How many articles readers get.
  virtual absl::StatusOr<int64_t> Count() = 0;
  // By name: at most `limit` after the first `skip`.
  virtual absl::StatusOr<std::vector<IndexEntry>> Page(int64_t skip, int limit) = 0;
};

}  // namespace lumbar::content
