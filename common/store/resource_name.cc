#include "common/store/resource_name.h"

#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>
#include <openssl/rand.h>

#include <array>
#include <cstdlib>

namespace lumbar::store {

std::string NewUuid() {
  std::array<unsigned char, 16> bytes;
  // Without randomness two patients could get one name; there is nothing safe to go on with.
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) std::abort();
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);  // Version 4 (RFC 9562).
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);  // Variant.
  std::string hex = absl::BytesToHexString({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  for (const size_t dash : {20u, 16u, 12u, 8u}) hex.insert(dash, 1, '-');
  return hex;
}

std::string NewName(absl::string_view collection) { return absl::StrCat(collection, "/", NewUuid()); }

}  // namespace lumbar::store
