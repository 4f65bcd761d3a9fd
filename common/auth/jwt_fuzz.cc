// Whatever bytes come in as a token or as its payload: no crash, and no token accepted.
#include "common/auth/jwt.h"

#include <cstdint>
#include <cstdlib>

#include "common/auth/claims.h"
#include "common/auth/encoding.h"
#include "common/auth/jwks.h"

namespace lumbar::auth {
namespace {

// The public key of RFC 8037, appendix A.2.
const KeySet& Keys() {
  static const auto keys = KeySet::Parse(R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a",
      "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})");
  return *keys;
}

void Try(absl::string_view bytes) {
  const Expectations expected{"i", "a"};
  const absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  if (Verify(bytes, Keys(), expected, now).ok()) std::abort();
  if (Verify(absl::StrCat(Base64UrlEncode(bytes), ".e30.AAAA"), Keys(), expected, now).ok()) std::abort();
  // What was parsed strictly can be written again.
  if (const auto claims = ReadClaims(bytes, expected, now); claims.ok()) claims->payload.dump();
}

}  // namespace
}  // namespace lumbar::auth

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  lumbar::auth::Try({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
