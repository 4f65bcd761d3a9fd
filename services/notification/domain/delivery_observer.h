// The port to whoever counts what becomes of messages.
#pragma once

#include <absl/strings/string_view.h>

#include <cstdint>

#include "lumbar/notification/v1/message.pb.h"

namespace lumbar::notification {

// Thread safe; returns at once.
class DeliveryObserver {
 public:
  virtual ~DeliveryObserver() = default;

  virtual void Sent(v1::MessageKind kind) = 0;
  virtual void Dropped(absl::string_view reason, int64_t count) = 0;
  virtual void Dead(absl::string_view reason) = 0;
  // A try that didn't succeed and is repeated.
  virtual void Retried(absl::string_view reason) = 0;
  // A provider said that a message has come so far.
  virtual void Told(v1::MessageState state) = 0;
  // A try that may have reached the patient without being recorded: the only source of duplicates.
  virtual void Unknown() = 0;
};

}  // namespace lumbar::notification
