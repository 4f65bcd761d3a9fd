// Tells the staff of what can't wait.
#pragma once

#include <absl/status/statusor.h>

#include <functional>
#include <utility>

#include "common/rpc/call_context.h"
#include "lumbar/notification/v1/alert_service.pb.h"
#include "services/notification/domain/message_store.h"

namespace lumbar::notification {

// The handlers of AlertService; what each refuses is in its contract. Thread safe.
class AlertDesk {
 public:
  // `somebody`: whether anybody is named who can be told. `on_alert` is called once a letter is queued, and returns at
  // once. `messages` must outlive it.
  AlertDesk(MessageStore& messages, bool somebody, std::function<void()> on_alert)
      : messages_(messages), somebody_(somebody), on_alert_(std::move(on_alert)) {}

  absl::StatusOr<v1::RaiseAlertResponse> RaiseAlert(const rpc::CallContext& context,
                                                    const v1::RaiseAlertRequest& request);

 private:
  MessageStore& messages_;
  const bool somebody_;
  const std::function<void()> on_alert_;
};

}  // namespace lumbar::notification
