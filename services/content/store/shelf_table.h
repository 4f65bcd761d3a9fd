// What readers get, within a transaction that the caller opened.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>
#include <soci/soci.h>

#include <cstdint>
#include <optional>

#include "lumbar/content/v1/article.pb.h"

namespace lumbar::content {

struct Publication {
  // The revision that readers get from now on.
  int64_t revision = 0;
  // False if they got this very article before.
  bool changed = false;
};

// Makes `article`, told apart by its etag, what readers get, under a revision of one more than its last; the first is
// 1. Every revision is kept for ever. If readers get it already, nothing happens. Asks nobody whether it may be
// published: that is the editorial process's to know.
// ABORTED/STORE_CONFLICT: somebody else did so for the first time meanwhile; the transaction runs again.
absl::StatusOr<Publication> PutOnShelf(soci::session& session, const v1::Article& article, absl::Time now);

// Readers get nothing of that name any more; its revisions stay. Returns the last revision there was, 0 if none.
int64_t TakeOffShelf(soci::session& session, absl::string_view name);

// What readers get; nothing if there is nothing.
absl::StatusOr<std::optional<v1::Article>> OnShelf(soci::session& session, absl::string_view name);

}  // namespace lumbar::content
