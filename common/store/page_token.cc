#include "common/store/page_token.h"

#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "common/digest/sha256.h"
#include "common/status/errors.h"
#include "common/store/errors.h"

namespace lumbar::store {
namespace {

constexpr size_t kSealSize = 12;
constexpr size_t kMostTokenSize = 4096;

std::string Seal(absl::string_view last_key, absl::string_view query) {
  return Sha256(absl::StrCat("lumbar page token 1\n", Sha256(query), last_key)).substr(0, kSealSize);
}

}  // namespace

std::string EncodePageToken(absl::string_view last_key, absl::string_view query) {
  return absl::WebSafeBase64Escape(absl::StrCat(Seal(last_key, query), last_key));
}

absl::StatusOr<std::string> DecodePageToken(absl::string_view token, absl::string_view query) {
  if (token.empty()) return std::string();
  std::string plain;
  if (token.size() > kMostTokenSize || !absl::WebSafeBase64Unescape(token, &plain) || plain.size() < kSealSize) {
    return InvalidPageToken();
  }
  std::string last_key = plain.substr(kSealSize);
  if (plain.compare(0, kSealSize, Seal(last_key, query)) != 0) return InvalidPageToken();
  return last_key;
}

absl::StatusOr<int> PageSize(int32_t wanted, int usual, int most) {
  if (wanted < 0) return InvalidField("page_size", "must not be negative");
  return wanted == 0 ? usual : std::min<int>(wanted, most);
}

}  // namespace lumbar::store
