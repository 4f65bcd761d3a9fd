// What providers tell: what became of a message, and what patients text. Believed only if the provider signed it.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <map>
#include <string>
#include <utility>

#include "common/rpc/call_context.h"
#include "lumbar/notification/v1/delivery.pb.h"
#include "services/notification/domain/delivery_observer.h"
#include "services/notification/domain/form.h"
#include "services/notification/domain/inbound_texts.h"
#include "services/notification/domain/message_store.h"

namespace lumbar::notification {

// A handler of NotificationService, for providers that speak Twilio's form. Thread safe.
class Callbacks {
 public:
  struct Ports {
    MessageStore& messages;
    InboundTexts& texts;
    DeliveryObserver& observer;
    // By provider: what it signs with.
    std::map<std::string, std::string> tokens;
    // https://host, as providers call the gateway.
    std::string public_url;
  };

  // What it stands on must outlive it.
  explicit Callbacks(Ports ports) : ports_(std::move(ports)) {}

  // UNAUTHENTICATED/CALLBACK_NOT_SIGNED, INVALID_ARGUMENT/CALLBACK_MALFORMED. Of a text as InboundTexts.
  absl::StatusOr<v1::ReceiveCallbackResponse> ReceiveCallback(const rpc::CallContext& context,
                                                              const v1::ReceiveCallbackRequest& request);

 private:
  absl::StatusOr<v1::ReceiveCallbackResponse> TakeStatus(const v1::ReceiveCallbackRequest& request, const Form& form);
  absl::StatusOr<v1::ReceiveCallbackResponse> TakeText(const v1::ReceiveCallbackRequest& request, const Form& form);

  const Ports ports_;
};

}  // namespace lumbar::notification
