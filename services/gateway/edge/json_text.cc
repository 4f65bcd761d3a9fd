#include "services/gateway/edge/json_text.h"

#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace lumbar::gateway {
namespace {

// What is looked at at a time, by the vectors that g++ and clang have for every processor.
using Block = unsigned char __attribute__((vector_size(16)));
constexpr size_t kLongestNumber = 20;

bool HasAny(Block bytes) {
  std::array<uint64_t, 2> halves = {};
  static_assert(sizeof(halves) == sizeof(bytes));
  std::memcpy(halves.data(), &bytes, sizeof(bytes));
  return (halves[0] | halves[1]) != 0;
}

// Those that aren't written as they are inside of a text. '<' and '>' aren't, like protobuf's mapper has it: no text
// can end a script.
Block OddOf(Block bytes) {
  return static_cast<Block>((bytes < static_cast<unsigned char>(' ')) | (bytes == static_cast<unsigned char>('"')) |
                            (bytes == static_cast<unsigned char>('\\')) |
                            ((bytes & static_cast<unsigned char>(0xfd)) == static_cast<unsigned char>('<')) |
                            (bytes == static_cast<unsigned char>(0x7f)));
}

// None: it is written as it is.
absl::string_view EscapeOf(char c) {
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\b':
      return "\\b";
    case '\f':
      return "\\f";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      return "";
  }
}

bool IsPlain(char c) { return static_cast<unsigned char>(c) >= ' ' && c != '<' && c != '>' && c != 0x7f; }

}  // namespace

void JsonText::Grow(size_t bytes) {
  const auto used = static_cast<size_t>(at_ - text_.data());
  text_.resize(std::max(2 * text_.size(), used + bytes));
  at_ = text_.data() + used;
  end_ = text_.data() + text_.size();
}

void JsonText::AddNumber(int64_t number) {
  Need(kLongestNumber);
  at_ = std::to_chars(at_, end_, number).ptr;
}

void JsonText::AddNumber(uint64_t number) {
  Need(kLongestNumber);
  at_ = std::to_chars(at_, end_, number).ptr;
}

void JsonText::AddDigits(int64_t number, int width) {
  Need(static_cast<size_t>(width));
  at_ += width;
  for (char* digit = at_; width > 0; --width, number /= 10) *--digit = static_cast<char>('0' + number % 10);
}

bool JsonText::AddQuoted(absl::string_view value) {
  Add('"');
  Block all = {};
  const auto add = [&](Block block, absl::string_view part) {
    all |= block;
    if (HasAny(OddOf(block))) return AddEscaped(part);
    Need(sizeof(block));
    std::memcpy(at_, &block, sizeof(block));
    at_ += part.size();
  };
  absl::string_view left = value;
  for (Block block = {}; left.size() >= sizeof(block); left.remove_prefix(sizeof(block))) {
    std::memcpy(&block, left.data(), sizeof(block));
    add(block, absl::string_view(left.data(), sizeof(block)));
  }
  if (!left.empty()) {
    Block block = Block{} + static_cast<unsigned char>(' ');
    std::memcpy(&block, left.data(), left.size());
    add(block, left);
  }
  Add('"');
  const bool is_ascii = !HasAny(all & static_cast<unsigned char>(0x80));
  return is_ascii || simdjson::validate_utf8(value.data(), value.size());
}

void JsonText::AddEscaped(absl::string_view bytes) {
  for (const char c : bytes) {
    if (const absl::string_view escape = EscapeOf(c); !escape.empty()) {
      Add(escape);
    } else if (IsPlain(c)) {
      Add(c);
    } else {
      Add(absl::StrCat("\\u", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad4)));
    }
  }
}

std::string JsonText::Take() && {
  text_.resize(static_cast<size_t>(at_ - text_.data()));
  return std::move(text_);
}

}  // namespace lumbar::gateway
