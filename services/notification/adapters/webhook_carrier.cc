#include "services/notification/adapters/webhook_carrier.h"

#include <absl/strings/str_cat.h>
#include <re2/re2.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "services/notification/adapters/public_address.h"
#include "services/notification/errors.h"

namespace lumbar::notification {
namespace {

constexpr char kName[] = "webhook";

absl::Status FailureOf(const absl::Status& exchange) {
  if (absl::IsPermissionDenied(exchange)) return WebhookAddressRefused();
  if (absl::IsUnknown(exchange)) return WebhookOutcomeUnknown();
  return WebhookUnreachable(exchange.message());
}

// Of the receiver as a whole: who calls isn't known there, or nobody is at home, or it is too busy.
constexpr int kOfReceiver[] = {401, 403, 404, 408, 429};

// Whether a refusal is about what the request says, and the receiver may well take the next.
bool IsOfRequest(int code) {
  const bool of_receiver = std::find(std::begin(kOfReceiver), std::end(kOfReceiver), code) != std::end(kOfReceiver);
  return code >= 400 && code < 500 && !of_receiver;
}

Handover OutcomeOf(const HttpAnswer& answer) {
  if (answer.code >= 200 && answer.code < 300) return {absl::OkStatus(), kName};
  if (answer.code == 410) return {WebhookGone(), kName};
  return {WebhookDeferred(answer.code), kName, "", answer.retry_after, IsOfRequest(answer.code)};
}

}  // namespace

absl::StatusOr<std::unique_ptr<WebhookCarrier>> WebhookCarrier::Create(WebhookOptions options, WebhookKeys keys,
                                                                       const Clock& clock) {
  const char* const scheme = options.allow_private ? "https?" : "https";
  if (!RE2::FullMatch(options.url, absl::StrCat(scheme, "://[^/?#@\\s]+(/[^#\\s]*)?"))) return WebhookUrl();
  return std::unique_ptr<WebhookCarrier>(new WebhookCarrier(std::move(options), std::move(keys), clock));
}

WebhookCarrier::WebhookCarrier(WebhookOptions options, WebhookKeys keys, const Clock& clock)
    : options_(std::move(options)),
      keys_(std::move(keys)),
      clock_(clock),
      http_({kConnectTime, absl::Seconds(15),
             options_.allow_private ? std::function<bool(const sockaddr&)>() : &IsPublicAddress}) {}

Handover WebhookCarrier::Send(const Letter& letter) {
  const absl::Time now = clock_.Now();
  const absl::StatusOr<HttpAnswer> answer =
      http_.Do({options_.url,
                {"content-type: application/json", absl::StrCat("webhook-id: ", letter.id),
                 absl::StrCat("webhook-timestamp: ", absl::ToUnixSeconds(now)),
                 absl::StrCat("webhook-signature: ", keys_.Sign(letter.id, now, letter.text))},
                letter.text});
  if (!answer.ok()) return {FailureOf(answer.status()), kName};
  return OutcomeOf(*answer);
}

Handover WebhookCarrier::Ask(const Letter&) { return {CannotBeAsked(), kName}; }

}  // namespace lumbar::notification
