// Saves how claims ended, a few at a time: a transaction for each would cost more than the sending.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <functional>
#include <vector>

#include "common/time/clock.h"
#include "services/notification/domain/delivery_observer.h"
#include "services/notification/domain/message_store.h"

namespace lumbar::notification {

// What a crash can leave in doubt: so many messages that were tried and not saved as such, or those of so long.
inline constexpr size_t kMostUnsaved = 16;
inline constexpr absl::Duration kLongestUnsaved = absl::Milliseconds(100);

// One thread at a time.
class Settlements {
 public:
  // What it stands on must outlive it.
  Settlements(MessageStore& messages, DeliveryObserver& observer, const Clock& clock)
      : messages_(messages), observer_(observer), clock_(clock) {}

  // `claimed` must stay until it is saved. What counts as an attempt was tried. `count` is called once it is, and never
  // if the claim is lost.
  void Add(const ClaimedMessage& claimed, Settlement settlement,
           std::function<void(DeliveryObserver&)> count = nullptr);
  // Saves if enough has come together, or has waited long enough.
  void SaveIfDue();
  void Save();

 private:
  MessageStore& messages_;
  DeliveryObserver& observer_;
  const Clock& clock_;
  std::vector<Settled> unsaved_;
  std::vector<std::function<void(DeliveryObserver&)>> counts_;
  // How many of them were tried: the others can be saved at leisure.
  size_t tried_ = 0;
  absl::Time oldest_try_ = absl::InfiniteFuture();
};

}  // namespace lumbar::notification
