// Whatever bytes come in as a key set, as one of its keys or as a Cache-Control header: no crash, and what is accepted
// is a set of one to 64 keys, each found by its id.
#include "common/auth/jwks.h"

#include <absl/strings/str_cat.h>

#include <cstdint>
#include <cstdlib>

#include "common/auth/encoding.h"
#include "common/auth/jwk.h"
#include "common/auth/key_url.h"

namespace lumbar::auth {
namespace {

// The public key of RFC 8037, appendix A.2.
constexpr absl::string_view kGood =
    R"({"kty":"OKP","crv":"Ed25519","kid":"good","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";

void Check(absl::string_view text) {
  const auto set = KeySet::Parse(text);
  if (!set.ok()) return;
  if (text.size() > kMaxKeySetBytes || set->size() < 1 || set->size() > 64) std::abort();
  const auto document = ParseStrictObject(text);
  for (const auto& key : (*document)["keys"]) {
    if (IsForEncryption(key)) continue;
    const std::string* const id = TextMember(key, "kid");
    if (id == nullptr || set->Find(*id) == nullptr || key.contains("d") || key.contains("k")) std::abort();
  }
}

void Try(absl::string_view bytes) {
  Check(bytes);
  const std::string beside = absl::StrCat(R"({"keys":[)", kGood, ",", bytes, "]}");
  Check(beside);
  if (const auto set = KeySet::Parse(beside); set.ok() && set->Find("good") == nullptr) std::abort();
  if (GoodFor(bytes) < absl::ZeroDuration()) std::abort();
}

}  // namespace
}  // namespace lumbar::auth

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  lumbar::auth::Try({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
