// Twilio's signatures of its callbacks: X-Twilio-Signature.
#pragma once

#include <absl/strings/string_view.h>

#include <string>

#include "services/notification/domain/form.h"

namespace lumbar::notification {

// Base64 of HMAC-SHA1, with the account's token, of the URL as the provider called it and the form's fields in the
// order of their names. A field that is there twice counts once.
std::string TwilioSignature(absl::string_view token, absl::string_view url, const Form& form);

// In a time that doesn't tell where they differ.
bool IsSignedByTwilio(absl::string_view token, absl::string_view url, const Form& form, absl::string_view signature);

}  // namespace lumbar::notification
