#include "common/cache/envelope.h"

#include <absl/strings/str_cat.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <memory>

namespace lumbar::cache {
namespace {

// Names the form itself: another one gets another mark.
constexpr absl::string_view kMark = "LBC1";

std::string BigEndian(uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(number >> shift & 0xff));
  return bytes;
}

// The key's length keeps (key "ab", payload "c") and (key "a", payload "bc") apart.
std::string Header(uint32_t schema, absl::string_view key, absl::string_view payload) {
  const std::string bound = absl::StrCat(kMark, BigEndian(schema), BigEndian(static_cast<uint32_t>(key.size())), key);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest = {};
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  EVP_DigestUpdate(context.get(), bound.data(), bound.size());
  EVP_DigestUpdate(context.get(), payload.data(), payload.size());
  EVP_DigestFinal_ex(context.get(), digest.data(), nullptr);
  return absl::StrCat(kMark, BigEndian(schema), std::string(digest.begin(), digest.end()));
}

constexpr size_t kHeaderSize = 4 + 4 + SHA256_DIGEST_LENGTH;

}  // namespace

std::string Encode(uint32_t schema, absl::string_view key, absl::string_view payload) {
  return absl::StrCat(Header(schema, key, payload), payload);
}

std::optional<std::string> Decode(uint32_t schema, absl::string_view key, absl::string_view value) {
  if (value.size() < kHeaderSize) return std::nullopt;
  const absl::string_view payload = value.substr(kHeaderSize);
  if (value.substr(0, kHeaderSize) != Header(schema, key, payload)) return std::nullopt;
  return std::string(payload);
}

}  // namespace lumbar::cache
