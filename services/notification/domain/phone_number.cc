#include "services/notification/domain/phone_number.h"

#include <phonenumbers/phonenumberutil.h>

namespace lumbar::notification {

std::string InE164(absl::string_view number) {
  using i18n::phonenumbers::PhoneNumberUtil;
  const PhoneNumberUtil& numbers = *PhoneNumberUtil::GetInstance();
  i18n::phonenumbers::PhoneNumber parsed;
  // Whether the number is in use changes with the library's tables; a length that its country has will do.
  if (numbers.Parse(std::string(number), "US", &parsed) != PhoneNumberUtil::NO_PARSING_ERROR ||
      numbers.IsPossibleNumberWithReason(parsed) != PhoneNumberUtil::IS_POSSIBLE) {
    return "";
  }
  std::string text;
  numbers.Format(parsed, PhoneNumberUtil::E164, &text);
  return text;
}

}  // namespace lumbar::notification
