// What is done with a text before anybody trusts it, on arbitrary bytes: no crash, and what must hold of the answers.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "services/notification/domain/gsm_text.h"
#include "services/notification/domain/phone_number.h"
#include "services/notification/domain/text_keyword.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace lumbar::notification;
  const std::string text(reinterpret_cast<const char*>(bytes), size);

  const KeywordFound found = FindKeyword(text);
  const bool room = size + 10 <= 200;
  // A courtesy takes no keyword away.
  if (found.keyword != TextKeyword::kNone && room && FindKeyword("please " + text).keyword != found.keyword)
    std::abort();

  const TextSize size_of = MeasureText(text), plain = MeasureText(InGsm7(text));
  if (size_of.units < 0 || size_of.segments < 1 || (size_of.gsm7 && InGsm7(text) != text)) std::abort();
  if (plain.segments < 1 || (size_of.gsm7 && !plain.gsm7)) std::abort();
  const int whole = size_of.gsm7 ? 160 : 70;
  if ((size_of.segments == 1) != (size_of.units <= whole)) std::abort();

  // What is E.164 already stays so.
  const std::string number = InE164(text);
  if (!number.empty() && InE164(number) != number) std::abort();
  return 0;
}
