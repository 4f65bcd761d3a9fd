// Answers in layers that wrap one another: this process's memory, the cache that replicas share, the origin.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/container/flat_hash_map.h>
#include <absl/functional/any_invocable.h>
#include <absl/random/random.h>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/cache/near_cache.h"
#include "common/cache/shared_cache.h"
#include "common/concurrency/executor.h"
#include "common/concurrency/mutex.h"
#include "common/time/clock.h"

namespace lumbar::cache {

struct Kept;

struct LayerOptions {
  size_t near_bytes = 64 << 20;
  // Of the values' form in the shared cache: raise it whenever that changes.
  uint32_t schema = 0;
  // Nothing is given out that was read from the origin longer ago.
  absl::Duration bound = absl::Seconds(30);
  // The same of what isn't there.
  absl::Duration absence_bound = absl::Seconds(5);
  // Who may wait for one key to be read, over all keys; more are refused.
  size_t most_waiting = 8192;
  // Reads the truth; may wait. NOT_FOUND is kept like an answer.
  std::function<absl::StatusOr<std::string>(absl::string_view key)> read;
  // How to say so.
  absl::Status absent;
};

struct LayerCounters {
  std::atomic<uint64_t> near = 0;     // given out of memory
  std::atomic<uint64_t> joined = 0;   // waited for what another asked
  std::atomic<uint64_t> shared = 0;   // came from the shared cache
  std::atomic<uint64_t> origin = 0;   // reads of the origin
  std::atomic<uint64_t> refused = 0;  // values of the shared cache that were refused and deleted
};

// How old an answer can be:
// - Never older than `bound`, counted from the reading of the origin (and what the clocks of replicas differ).
// - Once a change was told (Changed), nobody finds the old answer in the shared cache, and no reading that began before
//   can bring it back: its stamp isn't the key's any more. Replicas that follow the shared cache drop the old answer
//   when they hear of it; one that hears nothing gives out what it has for NearCache::kAlone and no longer.
// - If the shared cache couldn't be told, this object goes on trying until the bound has passed, and doesn't ask it for
//   the key meanwhile.
// - A change that is announced (Changing) and never told, because the process died, can't leave an old answer either:
//   nobody keeps an answer between the two.
// The shared cache in any state makes no call fail.
//
// One reading of the origin at a time for each key, for all who ask. An answer gets stale some time before its end,
// spread at random: who asks then gets it at once, and a new one is fetched. Thread safe.
class LayeredCache {
 public:
  using Answer = absl::StatusOr<Bytes>;
  using Done = absl::AnyInvocable<void(Answer)>;

  // `wall` is what replicas share; `steady` goes on evenly. All must outlive it, and `executor` its last callback.
  LayeredCache(LayerOptions options, Executor& executor, const Clock& wall, const Clock& steady);

  // What the shared cache is to tell. Give the cache itself by Share before the first call, or never.
  SharedEvents Events();
  void Share(SharedCache& shared) { shared_ = &shared; }

  // Never waits: calls `done` before it returns, or later from another thread. Fails as `read` does, and with
  // RESOURCE_EXHAUSTED/OVERLOADED when too many wait.
  void Get(absl::string_view key, Done done);

  // Around a change of the origin; each waits for the shared cache, if only for its time-out.
  void Changing(absl::string_view key);
  // Returns when no replica can give out what was there before, counted from now: at once if there is only this one.
  absl::Duration Changed(absl::string_view key);

  const LayerCounters& counters() const { return counters_; }
  const NearCache& near() const { return near_; }

 private:
  // Somebody reads a key, and others wait for it.
  struct Flight {
    std::string key;
    NearCache::Ticket ticket;
    absl::Time began = {};
    bool refresh = false;
    std::vector<Done> waiting = {};
  };
  using FlightPtr = std::shared_ptr<Flight>;

  void Join(const std::string& key, Done done);
  void Look(const FlightPtr& flight);
  void OnFound(const FlightPtr& flight, const Found& found);
  bool TakeFound(const FlightPtr& flight, const Found& found);
  void ReadOrigin(const FlightPtr& flight, const Found& found);
  void Keep(const FlightPtr& flight, const Found& found, const Kept& kept);
  void KeepNear(const Flight& flight, const Kept& kept, absl::Duration left);
  void Land(const FlightPtr& flight, const Answer& answer);
  // Drops what is near, and lets nobody join a reading that may have begun before.
  void Forget(absl::string_view key);
  void ForgetAll();

  Outcome GiveStamp(const std::string& key, absl::string_view stamp, absl::Duration ttl);
  bool IsUntold(const std::string& key);
  void TellAgain();
  double Random(double low, double high);
  std::string NewStamp(absl::string_view mark);

  const LayerOptions options_;
  Executor& executor_;
  const Clock& wall_;
  const Clock& steady_;
  SharedCache* shared_ = nullptr;
  NearCache near_;
  LayerCounters counters_;
  // In nanoseconds since 1970 by `steady`; 0: nothing yet.
  std::atomic<int64_t> heard_ = 0;
  Mutex mutex_;
  absl::flat_hash_map<std::string, FlightPtr> flights_ ABSL_GUARDED_BY(mutex_);
  size_t waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  // Changes that the shared cache hasn't been told, and until when that matters.
  absl::flat_hash_map<std::string, absl::Time> untold_ ABSL_GUARDED_BY(mutex_);
  absl::BitGen random_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace lumbar::cache
