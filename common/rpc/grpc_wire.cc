#include "common/rpc/grpc_wire.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <google/rpc/status.pb.h>

#include <algorithm>
#include <array>

#include "common/rpc/errors.h"
#include "common/status/errors.h"

namespace lumbar::rpc {
namespace {

constexpr size_t kMostTimeoutDigits = 8;

absl::StatusOr<absl::Duration> UnitOf(char unit) {
  switch (unit) {
    case 'H':
      return absl::Hours(1);
    case 'M':
      return absl::Minutes(1);
    case 'S':
      return absl::Seconds(1);
    case 'm':
      return absl::Milliseconds(1);
    case 'u':
      return absl::Microseconds(1);
    case 'n':
      return absl::Nanoseconds(1);
    default:
      return TimeoutMalformed();
  }
}

void WritePrefix(uint32_t size, std::string& frame) {
  for (size_t i = 1; i < kFramePrefixBytes; ++i) frame[i] = static_cast<char>(size >> (8 * (4 - i)));
}

}  // namespace

absl::StatusOr<absl::string_view> MessageIn(absl::string_view body) {
  if (body.size() < kFramePrefixBytes) return MessageMalformed();
  const char flag = body[0];
  if (flag == 1) return MessageCompressed();
  uint32_t size = 0;
  for (size_t i = 1; i < kFramePrefixBytes; ++i) size = size << 8 | static_cast<unsigned char>(body[i]);
  body.remove_prefix(kFramePrefixBytes);
  if (flag != 0 || size != body.size()) return MessageMalformed();
  return body;
}

std::string FrameOf(const google::protobuf::Message& message) {
  const auto size = static_cast<uint32_t>(message.ByteSizeLong());
  std::string frame(kFramePrefixBytes + size, '\0');
  WritePrefix(size, frame);
  message.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(frame.data() + kFramePrefixBytes));
  return frame;
}

std::string FrameOf(absl::string_view serialised) {
  std::string frame;
  frame.reserve(kFramePrefixBytes + serialised.size());
  frame.resize(kFramePrefixBytes);
  WritePrefix(static_cast<uint32_t>(serialised.size()), frame);
  frame.append(serialised.data(), serialised.size());
  return frame;
}

absl::StatusOr<absl::Duration> ParseTimeout(absl::string_view text) {
  if (text.size() < 2 || text.size() > kMostTimeoutDigits + 1) return TimeoutMalformed();
  const auto unit = UnitOf(text.back());
  text.remove_suffix(1);
  const bool digits = std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isdigit(c); });
  int64_t number = 0;
  if (!unit.ok() || !digits || !absl::SimpleAtoi(text, &number)) return TimeoutMalformed();
  return number * *unit;
}

std::string TimeoutText(absl::Duration timeout) {
  constexpr int64_t kMost = 99'999'999;
  struct Unit {
    char name;
    int64_t nanoseconds;
  };
  constexpr std::array<Unit, 5> kUnits = {
      {{'n', 1}, {'u', 1000}, {'m', 1'000'000}, {'S', 1'000'000'000}, {'M', 60'000'000'000}}};
  const int64_t left = std::max<int64_t>(absl::ToInt64Nanoseconds(timeout), 0);
  for (const Unit& unit : kUnits) {
    const int64_t count = left / unit.nanoseconds + (left % unit.nanoseconds > 0 ? 1 : 0);
    if (count <= kMost) return absl::StrCat(count, absl::string_view(&unit.name, 1));
  }
  return absl::StrCat(kMost, "M");
}

std::string PercentEncoded(absl::string_view text) {
  constexpr absl::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= ' ' && byte <= '~' && byte != '%') {
      encoded += c;
    } else {
      encoded += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return encoded;
}

std::string EncodedDetails(const absl::Status& status) {
  std::string text = absl::Base64Escape(ToRpcStatus(status).SerializeAsString());
  text.erase(text.find_last_not_of('=') + 1);
  return text;
}

}  // namespace lumbar::rpc
