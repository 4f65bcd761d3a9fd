#include "services/notification/domain/phone_number.h"

#include <gmock/gmock.h>

namespace lumbar::notification {
namespace {

TEST(PhoneNumberTest, WritesEveryFormAsOne) {
  for (const char* number : {"+12125550123", "(212) 555-0123", "212.555.0123", "1-212-555-0123", "tel:+1-212-555-0123",
                             " +1 (212) 555 0123 "}) {
    EXPECT_EQ(InE164(number), "+12125550123") << number;
  }
  EXPECT_EQ(InE164("+52 55 1234 5678"), "+525512345678");
}

TEST(PhoneNumberTest, KnowsWhatIsNone) {
  for (const char* number : {"", "12345", "anonymous", "+", "+1212555012345678901", "\xff\xff"}) {
    EXPECT_EQ(InE164(number), "") << number;
  }
}

}  // namespace
}  // namespace lumbar::notification
