// Signatures of webhooks as the Standard Webhooks specification has them, symmetric (v1).
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <string>
#include <vector>

namespace lumbar::notification {

class WebhookKeys {
 public:
  // One secret a line, "whsec_" and base64 of 24 to 64 bytes; the newest first. While a receiver changes from one
  // secret to the next there are two. INVALID_ARGUMENT/WEBHOOK_SECRET: none, or one that isn't.
  static absl::StatusOr<WebhookKeys> Parse(absl::string_view lines);

  // The value of webhook-signature: one signature for each secret, of which a receiver needs one.
  std::string Sign(absl::string_view id, absl::Time at, absl::string_view body) const;

  // Whether one of `signatures` is one of ours; and `at` is within five minutes of `now`.
  bool Verify(absl::string_view id, absl::Time at, absl::string_view body, absl::string_view signatures,
              absl::Time now) const;

 private:
  explicit WebhookKeys(std::vector<std::string> keys) : keys_(std::move(keys)) {}

  std::vector<std::string> keys_;
};

}  // namespace lumbar::notification
