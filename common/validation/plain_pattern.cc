#include "common/validation/plain_pattern.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_split.h>
#include <absl/strings/strip.h>

#include <algorithm>
#include <utility>

namespace lumbar::validation {
namespace {

using Bytes = std::bitset<256>;

bool IsIn(const Bytes& bytes, char c) { return bytes[static_cast<unsigned char>(c)]; }

bool IsLiteral(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '/' || c == '_' || c == '-';
}

// The inside of a class: "a-z0-9._-".
std::optional<Bytes> ClassOf(absl::string_view inside) {
  Bytes bytes;
  if (inside.empty() || inside.front() == '^') return std::nullopt;
  for (size_t i = 0; i < inside.size(); ++i) {
    const char first = inside[i];
    if (!absl::ascii_isgraph(static_cast<unsigned char>(first)) || first == '\\' || first == '[') return std::nullopt;
    const bool is_range = i + 2 < inside.size() && inside[i + 1] == '-';
    const char last = is_range ? inside[i + 2] : first;
    if (last < first || (is_range && !absl::ascii_isalnum(static_cast<unsigned char>(last)))) return std::nullopt;
    for (int c = first; c <= last; ++c) bytes.set(static_cast<size_t>(c));
    if (is_range) i += 2;
  }
  return bytes;
}

// Takes "[a-z]" or one literal off the front of `rest`.
std::optional<Bytes> TakeBytes(absl::string_view& rest) {
  if (!absl::ConsumePrefix(&rest, "[")) {
    if (!IsLiteral(rest.front())) return std::nullopt;
    Bytes one;
    one.set(static_cast<unsigned char>(rest.front()));
    rest.remove_prefix(1);
    return one;
  }
  const size_t end = rest.find(']');
  if (end == absl::string_view::npos) return std::nullopt;
  const auto bytes = ClassOf(rest.substr(0, end));
  rest.remove_prefix(end + 1);
  return bytes;
}

// Takes "{3}" or "{1,63}" off the front of `rest`; without one it is once.
std::optional<std::pair<size_t, size_t>> TakeCount(absl::string_view& rest) {
  if (!absl::ConsumePrefix(&rest, "{")) return std::make_pair(size_t{1}, size_t{1});
  const size_t end = rest.find('}');
  if (end == absl::string_view::npos) return std::nullopt;
  const std::vector<absl::string_view> numbers = absl::StrSplit(rest.substr(0, end), ',');
  rest.remove_prefix(end + 1);
  uint32_t fewest = 0, most = 0;
  if (numbers.size() > 2 || !absl::SimpleAtoi(numbers.front(), &fewest) || !absl::SimpleAtoi(numbers.back(), &most) ||
      fewest > most) {
    return std::nullopt;
  }
  return std::make_pair(size_t{fewest}, size_t{most});
}

}  // namespace

std::optional<PlainPattern> PlainPattern::Of(absl::string_view pattern) {
  if (!absl::ConsumePrefix(&pattern, "^") || !absl::ConsumeSuffix(&pattern, "$")) return std::nullopt;
  PlainPattern plain;
  while (!pattern.empty()) {
    if (!plain.atoms_.empty() && plain.atoms_.back().fewest != plain.atoms_.back().most) return std::nullopt;
    const auto bytes = TakeBytes(pattern);
    const auto count = bytes ? TakeCount(pattern) : std::nullopt;
    if (!count) return std::nullopt;
    plain.atoms_.push_back({*bytes, count->first, count->second});
  }
  if (plain.atoms_.empty()) return std::nullopt;
  return plain;
}

bool PlainPattern::Matches(absl::string_view text) const {
  for (const Atom& atom : atoms_) {
    const size_t size = &atom == &atoms_.back() ? text.size() : atom.fewest;
    if (size < atom.fewest || size > atom.most || size > text.size()) return false;
    const absl::string_view part = text.substr(0, size);
    if (!std::all_of(part.begin(), part.end(), [&](char c) { return IsIn(atom.bytes, c); })) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace lumbar::validation
