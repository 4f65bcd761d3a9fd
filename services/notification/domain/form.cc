#include "services/notification/domain/form.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

namespace lumbar::notification {
namespace {

constexpr size_t kMostBytes = 64 << 10;
constexpr size_t kMostFields = 200;

bool IsPlain(unsigned char c) { return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.' || c == '~'; }

std::string Encode(absl::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (IsPlain(static_cast<unsigned char>(c))) {
      encoded += c;
    } else {
      absl::StrAppend(&encoded, "%", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    }
  }
  return encoded;
}

std::optional<std::string> Decode(absl::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const absl::string_view digits = text.substr(i + 1, 2);
    if (digits.size() != 2 || !absl::ascii_isxdigit(static_cast<unsigned char>(digits[0])) ||
        !absl::ascii_isxdigit(static_cast<unsigned char>(digits[1]))) {
      return std::nullopt;
    }
    decoded += absl::HexStringToBytes(digits);
    i += 2;
  }
  return decoded;
}

}  // namespace

std::string EncodeForm(const Form& form) {
  std::string text;
  for (const auto& [name, value] : form) {
    absl::StrAppend(&text, text.empty() ? "" : "&", Encode(name), "=", Encode(value));
  }
  return text;
}

std::optional<Form> DecodeForm(absl::string_view text) {
  if (text.size() > kMostBytes) return std::nullopt;
  Form form;
  for (const absl::string_view field : absl::StrSplit(text, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(field, absl::MaxSplits('=', 1));
    std::optional<std::string> name = Decode(parts.first), value = Decode(parts.second);
    if (!name || !value || form.size() >= kMostFields) return std::nullopt;
    form.emplace_back(*std::move(name), *std::move(value));
  }
  return form;
}

absl::string_view FieldOf(const Form& form, absl::string_view name) {
  for (const auto& [key, value] : form) {
    if (key == name) return value;
  }
  return "";
}

}  // namespace lumbar::notification
