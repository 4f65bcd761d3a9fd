#include "services/gateway/edge/derived_id.h"

#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>

#include "common/digest/sha256.h"

namespace lumbar::gateway {

std::string DerivedUuid(absl::string_view text) {
  std::string hex = absl::BytesToHexString(Sha256(text));
  hex[12] = '8';
  hex[16] = '8';
  const absl::string_view digits = hex;
  return absl::StrCat(digits.substr(0, 8), "-", digits.substr(8, 4), "-", digits.substr(12, 4), "-",
                      digits.substr(16, 4), "-", digits.substr(20, 12));
}

}  // namespace lumbar::gateway
