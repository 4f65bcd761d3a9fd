// Tells a system of the clinic's own of messages, by signed requests.
#pragma once

#include <absl/status/statusor.h>

#include <memory>
#include <string>

#include "common/time/clock.h"
#include "services/notification/adapters/http_exchange.h"
#include "services/notification/domain/carrier.h"
#include "services/notification/domain/standard_webhook.h"

namespace lumbar::notification {

struct WebhookOptions {
  // https://host[:port][/path]
  std::string url;
  // Whether the URL may be http, and its host in a private network: a clinic's own system often is.
  bool allow_private = false;
};

// POSTs a letter's text as JSON, with the headers of Standard Webhooks. `webhook-id` is the letter's, so that a
// receiver knows a repeat. Every answer but a 2xx is tried again, and 410 is not. Thread safe.
class WebhookCarrier final : public Carrier {
 public:
  // `clock` must outlive it. INVALID_ARGUMENT/WEBHOOK_URL.
  static absl::StatusOr<std::unique_ptr<WebhookCarrier>> Create(WebhookOptions options, WebhookKeys keys,
                                                                const Clock& clock);

  Handover Send(const Letter& letter) override;
  // Nobody can tell: the receiver knows a repeat by its id.
  Handover Ask(const Letter& letter) override;
  bool CanAsk() const override { return false; }

 private:
  WebhookCarrier(WebhookOptions options, WebhookKeys keys, const Clock& clock);

  const WebhookOptions options_;
  const WebhookKeys keys_;
  const Clock& clock_;
  HttpExchanger http_;
};

}  // namespace lumbar::notification
