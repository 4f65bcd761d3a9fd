#include "services/notification/domain/twilio_signature.h"

#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "common/digest/hmac_sha1.h"
#include "common/digest/hmac_sha256.h"

namespace lumbar::notification {

std::string TwilioSignature(absl::string_view token, absl::string_view url, const Form& form) {
  Form fields = form;
  std::sort(fields.begin(), fields.end());
  fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
  std::string text(url);
  for (const auto& [name, value] : fields) absl::StrAppend(&text, name, value);
  return absl::Base64Escape(HmacSha1(token, text));
}

bool IsSignedByTwilio(absl::string_view token, absl::string_view url, const Form& form, absl::string_view signature) {
  return SameProof(TwilioSignature(token, url, form), signature);
}

}  // namespace lumbar::notification
