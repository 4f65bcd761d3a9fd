// What is done with a text before anybody trusts it, on arbitrary bytes: no crash, and what must hold of the answers.
#include <utf8proc.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "services/notification/domain/arrived_text.h"
#include "services/notification/domain/conversation.h"
#include "services/notification/domain/gsm_text.h"
#include "services/notification/domain/phone_number.h"
#include "services/notification/domain/text_keyword.h"

namespace lumbar::notification {
namespace {

// Characters of `text`; negative if it isn't UTF-8.
utf8proc_ssize_t LengthOf(const std::string& text) {
  return utf8proc_decompose(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                            static_cast<utf8proc_ssize_t>(text.size()), nullptr, 0, utf8proc_option_t{});
}

// Whoever writes it, a store can hold it, and nobody is answered who can't be.
void CheckArrival(const std::string& from, const std::string& bytes) {
  const ArrivedText text = Arrive({from, "", bytes, 1});
  const auto length = LengthOf(text.text);
  if (length < 0 || length > kLongestText || LengthOf(text.scanned) < 0 || text.number.empty()) std::abort();
  if (text.scanned.size() > kMostScanned || (!text.repaired && !text.cut && text.text != bytes)) std::abort();
  const TextTerms terms{absl::UnixEpoch(), absl::Minutes(30)};
  const TextOutcome outcome = Decide(text, std::nullopt, {}, terms);
  if (!text.answerable && outcome.reply) std::abort();
  // It is acted on, or kept as what nobody looked at.
  const bool kept = outcome.conversation && outcome.conversation->urgency() == v1::CONVERSATION_URGENCY_UNSCANNED;
  if (!kept && !outcome.reply && !outcome.opted_out && text.answerable) std::abort();
}

}  // namespace
}  // namespace lumbar::notification

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

  CheckArrival("+12125550123", text);
  CheckArrival(text, text);
  return 0;
}
