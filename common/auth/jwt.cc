#include "common/auth/jwt.h"

#include <absl/strings/match.h>
#include <absl/strings/str_split.h>

#include "common/auth/claims.h"
#include "common/auth/encoding.h"
#include "common/auth/errors.h"
#include "common/status/macros.h"

namespace lumbar::auth {
namespace {

absl::StatusOr<nlohmann::json> ReadHeader(absl::string_view encoded, const Expectations& expected) {
  const auto text = Base64UrlDecode(encoded);
  if (!text) return TokenMalformed("its header isn't base64url");
  auto header = ParseStrictObject(*text);
  if (!header) return TokenMalformed("its header isn't a strict JSON object");
  // Each of these lets the token bring its own key, or change what is signed.
  for (const char* name : {"jku", "x5u", "jwk", "crit"}) {
    if (header->contains(name)) return TokenMalformed(absl::StrCat("its header has ", name));
  }
  if (TextMember(*header, "kid") == nullptr) return TokenMalformed("its header has no kid");
  if (TextMember(*header, "alg") == nullptr) return TokenMalformed("its header has no alg");
  const auto* type = TextMember(*header, "typ");
  if (header->contains("typ") && type == nullptr) return TokenMalformed("its typ isn't text");
  if (!expected.type.empty() && (type == nullptr || !absl::EqualsIgnoreCase(*type, expected.type))) {
    return TokenMalformed("it is a token of another type");
  }
  return *std::move(header);
}

absl::Status CheckSignature(const nlohmann::json& header, const KeySet& keys, absl::string_view signed_text,
                            absl::string_view encoded_signature) {
  const auto* key = keys.Find(*TextMember(header, "kid"));
  if (key == nullptr) return TokenUnknownKey();
  if (*TextMember(header, "alg") != NameOf(key->algorithm)) return TokenBadSignature();
  const auto signature = Base64UrlDecode(encoded_signature);
  if (!signature) return TokenMalformed("its signature isn't base64url");
  if (!SignatureHolds(key->algorithm, key->key.get(), signed_text, *signature)) return TokenBadSignature();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Claims> Verify(absl::string_view token, const KeySet& keys, const Expectations& expected,
                              absl::Time now) {
  if (token.size() > kMaxTokenBytes) return TokenTooLarge();
  const std::vector<absl::string_view> parts = absl::StrSplit(token, absl::MaxSplits('.', 3));
  if (parts.size() != 3) return TokenMalformed("it doesn't have three parts");
  LUMBAR_ASSIGN_OR_RETURN(const nlohmann::json header, ReadHeader(parts[0], expected));
  const auto signed_text = token.substr(0, parts[0].size() + 1 + parts[1].size());
  LUMBAR_RETURN_IF_ERROR(CheckSignature(header, keys, signed_text, parts[2]));
  const auto payload = Base64UrlDecode(parts[1]);
  if (!payload) return TokenMalformed("its payload isn't base64url");
  return ReadClaims(*payload, expected, now);
}

}  // namespace lumbar::auth
