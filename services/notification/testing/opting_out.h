// Numbers that wrote STOP, or START again.
#pragma once

#include <absl/status/status.h>

#include <string>

#include "common/store/resource_name.h"
#include "services/notification/domain/conversation_store.h"

namespace lumbar::notification {

// Keeps it as TextDesk does.
inline absl::Status SetOptedOut(ConversationStore& conversations, const std::string& number, bool opted_out) {
  const auto decide = [&](const NumberStanding&) -> absl::StatusOr<Taken> {
    Taken taken;
    taken.outcome.opted_out = opted_out;
    return taken;
  };
  return conversations.Receive({"twilio", "ReceiveText", store::NewUuid(), "hash"}, number, decide).status();
}

}  // namespace lumbar::notification
