#include "services/notification/adapters/carrier_flags.h"

#include <absl/strings/ascii.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>
#include <re2/re2.h>

#include <cmath>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "common/file/read_file.h"
#include "common/status/macros.h"
#include "services/notification/adapters/carrier_group.h"
#include "services/notification/adapters/webhook_carrier.h"
#include "services/notification/errors.h"

namespace lumbar::notification {
namespace {

constexpr size_t kMostSecretBytes = 1 << 16;

// Which of its two words a flag has.
absl::StatusOr<bool> IsSecond(absl::string_view value, absl::string_view first, absl::string_view second,
                              absl::string_view flag) {
  if (value != first && value != second) return CarrierFlag(flag, first, second);
  return value == second;
}

absl::StatusOr<std::unique_ptr<Carrier>> MakeMailers(const CarrierFlags& flags, const std::string& practice,
                                                     const std::string& from, const Clock& clock) {
  LUMBAR_ASSIGN_OR_RETURN(const bool requires_tls, IsSecond(flags.smtp_tls, "offered", "required", "--smtp-tls"));
  SmtpOptions options{"", practice, from, requires_tls, flags.smtp_user, "", flags.smtp_ca_file};
  if (!flags.smtp_user.empty()) {
    LUMBAR_ASSIGN_OR_RETURN(options.password, ReadSecret(flags.smtp_password_file, "--smtp-password-file"));
  }
  std::vector<Provider> providers;
  for (const absl::string_view url : absl::StrSplit(flags.smtp, ',')) {
    options.url = std::string(url);
    LUMBAR_ASSIGN_OR_RETURN(std::unique_ptr<Carrier> mailer, SmtpMailer::Create(options, clock));
    providers.push_back({std::move(mailer), static_cast<double>(flags.smtp_rate)});
  }
  return std::make_unique<CarrierGroup>(std::move(providers), clock);
}

absl::StatusOr<std::unique_ptr<Carrier>> MakeTextCarriers(std::vector<TwilioSettings> wanted, const Clock& clock) {
  std::vector<Provider> providers;
  for (TwilioSettings& settings : wanted) {
    LUMBAR_ASSIGN_OR_RETURN(std::unique_ptr<Carrier> carrier, TwilioCarrier::Create(std::move(settings.options)));
    providers.push_back({std::move(carrier), settings.per_second});
  }
  return std::make_unique<CarrierGroup>(std::move(providers), clock);
}

absl::StatusOr<std::unique_ptr<Carrier>> MakeWebhook(const CarrierFlags& flags, const Clock& clock) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string secrets, ReadSecret(flags.webhook_secret_file, "--webhook-secret-file"));
  LUMBAR_ASSIGN_OR_RETURN(WebhookKeys keys, WebhookKeys::Parse(secrets));
  LUMBAR_ASSIGN_OR_RETURN(const bool is_private,
                          IsSecond(flags.webhook_network, "public", "private", "--webhook-network"));
  LUMBAR_ASSIGN_OR_RETURN(std::unique_ptr<Carrier> carrier,
                          WebhookCarrier::Create({flags.webhook_url, is_private}, std::move(keys), clock));
  std::vector<Provider> providers;
  providers.push_back({std::move(carrier), 0});
  return std::make_unique<CarrierGroup>(std::move(providers), clock);
}

bool IsRate(double per_second) { return std::isfinite(per_second) && per_second >= 0; }

absl::StatusOr<TwilioSettings> ParseSmsProvider(absl::string_view text, const std::string& public_url) {
  TwilioSettings settings;
  std::string token_file, rate = "0";
  const std::map<absl::string_view, std::string*> known = {
      {"name", &settings.options.name}, {"url", &settings.options.base_url}, {"account", &settings.options.account},
      {"token-file", &token_file},      {"from", &settings.options.from},    {"rate", &rate}};
  for (const absl::string_view setting : absl::StrSplit(text, ',')) {
    const std::pair<absl::string_view, std::string> parts = absl::StrSplit(setting, absl::MaxSplits('=', 1));
    const auto found = known.find(parts.first);
    if (found == known.end()) return SmsProvider("setting of that name");
    *found->second = parts.second;
  }
  LUMBAR_ASSIGN_OR_RETURN(settings.options.token, ReadSecret(token_file, "token-file"));
  if (!absl::SimpleAtod(rate, &settings.per_second) || !IsRate(settings.per_second)) return SmsProvider("rate");
  if (!public_url.empty()) {
    settings.options.status_url = absl::StrCat(public_url, "/v1/providers/", settings.options.name, ":status");
  }
  return settings;
}

// A path is for who has the gateway behind one. A slash at the end would be one too many in what providers sign.
bool IsPublicUrl(const std::string& url) { return RE2::FullMatch(url, R"(https?://[^\s/?#@]+(/[^\s/?#]+)*)"); }

}  // namespace

absl::StatusOr<std::vector<TwilioSettings>> ParseSmsProviders(const CarrierFlags& flags) {
  if (!flags.public_url.empty() && !IsPublicUrl(flags.public_url)) return PublicUrl();
  std::vector<TwilioSettings> providers;
  std::set<std::string> names;
  for (const absl::string_view text : absl::StrSplit(flags.sms_providers, ';', absl::SkipEmpty())) {
    LUMBAR_ASSIGN_OR_RETURN(TwilioSettings settings, ParseSmsProvider(text, flags.public_url));
    if (!names.insert(settings.options.name).second) return SmsProviderTwice(settings.options.name);
    providers.push_back(std::move(settings));
  }
  if (providers.empty() && !flags.sms_providers.empty()) return SmsProvider("setting");
  return providers;
}

absl::StatusOr<std::map<std::string, std::string>> SmsTokens(const CarrierFlags& flags) {
  LUMBAR_ASSIGN_OR_RETURN(std::vector<TwilioSettings> providers, ParseSmsProviders(flags));
  std::map<std::string, std::string> tokens;
  for (TwilioSettings& settings : providers) tokens[settings.options.name] = std::move(settings.options.token);
  return tokens;
}

absl::StatusOr<std::string> ReadSecret(const std::string& path, const char* flag) {
  const std::optional<std::string> text = ReadWholeFile(path, kMostSecretBytes);
  const absl::string_view secret = text ? absl::StripAsciiWhitespace(*text) : "";
  if (secret.empty()) return SecretFile(flag);
  return std::string(secret);
}

absl::StatusOr<OwnedCarriers> MakeCarriers(const CarrierFlags& flags, const std::string& practice,
                                           const std::string& from, const Clock& clock) {
  OwnedCarriers carriers;
  LUMBAR_ASSIGN_OR_RETURN(carriers[v1::CHANNEL_EMAIL], MakeMailers(flags, practice, from, clock));
  LUMBAR_ASSIGN_OR_RETURN(std::vector<TwilioSettings> providers, ParseSmsProviders(flags));
  if (!providers.empty()) {
    LUMBAR_ASSIGN_OR_RETURN(carriers[v1::CHANNEL_SMS], MakeTextCarriers(std::move(providers), clock));
  }
  if (!flags.webhook_url.empty()) {
    LUMBAR_ASSIGN_OR_RETURN(carriers[v1::CHANNEL_WEBHOOK], MakeWebhook(flags, clock));
  }
  return carriers;
}

Carriers Lend(const OwnedCarriers& carriers) {
  Carriers lent;
  for (const auto& [channel, carrier] : carriers) lent[channel] = carrier.get();
  return lent;
}

}  // namespace lumbar::notification
