// A shared cache in memory, for tests; for tests only.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/cache/shared_cache.h"
#include "common/concurrency/mutex.h"

namespace lumbar::cache {

// As a Redis that answers at once. Can be cut off; `before_put` runs before the next Put. Thread safe.
class MemoryCache final : public SharedCache {
 public:
  // Tells `events` of each new stamp.
  void Follow(SharedEvents events) { followers_.push_back(std::move(events)); }

  void Get(absl::string_view key, absl::AnyInvocable<void(Found)> done) override {
    Found found;
    if (reachable) {
      const MutexLock lock(mutex_);
      found.reached = true;
      if (const auto value = values_.find(std::string(key)); value != values_.end()) found.value = value->second;
      if (const auto stamp = stamps_.find(std::string(key)); stamp != stamps_.end()) found.stamp = stamp->second;
    }
    done(std::move(found));
  }

  void Put(absl::string_view key, absl::string_view stamp, absl::string_view value, absl::Duration ttl,
           absl::AnyInvocable<void(Outcome)> done) override {
    if (before_put) std::exchange(before_put, nullptr)();
    done(TryPut(key, stamp, value, ttl));
  }

  void Stamp(absl::string_view key, absl::string_view stamp, absl::Duration,
             absl::AnyInvocable<void(Outcome)> done) override {
    if (!reachable) return done(Outcome::kUnreached);
    {
      const MutexLock lock(mutex_);
      stamps_[std::string(key)] = std::string(stamp);
      values_.erase(std::string(key));
    }
    for (const auto& follower : followers_) follower.changed(key);
    done(Outcome::kDone);
  }

  void Drop(absl::string_view key) override {
    const MutexLock lock(mutex_);
    values_.erase(std::string(key));
  }

  // As anybody else with the address could.
  void Forge(const std::string& key, std::string value) {
    const MutexLock lock(mutex_);
    values_[key] = std::move(value);
  }
  std::string value(const std::string& key) {
    const MutexLock lock(mutex_);
    return values_[key];
  }

  std::atomic<bool> reachable = true;
  std::function<void()> before_put;
  absl::Duration last_ttl;

 private:
  Outcome TryPut(absl::string_view key, absl::string_view stamp, absl::string_view value, absl::Duration ttl) {
    if (!reachable) return Outcome::kUnreached;
    const MutexLock lock(mutex_);
    if (stamps_[std::string(key)] != stamp) return Outcome::kRefused;
    values_[std::string(key)] = std::string(value);
    last_ttl = ttl;
    return Outcome::kDone;
  }

  std::vector<SharedEvents> followers_;
  Mutex mutex_;
  std::map<std::string, std::string> values_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::string> stamps_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace lumbar::cache
