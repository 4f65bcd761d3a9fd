#include "common/cache/layered_cache.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <future>
#include <optional>
#include <utility>

#include "common/cache/envelope.h"
#include "common/cache/kept.h"
#include "common/status/errors.h"

namespace lumbar::cache {
namespace {

// Begins the stamp of a key that is being changed: what is read now may be the old or the new, so nobody keeps it.
constexpr absl::string_view kUnsettled = "!";

// How often in a row a change is told before it is told later: a connection may have died since it was last used.
constexpr int kTries = 3;

absl::Status Overloaded() {
  return WithReason(absl::ResourceExhaustedError("too many wait for the same; try again in a moment"), "OVERLOADED");
}

bool IsUnsettled(absl::string_view stamp) { return absl::StartsWith(stamp, kUnsettled); }

}  // namespace

LayeredCache::LayeredCache(LayerOptions options, Executor& executor, const Clock& wall, const Clock& steady)
    : options_(std::move(options)), executor_(executor), wall_(wall), steady_(steady), near_(options_.near_bytes) {}

SharedEvents LayeredCache::Events() {
  return {[this](absl::string_view key) { Forget(key); }, [this] { ForgetAll(); },
          [this](absl::Time time) { heard_.store(absl::ToUnixNanos(time)); }, [this] { TellAgain(); }};
}

void LayeredCache::Get(absl::string_view key, Done done) {
  auto hit = near_.Find(key, steady_.Now(), absl::FromUnixNanos(heard_.load()));
  if (!hit) return Join(std::string(key), std::move(done));
  ++counters_.near;
  if (hit->refresh) Join(std::string(key), nullptr);
  hit->bytes == nullptr ? done(options_.absent) : done(std::move(hit->bytes));
}

void LayeredCache::Join(const std::string& key, Done done) {
  FlightPtr begun;
  {
    const MutexLock lock(mutex_);
    FlightPtr& flight = flights_[key];
    if (flight == nullptr) {
      flight = begun = std::make_shared<Flight>(Flight{key, near_.Begin(key), steady_.Now(), done == nullptr});
    }
    if (done != nullptr && waiting_ < options_.most_waiting) {
      ++waiting_;
      flight->waiting.push_back(std::exchange(done, nullptr));
      if (begun == nullptr) ++counters_.joined;
    }
  }
  if (begun != nullptr) Look(begun);
  if (done != nullptr) done(Overloaded());
}

void LayeredCache::Look(const FlightPtr& flight) {
  if (shared_ == nullptr || IsUntold(flight->key)) return ReadOrigin(flight, {});
  shared_->Get(flight->key, [this, flight](const Found& found) { OnFound(flight, found); });
}

void LayeredCache::OnFound(const FlightPtr& flight, const Found& found) {
  if (!found.value || !TakeFound(flight, found)) ReadOrigin(flight, found);
}

bool LayeredCache::TakeFound(const FlightPtr& flight, const Found& found) {
  const auto packed = Decode(options_.schema, flight->key, *found.value);
  const auto kept = packed ? Kept::Unpack(*packed) : std::nullopt;
  if (!kept) {
    ++counters_.refused;
    shared_->Drop(flight->key);
    return false;
  }
  const absl::Duration age = wall_.Now() - kept->read_time;
  const absl::Duration bound = kept->bytes == nullptr ? options_.absence_bound : options_.bound;
  // To replace a stale one it has to be a good deal younger.
  const absl::Duration most = flight->refresh ? bound / 2 : bound;
  if (kept->stamp != found.stamp || IsUnsettled(found.stamp) || age >= most || age < -absl::Seconds(1)) return false;
  ++counters_.shared;
  KeepNear(*flight, *kept, bound - std::max(age, absl::ZeroDuration()));
  Land(flight, kept->bytes == nullptr ? Answer(options_.absent) : Answer(kept->bytes));
  return true;
}

void LayeredCache::ReadOrigin(const FlightPtr& flight, const Found& found) {
  const bool begun = executor_.TrySubmit([this, flight, found] {
    ++counters_.origin;
    const absl::Time read_time = wall_.Now();
    absl::StatusOr<std::string> read = options_.read(flight->key);
    Answer answer = read.ok() ? Answer(std::make_shared<const std::string>(*std::move(read))) : Answer(read.status());
    if (answer.ok() || absl::IsNotFound(answer.status())) {
      Keep(flight, found, {read_time, found.stamp, answer.ok() ? *answer : nullptr});
    }
    Land(flight, answer);
  });
  if (!begun) Land(flight, Overloaded());
}

void LayeredCache::Keep(const FlightPtr& flight, const Found& found, const Kept& kept) {
  // What was dropped meanwhile may have been flushed out of the shared cache, its stamp too.
  if (IsUnsettled(found.stamp) || !near_.IsCurrent(flight->key, flight->ticket)) return;
  const absl::Duration bound = kept.bytes == nullptr ? options_.absence_bound : options_.bound;
  // Below the bound, so that a replica whose clock is a second behind doesn't refuse it.
  const absl::Duration left = bound * Random(0.8, 0.95) - (wall_.Now() - kept.read_time);
  // Whoever couldn't ask can't know whether it is being changed.
  KeepNear(*flight, kept, found.reached ? left : std::min(left, NearCache::kAlone));
  if (!found.reached) return;
  auto on_put = [this, key = flight->key](Outcome outcome) {
    if (outcome == Outcome::kRefused) Forget(key);
  };
  shared_->Put(flight->key, kept.stamp, Encode(options_.schema, flight->key, kept.Pack()), left, std::move(on_put));
}

void LayeredCache::KeepNear(const Flight& flight, const Kept& kept, absl::Duration left) {
  const absl::Time now = steady_.Now();
  near_.Put(flight.key, flight.ticket, {kept.bytes, now + left * Random(0.5, 0.8), now + left, flight.began});
}

void LayeredCache::Land(const FlightPtr& flight, const Answer& answer) {
  std::vector<Done> waiting;
  {
    const MutexLock lock(mutex_);
    waiting.swap(flight->waiting);
    waiting_ -= waiting.size();
    const auto current = flights_.find(flight->key);
    if (current != flights_.end() && current->second == flight) flights_.erase(current);
  }
  for (Done& done : waiting) done(answer);
}

void LayeredCache::Forget(absl::string_view key) {
  {
    const MutexLock lock(mutex_);
    flights_.erase(key);
  }
  near_.Drop(key);
}

void LayeredCache::ForgetAll() {
  {
    const MutexLock lock(mutex_);
    flights_.clear();
  }
  near_.Clear();
}

void LayeredCache::Changing(absl::string_view key) {
  Forget(key);
  // Longer than a change takes; after that the bound holds.
  if (shared_ != nullptr) GiveStamp(std::string(key), NewStamp(kUnsettled), options_.bound);
}

absl::Duration LayeredCache::Changed(absl::string_view key) {
  const std::string name(key);
  Outcome outcome = Outcome::kUnreached;
  for (int i = 0; i < kTries && shared_ != nullptr && outcome != Outcome::kDone; ++i) {
    outcome = GiveStamp(name, NewStamp(""), 2 * options_.bound);
  }
  const bool told = outcome == Outcome::kDone;
  {
    const MutexLock lock(mutex_);
    if (told || shared_ == nullptr) {
      untold_.erase(name);
    } else {
      untold_[name] = steady_.Now() + options_.bound;
    }
  }
  Forget(key);
  return told || shared_ == nullptr ? NearCache::kAlone : options_.bound;
}

Outcome LayeredCache::GiveStamp(const std::string& key, absl::string_view stamp, absl::Duration ttl) {
  auto given = std::make_shared<std::promise<Outcome>>();
  shared_->Stamp(key, stamp, ttl, [given](Outcome outcome) { given->set_value(outcome); });
  return given->get_future().get();
}

bool LayeredCache::IsUntold(const std::string& key) {
  const MutexLock lock(mutex_);
  return untold_.contains(key);
}

void LayeredCache::TellAgain() {
  std::vector<std::string> keys;
  {
    const MutexLock lock(mutex_);
    const absl::Time now = steady_.Now();
    absl::erase_if(untold_, [&](const auto& entry) { return now >= entry.second; });
    for (const auto& [key, until] : untold_) keys.push_back(key);
  }
  for (const std::string& key : keys) {
    shared_->Stamp(key, NewStamp(""), 2 * options_.bound, [this, key](Outcome outcome) {
      if (outcome != Outcome::kDone) return;
      const MutexLock lock(mutex_);
      untold_.erase(key);
    });
  }
}

double LayeredCache::Random(double low, double high) {
  const MutexLock lock(mutex_);
  return absl::Uniform(random_, low, high);
}

std::string LayeredCache::NewStamp(absl::string_view mark) {
  const MutexLock lock(mutex_);
  return absl::StrCat(mark, absl::Hex(absl::Uniform<uint64_t>(random_), absl::kZeroPad16),
                      absl::Hex(absl::Uniform<uint64_t>(random_), absl::kZeroPad16));
}

}  // namespace lumbar::cache
