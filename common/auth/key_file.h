// A key set that follows its file, so that keys are rotated without a restart.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>
#include <sys/types.h>

#include <memory>
#include <string>

#include "common/auth/jwks.h"
#include "common/concurrency/mutex.h"
#include "common/time/clock.h"

namespace lumbar::auth {

// Thread safe.
class KeyFile {
 public:
  // Reads the JWKS at `path`. `clock` must outlive the result. The file is looked at once per `interval` at most,
  // whatever the callers do.
  // NOT_FOUND/KEY_FILE_UNREADABLE: there is no such file to read. INVALID_ARGUMENT/KEY_SET_REFUSED: see KeySet::Parse.
  static absl::StatusOr<std::unique_ptr<KeyFile>> Open(std::string path, const Clock& clock,
                                                       absl::Duration interval = absl::Seconds(10));

  // The last good set, never null. Reads the file again if it changed; a file that is gone or refused leaves the set as
  // it is, is logged, and is tried again after `interval`.
  std::shared_ptr<const KeySet> Current();

 private:
  // What tells one version of a file from another.
  struct Stamp {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    int64_t modified_nanos = 0;
    bool operator==(const Stamp&) const = default;
  };
  struct Version {
    Stamp stamp;
    std::shared_ptr<const KeySet> keys;
  };

  KeyFile(std::string path, const Clock& clock, absl::Duration interval, Version first);
  static absl::StatusOr<Stamp> StampOf(const std::string& path);
  static absl::StatusOr<Version> Load(const std::string& path);
  // Whether the caller is the one to look at the file now.
  bool Claim();
  void Refresh();
  Version Read();

  const std::string path_;
  const Clock& clock_;
  const absl::Duration interval_;
  Mutex mutex_;
  Version version_ ABSL_GUARDED_BY(mutex_);
  absl::Time looked_at_ ABSL_GUARDED_BY(mutex_);
  bool looking_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace lumbar::auth
