// Saves how claims ended, a few at a time: a transaction for each would cost more than the sending.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <functional>
#include <list>
#include <vector>

#include "common/time/clock.h"
#include "services/notification/domain/delivery_observer.h"
#include "services/notification/domain/message_store.h"

namespace lumbar::notification {

// Tries are saved once there are so many, or the first is so old, between one message and the next. So a crash leaves
// in doubt at most kMostUnsaved, for as long as the message takes that is being sent.
inline constexpr size_t kMostUnsaved = 16;
inline constexpr absl::Duration kLongestUnsaved = absl::Milliseconds(100);

// What the store can't take now is kept and saved later, until the lease ends: nobody else may touch the message
// before, and what was sent by mail would be sent again after. One thread at a time.
class Settlements {
 public:
  // What it stands on must outlive it.
  Settlements(MessageStore& messages, DeliveryObserver& observer, const Clock& clock)
      : messages_(messages), observer_(observer), clock_(clock) {}

  // `claimed` must stay until it is saved or SaveOrKeep was called. What counts as an attempt was tried. `count` is
  // called once it is saved, and never if the claim is lost.
  void Add(const ClaimedMessage& claimed, Settlement settlement,
           std::function<void(DeliveryObserver&)> count = nullptr);
  // Saves if enough has come together, or has waited long enough. False: the store can't.
  bool SaveIfDue();
  bool Save();
  // The same; what it can't save it keeps for the next Save, with its claims.
  bool SaveOrKeep();

 private:
  struct Unsaved {
    Settled settled;
    std::function<void(DeliveryObserver&)> count;
  };
  void Conclude(const Unsaved& one, const absl::Status& status);
  // Forgets those whose lease has ended.
  void GiveUpExpired(const absl::Status& why);

  MessageStore& messages_;
  DeliveryObserver& observer_;
  const Clock& clock_;
  std::vector<Unsaved> unsaved_;
  // Claims of `unsaved_` whose batch is gone.
  std::list<ClaimedMessage> kept_;
  // How many of them were tried: the others can be saved at leisure.
  size_t tried_ = 0;
  absl::Time oldest_try_ = absl::InfiniteFuture();
};

}  // namespace lumbar::notification
