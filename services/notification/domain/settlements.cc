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
  unsaved_.push_back({&claimed, std::move(settlement)});
  counts_.push_back(std::move(count));
}

void Settlements::SaveIfDue() {
  if (tried_ >= kMostUnsaved || (tried_ > 0 && clock_.Now() - oldest_try_ >= kLongestUnsaved)) Save();
}

void Settlements::Save() {
  if (unsaved_.empty()) return;
  const absl::StatusOr<std::vector<absl::Status>> saved = messages_.SettleAll(unsaved_);
  for (size_t i = 0; i < unsaved_.size(); ++i) {
    const absl::Status& status = saved.ok() ? (*saved)[i] : saved.status();
    if (status.ok() && counts_[i]) counts_[i](observer_);
    // If it was for the store, the lease ends by itself.
    if (!status.ok()) {
      Log(LogLevel::kWarning, "message_not_settled",
          {{"message", unsaved_[i].claimed->message.name()}, {"reason", ReasonFor(status)}});
    }
  }
  unsaved_.clear();
  counts_.clear();
  tried_ = 0;
}

}  // namespace lumbar::notification
