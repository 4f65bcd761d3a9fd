#include "services/notification/domain/standard_webhook.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>
#include <absl/strings/strip.h>

#include <algorithm>

#include "common/digest/hmac_sha256.h"
#include "services/notification/errors.h"

namespace lumbar::notification {
namespace {

// Both as the specification has them.
constexpr size_t kShortestKey = 24, kLongestKey = 64;
constexpr absl::Duration kTolerance = absl::Minutes(5);

std::string SignatureWith(const std::string& key, absl::string_view id, absl::Time at, absl::string_view body) {
  return absl::StrCat("v1,",
                      absl::Base64Escape(HmacSha256(key, absl::StrCat(id, ".", absl::ToUnixSeconds(at), ".", body))));
}

}  // namespace

absl::StatusOr<WebhookKeys> WebhookKeys::Parse(absl::string_view lines) {
  std::vector<std::string> keys;
  for (absl::string_view line : absl::StrSplit(lines, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty()) continue;
    std::string& key = keys.emplace_back();
    if (!absl::ConsumePrefix(&line, "whsec_") || !absl::Base64Unescape(line, &key)) return WebhookSecret();
    if (key.size() < kShortestKey || key.size() > kLongestKey) return WebhookSecret();
  }
  if (keys.empty()) return WebhookSecret();
  return WebhookKeys(std::move(keys));
}

std::string WebhookKeys::Sign(absl::string_view id, absl::Time at, absl::string_view body) const {
  std::string signatures;
  for (const std::string& key : keys_) {
    absl::StrAppend(&signatures, signatures.empty() ? "" : " ", SignatureWith(key, id, at, body));
  }
  return signatures;
}

bool WebhookKeys::Verify(absl::string_view id, absl::Time at, absl::string_view body, absl::string_view signatures,
                         absl::Time now) const {
  if (absl::AbsDuration(now - at) > kTolerance) return false;
  const std::vector<absl::string_view> given = absl::StrSplit(signatures, ' ');
  return std::any_of(keys_.begin(), keys_.end(), [&](const std::string& key) {
    const std::string ours = SignatureWith(key, id, at, body);
    return std::any_of(given.begin(), given.end(), [&](absl::string_view one) { return SameProof(one, ours); });
  });
}

}  // namespace lumbar::notification
