// What has changed in lists of the last minute, read once for all who follow them.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/functional/function_ref.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/concurrency/mutex.h"
#include "common/time/clock.h"
#include "services/gateway/consult/domain/list_changes.h"

namespace lumbar::gateway {

// Keeps the youngest changes of the log, and the consults that they are of, in memory: at most `most`. Whoever asks
// for older ones, or while the memory isn't fresh, is answered from the log. Thread safe.
class ListFeed {
 public:
  static constexpr size_t kMostKept = 4000;
  static constexpr int kLookedAtOnce = 5000;

  // Both must outlive it.
  ListFeed(ListChangeLog& log, const Clock& clock, size_t most = kMostKept) : log_(log), clock_(clock), most_(most) {}

  // Reads what is new; once a second while somebody follows. Fails as the log; what was read before stays.
  absl::Status Refresh();
  // Whether Refresh read all that there was, not long ago.
  bool IsFresh();

  struct Found {
    std::vector<ListChange> changes;
    // What was looked at last, if that was enough for once: there may be more after it.
    std::optional<ListChange> paused_at;
  };
  // As ListChangeLog::Changes, only those that are `wanted`. Of a past that isn't in memory it looks at kLookedAtOnce,
  // and at no fewer than are younger than rpc::kChangesSettle.
  absl::StatusOr<Found> Changes(const ListChange& after, int limit, absl::FunctionRef<bool(const ListChange&)> wanted);
  // The consult as it was read with this change or later. NOT_FOUND/CONSULT_NOT_FOUND.
  absl::StatusOr<std::shared_ptr<const Case>> Find(const ListChange& change);

 private:
  using Kept = std::map<ListChange, std::shared_ptr<const Case>>;
  using Consults = std::map<std::string, std::shared_ptr<const Case>>;

  struct Reading {
    std::vector<ListChange> changes;
    // Up to the youngest; else there were too many.
    bool whole = false;
  };

  // Where the next reading begins; what is kept is forgotten if there would be a gap.
  absl::Time Begin(absl::Time now);
  // Reads on from there what isn't kept yet, with its consults.
  absl::StatusOr<Reading> ReadNew(absl::Time from);
  absl::StatusOr<Consults> ReadConsults(const std::vector<ListChange>& changes);
  void Keep(const Reading& reading, const Consults& consults, absl::Time now);
  bool Covers(absl::Time from) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool IsFreshLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  ListChangeLog& log_;
  const Clock& clock_;
  const size_t most_;
  Mutex mutex_;
  Kept kept_ ABSL_GUARDED_BY(mutex_);
  // All changes of after that time are kept that could be read at `read_at_`.
  absl::Time covered_from_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  absl::Time read_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace lumbar::gateway
