#include "services/notification/domain/settlements.h"

#include <utility>

#include "common/status/errors.h"
#include "common/telemetry/log.h"
#include "services/notification/domain/reasons.h"

namespace lumbar::notification {

void Settlements::Add(const ClaimedMessage& claimed, Settlement settlement,
                      std::function<void(DeliveryObserver&)> count) {
  if (unsaved_.empty()) oldest_ = clock_.Now();
  unsaved_.push_back({&claimed, std::move(settlement)});
  counts_.push_back(std::move(count));
}

void Settlements::SaveIfDue() {
  if (unsaved_.size() >= kMostUnsaved || (!unsaved_.empty() && clock_.Now() - oldest_ >= kLongestUnsaved)) Save();
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
}

}  // namespace lumbar::notification
