#include "common/cache/kept.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace lumbar::cache {

std::string Kept::Pack() const {
  const absl::string_view payload = bytes == nullptr ? absl::string_view() : absl::string_view(*bytes);
  return absl::StrCat(absl::ToUnixMicros(read_time), " ", stamp, " ", bytes == nullptr ? "-" : "+", "\n", payload);
}

std::optional<Kept> Kept::Unpack(absl::string_view packed) {
  const size_t end = packed.find('\n');
  if (end == absl::string_view::npos) return std::nullopt;
  const absl::string_view payload = packed.substr(end + 1);
  const std::vector<absl::string_view> head = absl::StrSplit(packed.substr(0, end), ' ');
  int64_t micros = 0;
  if (head.size() != 3 || !absl::SimpleAtoi(head[0], &micros) || head[0] != absl::StrCat(micros)) return std::nullopt;
  const bool there = head[2] == "+";
  if (!there && (head[2] != "-" || !payload.empty())) return std::nullopt;
  return Kept{absl::FromUnixMicros(micros), std::string(head[1]),
              there ? std::make_shared<const std::string>(payload) : nullptr};
}

}  // namespace lumbar::cache
