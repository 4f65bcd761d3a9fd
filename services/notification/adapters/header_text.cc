#include "services/notification/adapters/header_text.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>

#include <algorithm>

#include "services/notification/domain/templates.h"

namespace lumbar::notification {
namespace {

// 45 bytes are 60 characters of base64: with "=?UTF-8?B?" and "?=" an encoded word stays under its limit of 75.
constexpr size_t kWordBytes = 45;

bool IsAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return absl::ascii_isascii(c); });
}

// Where the word that starts `text` ends, not within a character.
size_t WordEnd(absl::string_view text) {
  if (text.size() <= kWordBytes) return text.size();
  size_t end = kWordBytes;
  while (end > 1 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return end;
}

std::string EncodedWords(absl::string_view text) {
  std::string words;
  while (!text.empty()) {
    const size_t end = WordEnd(text);
    absl::StrAppend(&words, words.empty() ? "" : "\r\n ", "=?UTF-8?B?", absl::Base64Escape(text.substr(0, end)), "?=");
    text.remove_prefix(end);
  }
  return words;
}

}  // namespace

std::string HeaderText(absl::string_view text) {
  const std::string line = OneLine(text);
  return IsAscii(line) ? line : EncodedWords(line);
}

std::string MailboxText(absl::string_view name, absl::string_view address) {
  const std::string line = OneLine(name);
  const std::string mailbox = absl::StrCat("<", OneLine(address), ">");
  if (line.empty()) return mailbox;
  if (!IsAscii(line)) return absl::StrCat(EncodedWords(line), " ", mailbox);
  return absl::StrCat("\"", absl::StrReplaceAll(line, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\" ", mailbox);
}

bool IsMailboxAddress(absl::string_view address) {
  const bool plain = std::all_of(address.begin(), address.end(),
                                 [](unsigned char c) { return absl::ascii_isgraph(c) && c != '<' && c != '>'; });
  const size_t at = address.find('@');
  return plain && at != 0 && at != absl::string_view::npos && at == address.rfind('@') && at + 1 < address.size();
}

}  // namespace lumbar::notification
