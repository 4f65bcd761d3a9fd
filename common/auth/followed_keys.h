// The keys of a source that may change, so that they are rotated without a restart.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <atomic>
#include <memory>
#include <string>

#include "common/auth/jwks.h"
#include "common/auth/key_source.h"
#include "common/concurrency/mutex.h"
#include "common/time/clock.h"

namespace lumbar::auth {

struct FollowOptions {
  // How long a set is kept before its source is read again; the source may ask for less.
  absl::Duration interval = absl::Seconds(10);
  // No two reads come closer than this once there is a set, whatever failed, is asked for or is missed.
  absl::Duration least_interval = absl::Seconds(10);
};

// Whoever verifies takes what is there and waits for no file and no network: somebody else calls Look, once a second
// for instance. All but Look are thread safe.
class FollowedKeys {
 public:
  // Nothing is read yet. `clock` outlives it.
  FollowedKeys(std::unique_ptr<KeySource> source, const Clock& clock, FollowOptions options = {});
  // Those of the file at `path`, read once. Fails as KeyFile::Read and KeySet::Parse do.
  static absl::StatusOr<std::unique_ptr<FollowedKeys>> OfFile(const std::string& path, const Clock& clock,
                                                              FollowOptions options = {});

  // The last good set, never null; without keys before the first. While what is read is the same, so is the set. A key
  // that is no longer in the source is not in the set from the next good read on.
  std::shared_ptr<const KeySet> Current() const;
  // Somebody has a token of a key that isn't in the set: the source is read again as soon as it may be.
  void Missed() { missed_.store(true, std::memory_order_relaxed); }

  // Reads the source if it is time, by one thread at a time. A source that can't be read, or whose set is refused,
  // leaves the last good one as it is; the first of several failures of a kind is logged.
  // As KeySource::Read and KeySet::Parse fail; OK if it wasn't time.
  absl::Status Look();

  // UNAVAILABLE/KEYS_MISSING before the first good set.
  absl::Status Ready() const;
  // Returns Ready() as soon as it is OK, and after `timeout` at the latest; another thread looks meanwhile.
  absl::Status AwaitFirst(absl::Duration timeout);
  // For how long the source hasn't confirmed the set; zero before the first.
  absl::Duration Age() const;
  // How many reads failed.
  int64_t failures() const { return failures_.load(); }
  const std::string& name() const { return source_->name(); }

 private:
  bool IsTime(absl::Time now) const;
  void Take(std::shared_ptr<const KeySet> keys, absl::Time now);
  absl::Status Fail(absl::Status why);

  const std::unique_ptr<KeySource> source_;
  const Clock& clock_;
  const FollowOptions options_;
  std::atomic<bool> missed_ = false;
  std::atomic<int64_t> failures_ = 0;
  // Of whoever looks alone.
  absl::Time looked_at_ = absl::InfinitePast();
  absl::Duration wait_ = absl::ZeroDuration();
  std::string text_;
  std::string reported_;

  mutable Mutex mutex_;
  CondVar first_;
  std::shared_ptr<const KeySet> keys_ ABSL_GUARDED_BY(mutex_) = std::make_shared<const KeySet>();
  absl::Time confirmed_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace lumbar::auth
