#include "common/auth/jwks.h"

#include "common/auth/encoding.h"
#include "common/auth/errors.h"
#include "common/auth/jwk.h"

namespace lumbar::auth {
namespace {

constexpr size_t kMaxKeys = 64;

}  // namespace

absl::StatusOr<KeySet> KeySet::Parse(absl::string_view jwks) {
  if (jwks.size() > kMaxKeySetBytes) return KeySetRefused("it is larger than 256 KiB");
  const auto document = ParseStrictObject(jwks);
  if (!document) return KeySetRefused("it isn't a strict JSON object");
  const auto keys = document->find("keys");
  if (keys == document->end() || !keys->is_array()) return KeySetRefused("it has no array `keys`");
  if (keys->empty() || keys->size() > kMaxKeys) return KeySetRefused("it must have 1 to 64 keys");
  KeySet set;
  for (size_t i = 0; i < keys->size(); ++i) {
    if (IsForEncryption((*keys)[i])) continue;
    auto key = ParseKey((*keys)[i]);
    if (!key.ok()) return KeySetRefused(absl::StrCat("key ", i, " ", key.status().message()));
    std::string id = key->id;
    if (!set.keys_.try_emplace(std::move(id), *std::move(key)).second) {
      return KeySetRefused(absl::StrCat("key ", i, " has the kid of an earlier key"));
    }
  }
  if (set.keys_.empty()) return KeySetRefused("it has no key to verify with");
  return set;
}

const VerificationKey* KeySet::Find(absl::string_view id) const {
  const auto found = keys_.find(id);
  return found == keys_.end() ? nullptr : &found->second;
}

}  // namespace lumbar::auth
