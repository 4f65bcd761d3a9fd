// Sends texts by Twilio's public HTTP API, or by any provider that speaks it.
#pragma once

#include <absl/status/statusor.h>

#include <memory>
#include <string>

#include "services/notification/adapters/http_exchange.h"
#include "services/notification/domain/carrier.h"

namespace lumbar::notification {

struct TwilioOptions {
  // Tells this provider from others in metrics and callbacks: letters, digits and dashes.
  std::string name = "twilio";
  std::string base_url = "https://api.twilio.com";
  // "AC..." and its secret.
  std::string account;
  std::string token;
  // A number in E.164, or a messaging service, "MG...".
  std::string from;
  // Where the provider tells what became of a text, as it reaches the gateway; empty: nowhere.
  std::string status_url;
};

// Thread safe. Neither numbers nor texts reach a log or a status.
class TwilioCarrier final : public Carrier {
 public:
  // INVALID_ARGUMENT/SMS_PROVIDER names the option that can't be.
  static absl::StatusOr<std::unique_ptr<TwilioCarrier>> Create(TwilioOptions options, HttpOptions http = {});

  Handover Send(const Letter& letter) override;

  // Twilio knows no name of ours for a text, so it is the newest texts to that number that are looked through, back to
  // when this one was planned, for one that says the same. Two of the same words to one number within that time count
  // as one.
  Handover Ask(const Letter& letter) override;

 private:
  TwilioCarrier(TwilioOptions options, HttpOptions http);

  absl::StatusOr<HttpAnswer> Exchange(const std::string& path, std::string body,
                                      absl::Duration timeout = absl::InfiniteDuration());

  const TwilioOptions options_;
  HttpExchanger http_;
};

}  // namespace lumbar::notification
