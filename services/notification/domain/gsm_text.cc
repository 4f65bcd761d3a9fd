#include "services/notification/domain/gsm_text.h"

#include <utf8proc.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace lumbar::notification {
namespace {

constexpr std::u32string_view kAlphabet =
    U"@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    U"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
constexpr std::u32string_view kExtension = U"\f^{}\\[~]|€";

constexpr int kNone = 0;
constexpr char32_t kStray = 0xfffd;

constexpr char32_t kEuro = U'€';

// By character, for all but the Euro sign.
constexpr auto kSeptets = [] {
  std::array<signed char, 0x400> septets = {};
  for (const char32_t point : kAlphabet) septets[point] = 1;
  for (const char32_t point : kExtension) {
    if (point != kEuro) septets[point] = 2;
  }
  return septets;
}();

// Septets of a character; kNone: the alphabet lacks it.
int Septets(char32_t point) {
  if (point < kSeptets.size()) return kSeptets[point];
  return point == kEuro ? 2 : kNone;
}

std::u32string PointsOf(absl::string_view text) {
  std::u32string points;
  while (!text.empty()) {
    utf8proc_int32_t point = 0;
    const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &point);
    points.push_back(size > 0 ? static_cast<char32_t>(point) : kStray);
    text.remove_prefix(size > 0 ? static_cast<size_t>(size) : 1);
  }
  return points;
}

void Append(char32_t point, std::string& text) {
  utf8proc_uint8_t bytes[4];
  const auto size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(point), bytes);
  text.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
}

// A character without its accents, or the plain characters that it is made of.
std::u32string Decomposed(char32_t point) {
  std::string one;
  Append(point, one);
  utf8proc_uint8_t* mapped = nullptr;
  const auto size = utf8proc_map(
      reinterpret_cast<const utf8proc_uint8_t*>(one.data()), static_cast<utf8proc_ssize_t>(one.size()), &mapped,
      static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_STRIPMARK | UTF8PROC_IGNORE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  if (size < 0) return {point};
  return PointsOf({reinterpret_cast<const char*>(mapped), static_cast<size_t>(size)});
}

std::u32string Plainly(char32_t point) {
  switch (point) {
    case U'\u2018':
    case U'\u2019':
    case U'\u02bc':
      return U"'";
    case U'\u201c':
    case U'\u201d':
    case U'«':
    case U'»':
      return U"\"";
    case U'\u2010':
    case U'\u2011':
    case U'\u2013':
    case U'\u2014':
      return U"-";
    case U'\t':
      return U" ";
    default:
      return Decomposed(point);
  }
}

}  // namespace

TextSize MeasureText(absl::string_view text) {
  const std::u32string points = PointsOf(text);
  TextSize size;
  for (const char32_t point : points) size.gsm7 = size.gsm7 && Septets(point) != kNone;
  const auto units_of = [&](char32_t point) { return size.gsm7 ? Septets(point) : point > 0xffff ? 2 : 1; };
  for (const char32_t point : points) size.units += units_of(point);
  if (size.units <= (size.gsm7 ? 160 : 70)) return size;

  const int room = size.gsm7 ? 153 : 67;
  int filled = 0;
  for (const char32_t point : points) {
    const int units = units_of(point);
    if (filled + units > room) {
      ++size.segments;
      filled = 0;
    }
    filled += units;
  }
  return size;
}

std::string InGsm7(absl::string_view text) {
  std::string plain;
  for (const char32_t point : PointsOf(text)) {
    for (const char32_t part : Septets(point) == kNone ? Plainly(point) : std::u32string(1, point)) {
      if (Septets(part) == kNone) return std::string(text);
      Append(part, plain);
    }
  }
  return plain;
}

}  // namespace lumbar::notification
