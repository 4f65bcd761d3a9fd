// Anybody may send anything to a callback's address, and a provider may answer anything.
#include <absl/strings/string_view.h>

#include <cstdint>
#include <cstdlib>

#include "services/notification/adapters/twilio_answers.h"
#include "services/notification/domain/form.h"
#include "services/notification/domain/standard_webhook.h"
#include "services/notification/domain/twilio_signature.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace lumbar::notification;
  const std::string text(bytes, bytes + size);
  if (const auto form = DecodeForm(text)) {
    if (DecodeForm(EncodeForm(*form)) != form) std::abort();
    if (IsSignedByTwilio("12345", "https://clinic.example/v1/providers/twilio:status", *form, text)) std::abort();
  }
  if (const auto page = ReadMessagePage(text)) (void)Find({}, *page);
  (void)TakenOrNot({201, text, absl::ZeroDuration()});
  (void)TakenOrNot({400, text, absl::ZeroDuration()});
  (void)WebhookKeys::Parse(text);
  return 0;
}
