// A limit to waiting for a server that is still there but says nothing: stopped, swapping, or on a disk that hangs. The
// kernel acknowledges for it, so that no limit of TCP's ends the wait, and libpq itself has none.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/container/flat_hash_map.h>
#include <absl/time/time.h>

#include <chrono>

#include "common/concurrency/mutex.h"
#include "common/concurrency/periodic.h"

namespace lumbar::store {

// Thread safe.
class SocketWatch {
 public:
  SocketWatch();
  ~SocketWatch();
  SocketWatch(const SocketWatch&) = delete;
  SocketWatch& operator=(const SocketWatch&) = delete;

  // Cuts `socket` when `limit` passes before Disarm: whoever waits on it then sees a closed connection. Replaces what
  // was armed for `owner`, which is only a name. The caller may close `socket` at any time.
  void Arm(const void* owner, int socket, absl::Duration limit);
  // Harmless if nothing is armed.
  void Disarm(const void* owner);

 private:
  struct Armed {
    // A descriptor of our own for the same connection, so that it never names another one that got the same number.
    int socket;
    std::chrono::steady_clock::time_point end;
  };
  void CutOverdue();

  Mutex mutex_;
  absl::flat_hash_map<const void*, Armed> armed_ ABSL_GUARDED_BY(mutex_);
  // Last, so that it starts when the rest is there.
  PeriodicTask task_;
};

}  // namespace lumbar::store
