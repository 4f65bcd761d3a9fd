#include "services/notification/domain/settlements.h"

#include <utility>

#include "common/status/errors.h"
#include "common/telemetry/log.h"
#include "services/notification/domain/reasons.h"

namespace lumbar::notification {

void Settlements::Add(const ClaimedMessage& claimed, Settlement settlement,
                      std::function<void(DeliveryObserver&)> count) {
  if (settlement.attempts == claimed.message.attempts()) {
    if (tried_ == 0) oldest_try_ = clock_.Now();
    ++tried_;
  }
  unsaved_.push_back({{&claimed, std::move(settlement)}, std::move(count)});
}

bool Settlements::SaveIfDue() {
  const bool due = tried_ >= kMostUnsaved || (tried_ > 0 && clock_.Now() - oldest_try_ >= kLongestUnsaved);
  return !due || Save();
}

bool Settlements::Save() {
  if (unsaved_.empty()) return true;
  std::vector<Settled> ended;
  for (const Unsaved& one : unsaved_) ended.push_back(one.settled);
  const absl::StatusOr<std::vector<absl::Status>> saved = messages_.SettleAll(ended);
  if (!saved.ok()) {
    GiveUpExpired(saved.status());
    return unsaved_.empty();
  }
  for (size_t i = 0; i < unsaved_.size(); ++i) Conclude(unsaved_[i], (*saved)[i]);
  unsaved_.clear();
  kept_.clear();
  tried_ = 0;
  return true;
}

bool Settlements::SaveOrKeep() {
  if (Save()) return true;
  for (Unsaved& one : unsaved_) one.settled.claimed = &kept_.emplace_back(*one.settled.claimed);
  return false;
}

void Settlements::Conclude(const Unsaved& one, const absl::Status& status) {
  if (status.ok() && one.count) one.count(observer_);
  if (!status.ok()) {
    Log(LogLevel::kWarning, "message_not_settled",
        {{"message", one.settled.claimed->message.name()}, {"reason", ReasonFor(status)}});
  }
}

void Settlements::GiveUpExpired(const absl::Status& why) {
  Log(LogLevel::kWarning, "settlements_put_off", {{"reason", ReasonFor(why)}});
  const absl::Time now = clock_.Now();
  std::erase_if(unsaved_, [&](const Unsaved& one) {
    const bool expired = one.settled.claimed->lease_end <= now;
    if (expired) Conclude(one, why);
    return expired;
  });
  if (!unsaved_.empty()) return;
  kept_.clear();
  tried_ = 0;
}

}  // namespace lumbar::notification
