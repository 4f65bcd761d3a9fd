// What was given up, for a person to look through and to try again.
#pragma once

#include <absl/status/statusor.h>

#include <functional>
#include <utility>

#include "common/rpc/call_context.h"
#include "lumbar/notification/v1/delivery.pb.h"
#include "services/notification/domain/delivery_observer.h"
#include "services/notification/domain/message_store.h"

namespace lumbar::notification {

// Handlers of NotificationService. Thread safe.
class DeadLetters {
 public:
  // `on_replay` is called after each replay that queued something, and returns at once. All must outlive it.
  DeadLetters(MessageStore& messages, DeliveryObserver& observer, std::function<void()> on_replay)
      : messages_(messages), observer_(observer), on_replay_(std::move(on_replay)) {}

  // INVALID_ARGUMENT/INVALID_PAGE_TOKEN.
  absl::StatusOr<v1::ListDeadLettersResponse> ListDeadLetters(const rpc::CallContext& context,
                                                              const v1::ListDeadLettersRequest& request);
  // NOT_FOUND/MESSAGE_NOT_FOUND, FAILED_PRECONDITION/MESSAGE_NOT_DEAD.
  absl::StatusOr<v1::ReplayDeadLetterResponse> ReplayDeadLetter(const rpc::CallContext& context,
                                                                const v1::ReplayDeadLetterRequest& request);
  absl::StatusOr<v1::ReplayDeadLettersResponse> ReplayDeadLetters(const rpc::CallContext& context,
                                                                  const v1::ReplayDeadLettersRequest& request);

 private:
  MessageStore& messages_;
  DeliveryObserver& observer_;
  const std::function<void()> on_replay_;
};

}  // namespace lumbar::notification
