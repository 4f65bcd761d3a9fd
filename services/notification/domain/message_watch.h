// Follows the changes of messages.
#pragma once

#include <absl/status/statusor.h>

#include <memory>

#include "common/rpc/call_context.h"
#include "common/rpc/stream.h"
#include "common/time/clock.h"
#include "lumbar/notification/v1/delivery.pb.h"
#include "services/notification/domain/message_store.h"

namespace lumbar::notification {

// The handler of NotificationService's stream; what it refuses is in its contract. Thread safe.
class MessageWatch {
 public:
  // Both must outlive it and its streams.
  MessageWatch(MessageStore& messages, const Clock& clock) : messages_(messages), clock_(clock) {}

  absl::StatusOr<std::unique_ptr<rpc::StreamSource>> WatchMessages(const rpc::CallContext& context,
                                                                   const v1::WatchMessagesRequest& request);

 private:
  MessageStore& messages_;
  const Clock& clock_;
};

}  // namespace lumbar::notification
