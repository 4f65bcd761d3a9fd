#include "common/auth/jwk.h"

#include <openssl/core_names.h>

#include <algorithm>
#include <array>

#include "common/auth/encoding.h"
#include "common/status/macros.h"

namespace lumbar::auth {
namespace {

constexpr size_t kMaxKidBytes = 256;
constexpr size_t kEd25519Bytes = 32;
constexpr size_t kP256Bytes = 32;
constexpr int kMinRsaBits = 2048;
constexpr int kMaxRsaBits = 8192;
// What RFC 7518 calls private or symmetric, for every type of key.
constexpr std::array kPrivateMembers = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};

absl::Status Refused(absl::string_view why) { return absl::InvalidArgumentError(why); }

absl::StatusOr<std::string> BytesMember(const nlohmann::json& jwk, const char* name) {
  const auto* text = TextMember(jwk, name);
  if (text == nullptr) return Refused(absl::StrCat("has no ", name));
  auto bytes = Base64UrlDecode(*text);
  if (!bytes) return Refused(absl::StrCat(name, " isn't base64url"));
  return *std::move(bytes);
}

absl::Status RequireCurve(const nlohmann::json& jwk, absl::string_view curve) {
  const auto* found = TextMember(jwk, "crv");
  if (found != nullptr && *found == curve) return absl::OkStatus();
  return Refused(absl::StrCat("must be on the curve ", curve));
}

EvpKey KeyFromParams(const char* type, OSSL_PARAM* params) {
  const EvpKeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params) != 1) {
    return nullptr;
  }
  EvpKey owned(key);
  const EvpKeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  return check && EVP_PKEY_public_check(check.get()) == 1 ? std::move(owned) : nullptr;
}

absl::StatusOr<EvpKey> ParseEd25519(const nlohmann::json& jwk) {
  LUMBAR_RETURN_IF_ERROR(RequireCurve(jwk, "Ed25519"));
  LUMBAR_ASSIGN_OR_RETURN(const std::string x, BytesMember(jwk, "x"));
  if (x.size() != kEd25519Bytes) return Refused("x must be 32 bytes");
  EvpKey key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(x.data()), x.size()));
  if (!key) return Refused("isn't an Ed25519 key");
  return key;
}

absl::StatusOr<EvpKey> ParseP256(const nlohmann::json& jwk) {
  LUMBAR_RETURN_IF_ERROR(RequireCurve(jwk, "P-256"));
  LUMBAR_ASSIGN_OR_RETURN(const std::string x, BytesMember(jwk, "x"));
  LUMBAR_ASSIGN_OR_RETURN(const std::string y, BytesMember(jwk, "y"));
  if (x.size() != kP256Bytes || y.size() != kP256Bytes) return Refused("x and y must be 32 bytes each");
  std::string point = absl::StrCat("\x04", x, y);  // the uncompressed form
  std::string group = "prime256v1";
  std::array params = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size()),
                       OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
                       OSSL_PARAM_construct_end()};
  EvpKey key = KeyFromParams("EC", params.data());
  if (!key) return Refused("isn't a point on P-256");
  return key;
}

absl::StatusOr<EvpKey> ParseRsa(const nlohmann::json& jwk) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string n, BytesMember(jwk, "n"));
  LUMBAR_ASSIGN_OR_RETURN(const std::string e, BytesMember(jwk, "e"));
  if (n.size() > kMaxRsaBits / 8 + 1 || e.size() > sizeof(uint64_t)) return Refused("is too large");
  const BigNumber modulus(BN_bin2bn(Bytes(n.data()), static_cast<int>(n.size()), nullptr));
  const BigNumber exponent(BN_bin2bn(Bytes(e.data()), static_cast<int>(e.size()), nullptr));
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (!modulus || !exponent || !builder) return Refused("can't be read");
  const int bits = BN_num_bits(modulus.get());
  if (bits < kMinRsaBits || bits > kMaxRsaBits) return Refused(absl::StrCat("has ", bits, " bits, not 2048 to 8192"));
  if (!BN_is_odd(exponent.get()) || BN_is_one(exponent.get())) return Refused("e must be odd and above 1");
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
  const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
  EvpKey key = params ? KeyFromParams("RSA", params.get()) : nullptr;
  if (!key) return Refused("isn't an RSA key");
  return key;
}

absl::StatusOr<VerificationKey> ParseMaterial(const nlohmann::json& jwk) {
  const auto* type = TextMember(jwk, "kty");
  if (type == nullptr) return Refused("has no kty");
  if (*type == "OKP") {
    LUMBAR_ASSIGN_OR_RETURN(EvpKey key, ParseEd25519(jwk));
    return VerificationKey{"", Algorithm::kEdDsa, std::move(key)};
  }
  if (*type == "EC") {
    LUMBAR_ASSIGN_OR_RETURN(EvpKey key, ParseP256(jwk));
    return VerificationKey{"", Algorithm::kEs256, std::move(key)};
  }
  if (*type == "RSA") {
    LUMBAR_ASSIGN_OR_RETURN(EvpKey key, ParseRsa(jwk));
    return VerificationKey{"", Algorithm::kRs256, std::move(key)};
  }
  return Refused("kty must be OKP, EC or RSA");
}

absl::Status CheckPurpose(const nlohmann::json& jwk, Algorithm algorithm) {
  if (jwk.contains("alg") && jwk["alg"] != std::string(NameOf(algorithm))) {
    return Refused(absl::StrCat("alg must be ", NameOf(algorithm), " for this type of key"));
  }
  if (jwk.contains("use") && jwk["use"] != "sig") return Refused("use must be sig");
  if (jwk.contains("key_ops") && jwk["key_ops"] != nlohmann::json::array({"verify"})) {
    return Refused("key_ops must be verify alone");
  }
  return absl::OkStatus();
}

// The first of its members that nobody should publish, or null.
const char* PrivateMemberOf(const nlohmann::json& jwk) {
  const auto found = std::find_if(kPrivateMembers.begin(), kPrivateMembers.end(),
                                  [&](const char* member) { return jwk.contains(member); });
  return found == kPrivateMembers.end() ? nullptr : *found;
}

}  // namespace

bool IsForEncryption(const nlohmann::json& jwk) {
  const std::string* const use = jwk.is_object() ? TextMember(jwk, "use") : nullptr;
  return use != nullptr && *use == "enc" && PrivateMemberOf(jwk) == nullptr;
}

absl::StatusOr<VerificationKey> ParseKey(const nlohmann::json& jwk) {
  const ErrorQueueGuard guard;
  if (!jwk.is_object()) return Refused("isn't an object");
  if (const char* member = PrivateMemberOf(jwk)) {
    return Refused(absl::StrCat("holds the private part ", member, "; publish public keys only"));
  }
  const auto* id = TextMember(jwk, "kid");
  if (id == nullptr || id->empty() || id->size() > kMaxKidBytes) return Refused("needs a kid of 1 to 256 bytes");
  LUMBAR_ASSIGN_OR_RETURN(VerificationKey key, ParseMaterial(jwk));
  LUMBAR_RETURN_IF_ERROR(CheckPurpose(jwk, key.algorithm));
  key.id = *id;
  return key;
}

absl::StatusOr<nlohmann::json> FormatKey(Algorithm algorithm, EVP_PKEY* key) {
  const auto type = EVP_PKEY_get_base_id(key);
  std::string point(1 + 2 * kP256Bytes, '\0');
  size_t size = point.size();
  nlohmann::json jwk = {{"alg", std::string(NameOf(algorithm))}, {"use", "sig"}};
  if (algorithm == Algorithm::kEdDsa && type == EVP_PKEY_ED25519 &&
      EVP_PKEY_get_raw_public_key(key, Bytes(point.data()), &size) == 1) {
    jwk.update({{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", Base64UrlEncode(point.substr(0, size))}});
    return jwk;
  }
  if (algorithm == Algorithm::kEs256 && type == EVP_PKEY_EC &&
      EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, Bytes(point.data()), size, &size) == 1) {
    jwk.update({{"kty", "EC"},
                {"crv", "P-256"},
                {"x", Base64UrlEncode(point.substr(1, kP256Bytes))},
                {"y", Base64UrlEncode(point.substr(1 + kP256Bytes))}});
    return jwk;
  }
  return absl::InternalError("the key has no public part that a JWKS can hold");
}

}  // namespace lumbar::auth
