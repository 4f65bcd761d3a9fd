// Which carriers there are, by the service's flags.
#pragma once

#include <absl/status/statusor.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/time/clock.h"
#include "services/notification/adapters/smtp_mailer.h"
#include "services/notification/adapters/twilio_carrier.h"
#include "services/notification/domain/carrier.h"

namespace lumbar::notification {

struct CarrierFlags {
  // The preferred first, with commas.
  std::string smtp = "smtp://127.0.0.1:25";
  std::string smtp_user;
  std::string smtp_password_file;
  // "offered" or "required".
  std::string smtp_tls = "offered";
  std::string smtp_ca_file;
  int smtp_rate = 0;
  // "name=twilio,account=AC...,token-file=/run/secrets/twilio,from=+15005550006[,url=https://...][,rate=10]", the
  // preferred first, with semicolons.
  std::string sms_providers;
  std::string webhook_url;
  std::string webhook_secret_file;
  // "public" or "private".
  std::string webhook_network = "public";
  // https://host[/path] as providers reach the gateway, without a slash at the end; empty: they tell nothing.
  std::string public_url;
};

// A provider's settings, and how many texts a second it takes; 0: as many as it does.
struct TwilioSettings {
  TwilioOptions options;
  double per_second = 0;
};
// In their order. INVALID_ARGUMENT/SMS_PROVIDER names what is wrong; no two have one name, or the one's callbacks would
// be checked by the other's token. INVALID_ARGUMENT/SECRET_FILE: a token can't be read. INVALID_ARGUMENT/PUBLIC_URL.
absl::StatusOr<std::vector<TwilioSettings>> ParseSmsProviders(const CarrierFlags& flags);

// By provider: what it signs its callbacks with. Fails as ParseSmsProviders.
absl::StatusOr<std::map<std::string, std::string>> SmsTokens(const CarrierFlags& flags);

// A file's text, less white space around it. INVALID_ARGUMENT/SECRET_FILE: it can't be read, or is empty.
absl::StatusOr<std::string> ReadSecret(const std::string& path, const char* flag);

// One carrier for each channel that has flags. INVALID_ARGUMENT/CARRIER_FLAG names a flag that is none of its words.
// Fails as ParseSmsProviders, SmtpMailer, TwilioCarrier and WebhookCarrier do.
using OwnedCarriers = std::map<v1::Channel, std::unique_ptr<Carrier>>;
absl::StatusOr<OwnedCarriers> MakeCarriers(const CarrierFlags& flags, const std::string& practice,
                                           const std::string& from, const Clock& clock);
Carriers Lend(const OwnedCarriers& carriers);

}  // namespace lumbar::notification
