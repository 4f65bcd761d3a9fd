#include "services/notification/domain/arrived_text.h"

#include <absl/strings/ascii.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <utility>

#include "services/notification/domain/phone_number.h"
#include "services/notification/domain/text_scanner.h"

namespace lumbar::notification {
namespace {

constexpr size_t kLongestSender = 32;
// A provider says so of who has no number to be known by.
constexpr absl::string_view kAnonymous = "anonymous";
constexpr UChar32 kReplacement = 0xfffd;

// Five or six digits; a local number without its area can't be answered either.
bool IsShortCode(absl::string_view from) {
  return from.size() < 8 && std::all_of(from.begin(), from.end(),
                                        [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
}

std::string SenderOf(absl::string_view from) {
  std::string sender;
  for (const char c : from.substr(0, kLongestSender)) {
    if (absl::ascii_isgraph(static_cast<unsigned char>(c))) sender += c;
  }
  return sender.empty() ? std::string(kAnonymous) : sender;
}

// What isn't UTF-8 becomes a replacement character; so does NUL, which no column holds.
icu::UnicodeString Readable(const std::string& bytes) {
  icu::UnicodeString text = icu::UnicodeString::fromUTF8(bytes);
  return text.findAndReplace(icu::UnicodeString(UChar32{0}), icu::UnicodeString(kReplacement));
}

std::string InUtf8(const icu::UnicodeString& text) {
  std::string utf8;
  text.toUTF8String(utf8);
  return utf8;
}

// The longest beginning of `text`, UTF-8, that parts no character.
std::string Beginning(std::string text, size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
  text.resize(most);
  return text;
}

}  // namespace

ArrivedText Arrive(const InboundText& text) {
  ArrivedText arrived;
  if (!IsShortCode(text.from)) arrived.number = InE164(text.from);
  arrived.answerable = !arrived.number.empty();
  if (!arrived.answerable) arrived.number = SenderOf(text.from);
  arrived.attachments = std::clamp(text.attachments, 0, 100);

  icu::UnicodeString readable = Readable(text.text);
  std::string all = InUtf8(readable);
  arrived.repaired = all != text.text;
  arrived.keyword = FindKeyword(all);
  arrived.scanned_in_part = all.size() > kMostScanned;
  arrived.cut = readable.countChar32() > kLongestText;
  if (arrived.cut) readable.truncate(readable.moveIndex32(0, kLongestText));
  arrived.text = InUtf8(readable);
  arrived.scanned = Beginning(std::move(all), kMostScanned);
  return arrived;
}

}  // namespace lumbar::notification
