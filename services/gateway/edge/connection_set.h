// The open connections: bounded in number, told when to end, waited for.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "common/concurrency/mutex.h"

namespace lumbar::gateway {

class ConnectionSet;

class Connection {
 public:
  virtual ~Connection() = default;
  // Finishes the exchange that runs, then closes; closes at once if none does. Thread safe.
  virtual void Drain() = 0;
  // Closes the socket at once. Thread safe.
  virtual void Close() = 0;
};

// Thread safe. Outlives its connections.
class ConnectionSet {
 public:
  // What `Make` returned counts as open until the last pointer to it is gone.
  template <typename T, typename... Arguments>
  std::shared_ptr<T> Make(Arguments&&... arguments);

  size_t size() const;
  void DrainAll();
  void CloseAll();
  // False if connections are open still after `timeout`.
  bool WaitUntilEmpty(absl::Duration timeout);

 private:
  std::vector<std::shared_ptr<Connection>> Snapshot();
  void Remove(uint64_t id);

  mutable Mutex mutex_;
  CondVar removed_;
  uint64_t last_id_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<uint64_t, std::weak_ptr<Connection>> open_ ABSL_GUARDED_BY(mutex_);
  // What was told to all holds for those that come later, too.
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
};

template <typename T, typename... Arguments>
std::shared_ptr<T> ConnectionSet::Make(Arguments&&... arguments) {
  uint64_t id = 0;
  {
    MutexLock lock(mutex_);
    id = ++last_id_;
    open_[id];
  }
  // Deleted before it is removed: an empty set means that no destructor runs any more.
  std::shared_ptr<T> made(new T(std::forward<Arguments>(arguments)...), [this, id](T* gone) {
    delete gone;
    Remove(id);
  });
  bool drain = false;
  bool close = false;
  {
    MutexLock lock(mutex_);
    open_[id] = made;
    drain = draining_;
    close = closing_;
  }
  if (drain) made->Drain();
  if (close) made->Close();
  return made;
}

}  // namespace lumbar::gateway
