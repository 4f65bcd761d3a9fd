#include "common/auth/followed_keys.h"

#include <algorithm>
#include <utility>

#include "common/auth/errors.h"
#include "common/auth/key_file.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/telemetry/log.h"

namespace lumbar::auth {

FollowedKeys::FollowedKeys(std::unique_ptr<KeySource> source, const Clock& clock, FollowOptions options)
    : source_(std::move(source)), clock_(clock), options_(options) {}

absl::StatusOr<std::unique_ptr<FollowedKeys>> FollowedKeys::OfFile(const std::string& path, const Clock& clock,
                                                                   FollowOptions options) {
  auto keys = std::make_unique<FollowedKeys>(std::make_unique<KeyFile>(path), clock, options);
  LUMBAR_RETURN_IF_ERROR(keys->Look());
  return keys;
}

std::shared_ptr<const KeySet> FollowedKeys::Current() const {
  const MutexLock lock(mutex_);
  return keys_;
}

bool FollowedKeys::IsTime(absl::Time now) const {
  const absl::Duration wait = missed_.load() ? std::min(wait_, options_.least_interval) : wait_;
  // A clock that was set back counts as due, else it would stop the rotation of keys for as long.
  return absl::AbsDuration(now - looked_at_) >= wait;
}

absl::Status FollowedKeys::Look() {
  const absl::Time now = clock_.Now();
  if (!IsTime(now)) return absl::OkStatus();
  looked_at_ = now;
  missed_.store(false);
  auto answer = source_->Read();
  if (!answer.ok()) return Fail(answer.status());
  std::shared_ptr<const KeySet> keys = Current();
  if (keys->size() == 0 || answer->text != text_) {
    auto fresh = KeySet::Parse(answer->text);
    if (!fresh.ok()) return Fail(fresh.status());
    keys = std::make_shared<const KeySet>(*std::move(fresh));
    text_ = std::move(answer->text);
    if (Ready().ok()) Log(LogLevel::kInfo, "keys_changed", {{"source", name()}, {"keys", keys->size()}});
  }
  wait_ = std::max(std::min(answer->good_for, options_.interval), options_.least_interval);
  reported_.clear();
  Take(std::move(keys), now);
  return absl::OkStatus();
}

void FollowedKeys::Take(std::shared_ptr<const KeySet> keys, absl::Time now) {
  const MutexLock lock(mutex_);
  keys_ = std::move(keys);
  confirmed_ = now;
  first_.NotifyAll();
}

absl::Status FollowedKeys::Fail(absl::Status why) {
  failures_.fetch_add(1);
  // Without any keys nobody is served: then it is tried at every look.
  wait_ = Ready().ok() ? options_.least_interval : absl::ZeroDuration();
  if (std::string(why.message()) != reported_) {
    reported_ = std::string(why.message());
    Log(LogLevel::kWarning, "keys_not_read",
        {{"source", name()}, {"reason", ReasonOf(why)}, {"message", why.message()}});
  }
  return why;
}

absl::Status FollowedKeys::Ready() const {
  const MutexLock lock(mutex_);
  return keys_->size() == 0 ? KeysMissing() : absl::OkStatus();
}

absl::Status FollowedKeys::AwaitFirst(absl::Duration timeout) {
  const SteadyClock clock;
  const absl::Time end = clock.Now() + timeout;
  const MutexLock lock(mutex_);
  while (keys_->size() == 0) {
    const absl::Duration left = end - clock.Now();
    if (left <= absl::ZeroDuration()) return KeysMissing();
    first_.WaitFor(mutex_, left);
  }
  return absl::OkStatus();
}

absl::Duration FollowedKeys::Age() const {
  const MutexLock lock(mutex_);
  if (confirmed_ == absl::InfinitePast()) return absl::ZeroDuration();
  return std::max(clock_.Now() - confirmed_, absl::ZeroDuration());
}

}  // namespace lumbar::auth
