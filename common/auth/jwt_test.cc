#include "common/auth/jwt.h"

#include <gtest/gtest.h>
#include <openssl/hmac.h>

#include <random>

#include "common/auth/encoding.h"
#include "common/auth/test_issuer.h"
#include "common/auth/testing.h"
#include "common/status/matchers.h"

namespace lumbar::auth {
namespace {

class JwtTest : public ::testing::TestWithParam<Algorithm> {
 protected:
  static nlohmann::json GoodClaims() {
    return {{"iss", "https://id.example"}, {"aud", "lumbar"},  {"sub", "patients/17"}, {"iat", kNow},
            {"exp", kNow + 3600},          {"role", "patient"}};
  }
  static nlohmann::json With(const char* name, nlohmann::json value) {
    auto claims = GoodClaims();
    claims[name] = std::move(value);
    return claims;
  }
  static nlohmann::json Without(const char* name) {
    auto claims = GoodClaims();
    claims.erase(name);
    return claims;
  }

  absl::StatusOr<Claims> VerifyToken(absl::string_view token) const {
    return Verify(token, *keys_, expected_, absl::FromUnixSeconds(kNow));
  }
  absl::StatusOr<Claims> VerifyClaims(const nlohmann::json& claims) const { return VerifyToken(issuer_.Sign(claims)); }
  absl::StatusOr<Claims> VerifyHeader(const nlohmann::json& header) const {
    return VerifyToken(issuer_.SignTexts(header.dump(), GoodClaims().dump()));
  }
  absl::StatusOr<Claims> VerifyTexts(absl::string_view header, absl::string_view payload) const {
    return VerifyToken(issuer_.SignTexts(header, payload));
  }

  const TestIssuer issuer_{GetParam()};
  const absl::StatusOr<KeySet> keys_ = KeySet::Parse(JwksOf({issuer_.Jwk()}));
  Expectations expected_{"https://id.example", "lumbar", ""};
};

INSTANTIATE_TEST_SUITE_P(Algorithms, JwtTest,
                         ::testing::Values(Algorithm::kEdDsa, Algorithm::kEs256, Algorithm::kRs256),
                         [](const auto& algorithm) { return std::string(NameOf(algorithm.param)); });

TEST_P(JwtTest, AcceptsAGoodToken) {
  ASSERT_OK_AND_ASSIGN(const Claims claims, VerifyClaims(GoodClaims()));
  EXPECT_EQ(claims.subject, "patients/17");
  EXPECT_EQ(claims.issuer, "https://id.example");
  EXPECT_EQ(claims.expires, absl::FromUnixSeconds(kNow + 3600));
  EXPECT_EQ(claims.payload["role"], "patient");
  EXPECT_THAT(VerifyClaims(With("aud", {"other", "lumbar"})), IsOk());
}

TEST_P(JwtTest, RefusesEveryChangeOfOneCharacter) {
  const std::string token = issuer_.Sign(GoodClaims());
  ASSERT_THAT(VerifyToken(token), IsOk());
  for (size_t i = 0; i < token.size(); ++i) {
    for (const char replacement : {'A', 'B', 'g', '_', '.', '=', '+', '\0', ' '}) {
      std::string mutant = token;
      mutant[i] = replacement;
      EXPECT_EQ(VerifyToken(mutant).ok(), mutant == token) << i << " " << replacement;
    }
    // The neighbour in the alphabet differs in the last bits alone, which a lax decoder drops.
    std::string mutant = token;
    mutant[i] = static_cast<char>(mutant[i] ^ 1);
    EXPECT_FALSE(VerifyToken(mutant).ok()) << i;
    EXPECT_FALSE(VerifyToken(token.substr(0, i)).ok()) << i;
    EXPECT_FALSE(VerifyToken(absl::StrCat(token.substr(0, i), "A", token.substr(i))).ok()) << i;
    EXPECT_FALSE(VerifyToken(absl::StrCat(token.substr(0, i), token.substr(i + 1))).ok()) << i;
  }
}

TEST_P(JwtTest, RefusesTenThousandMutants) {
  const std::string token = issuer_.Sign(GoodClaims());
  std::mt19937 random(17);
  const auto below = [&](size_t bound) { return std::uniform_int_distribution<size_t>(0, bound - 1)(random); };
  for (int i = 0; i < 10'000; ++i) {
    std::string mutant = token;
    for (size_t changes = 1 + below(4); changes > 0; --changes) {
      const size_t at = below(mutant.size());
      if (below(3) == 0) {
        mutant.erase(at, 1 + below(8));
      } else if (below(2) == 0) {
        mutant.insert(at, 1 + below(8), token[below(token.size())]);
      } else {
        mutant[at] = static_cast<char>(below(256));
      }
      if (mutant.empty()) mutant = ".";
    }
    EXPECT_EQ(VerifyToken(mutant).ok(), mutant == token) << mutant;
  }
}

TEST_P(JwtTest, RefusesATokenWithoutASignature) {
  const std::string payload = Base64UrlEncode(GoodClaims().dump());
  for (const char* algorithm : {"none", "None", "NONE", ""}) {
    const std::string header = Base64UrlEncode(nlohmann::json{{"alg", algorithm}, {"kid", "test-key"}}.dump());
    EXPECT_THAT(VerifyToken(absl::StrCat(header, ".", payload, ".")), Refused("TOKEN_BAD_SIGNATURE"));
  }
  const std::string header = Base64UrlEncode(issuer_.Header().dump());
  EXPECT_THAT(VerifyToken(absl::StrCat(header, ".", payload, ".")), Refused("TOKEN_BAD_SIGNATURE"));
  EXPECT_THAT(VerifyToken(absl::StrCat(header, ".", payload)), Refused("TOKEN_MALFORMED"));
}

TEST_P(JwtTest, RefusesTheAlgorithmOfAnotherTypeOfKey) {
  for (const char* algorithm : {"EdDSA", "ES256", "RS256", "HS256", "PS256", "rs256"}) {
    auto header = issuer_.Header();
    if (header["alg"] == algorithm) continue;
    header["alg"] = algorithm;
    EXPECT_THAT(VerifyHeader(header), Refused("TOKEN_BAD_SIGNATURE")) << algorithm;
  }
}

TEST_P(JwtTest, RefusesAPublicKeyUsedAsASharedSecret) {
  const std::string jwk = issuer_.Jwk().dump();
  const std::string text =
      absl::StrCat(Base64UrlEncode(R"({"alg":"HS256","kid":"test-key"})"), ".", Base64UrlEncode(GoodClaims().dump()));
  std::string mac(32, '\0');
  HMAC(EVP_sha256(), jwk.data(), static_cast<int>(jwk.size()), Bytes(text.data()), text.size(), Bytes(mac.data()),
       nullptr);
  EXPECT_THAT(VerifyToken(absl::StrCat(text, ".", Base64UrlEncode(mac))), Refused("TOKEN_BAD_SIGNATURE"));
}

TEST_P(JwtTest, RefusesOtherKeys) {
  EXPECT_THAT(VerifyToken(TestIssuer(GetParam(), "stranger").Sign(GoodClaims())), Refused("TOKEN_UNKNOWN_KEY"));
  EXPECT_THAT(VerifyToken(TestIssuer(GetParam(), "test-key").Sign(GoodClaims())), Refused("TOKEN_BAD_SIGNATURE"));
}

TEST_P(JwtTest, RefusesHeadersThatBringTheirOwnKey) {
  for (const char* name : {"jku", "x5u", "jwk", "crit"}) {
    auto header = issuer_.Header();
    header[name] = issuer_.Jwk();
    EXPECT_THAT(VerifyHeader(header), Refused("TOKEN_MALFORMED")) << name;
  }
}

TEST_P(JwtTest, RefusesHeadersWithoutKidOrAlg) {
  for (const char* name : {"kid", "alg"}) {
    auto header = issuer_.Header();
    header[name] = 1;
    EXPECT_THAT(VerifyHeader(header), Refused("TOKEN_MALFORMED")) << name;
    header.erase(name);
    EXPECT_THAT(VerifyHeader(header), Refused("TOKEN_MALFORMED")) << name;
  }
}

TEST_P(JwtTest, ChecksTheTypeThatIsExpected) {
  expected_.type = "at+jwt";
  EXPECT_THAT(VerifyHeader(issuer_.Header("AT+JWT")), IsOk());
  EXPECT_THAT(VerifyHeader(issuer_.Header("assessment+jwt")), Refused("TOKEN_MALFORMED"));
  auto header = issuer_.Header();
  header.erase("typ");
  EXPECT_THAT(VerifyHeader(header), Refused("TOKEN_MALFORMED"));
}

TEST_P(JwtTest, RefusesANameUsedTwice) {
  const std::string header = issuer_.Header().dump();
  const std::string payload = GoodClaims().dump();
  EXPECT_THAT(VerifyTexts(absl::StrCat(R"({"kid":"test-key",)", header.substr(1)), payload),
              Refused("TOKEN_MALFORMED"));
  EXPECT_THAT(VerifyTexts(header, absl::StrCat(R"({"sub":"patients/18",)", payload.substr(1))),
              Refused("TOKEN_MALFORMED"));
}

TEST_P(JwtTest, RefusesWhatIsNotThreeStrictParts) {
  const std::string token = issuer_.Sign(GoodClaims());
  for (const std::string& bad : {std::string(""), std::string("."), std::string(".."), std::string("..."), token + ".",
                                 "." + token, token + ".AAAA", token + "=", token + "\n", " " + token}) {
    EXPECT_THAT(VerifyToken(bad), Refused("TOKEN_MALFORMED")) << bad;
  }
  EXPECT_THAT(VerifyTexts(issuer_.Header().dump(), "[]"), Refused("TOKEN_MALFORMED"));
  EXPECT_THAT(VerifyTexts("[]", GoodClaims().dump()), Refused("TOKEN_MALFORMED"));
}

TEST_P(JwtTest, RefusesLongTokens) {
  EXPECT_THAT(VerifyClaims(With("filler", std::string(4000, 'x'))), IsOk());
  EXPECT_THAT(VerifyClaims(With("filler", std::string(8000, 'x'))), Refused("TOKEN_TOO_LARGE"));
  EXPECT_THAT(VerifyToken(std::string(kMaxTokenBytes + 1, '.')), Refused("TOKEN_TOO_LARGE"));
}

TEST_P(JwtTest, RequiresTheIssuer) {
  EXPECT_THAT(VerifyClaims(Without("iss")), Refused("TOKEN_WRONG_ISSUER"));
  EXPECT_THAT(VerifyClaims(With("iss", 1)), Refused("TOKEN_WRONG_ISSUER"));
  EXPECT_THAT(VerifyClaims(With("iss", "https://id.example/")), Refused("TOKEN_WRONG_ISSUER"));
  expected_.issuer = "";
  EXPECT_THAT(VerifyClaims(With("iss", "")), Refused("TOKEN_WRONG_ISSUER"));
}

TEST_P(JwtTest, RequiresTheAudience) {
  EXPECT_THAT(VerifyClaims(Without("aud")), Refused("TOKEN_WRONG_AUDIENCE"));
  for (const nlohmann::json& audience :
       {nlohmann::json("other"), nlohmann::json(""), nlohmann::json(1), nlohmann::json::array(),
        nlohmann::json{"other"}, nlohmann::json{"lumbar", 1}, nlohmann::json{{"lumbar", "lumbar"}}}) {
    EXPECT_THAT(VerifyClaims(With("aud", audience)), Refused("TOKEN_WRONG_AUDIENCE")) << audience;
  }
  expected_.audience = "";
  EXPECT_THAT(VerifyClaims(With("aud", "")), Refused("TOKEN_WRONG_AUDIENCE"));
}

TEST_P(JwtTest, RequiresTheSubject) {
  EXPECT_THAT(VerifyClaims(Without("sub")), Refused("TOKEN_MALFORMED"));
  EXPECT_THAT(VerifyClaims(With("sub", "")), Refused("TOKEN_MALFORMED"));
  EXPECT_THAT(VerifyClaims(With("sub", 17)), Refused("TOKEN_MALFORMED"));
}

TEST_P(JwtTest, RequiresAnExpiryToCome) {
  EXPECT_THAT(VerifyClaims(Without("exp")), Refused("TOKEN_MALFORMED"));
  EXPECT_THAT(VerifyClaims(With("exp", kNow - 59)), IsOk());
  EXPECT_THAT(VerifyClaims(With("exp", kNow - 60)), Refused("TOKEN_EXPIRED"));
  EXPECT_THAT(VerifyClaims(With("exp", 0)), Refused("TOKEN_EXPIRED"));
  for (const nlohmann::json& expiry : {nlohmann::json("1800000000"), nlohmann::json(nullptr), nlohmann::json(-1),
                                       nlohmann::json(1e300), nlohmann::json(true)}) {
    EXPECT_THAT(VerifyClaims(With("exp", expiry)), Refused("TOKEN_MALFORMED")) << expiry;
  }
}

TEST_P(JwtTest, RefusesTokensFromTheFuture) {
  for (const char* name : {"nbf", "iat"}) {
    EXPECT_THAT(VerifyClaims(With(name, kNow + 60)), IsOk()) << name;
    EXPECT_THAT(VerifyClaims(With(name, kNow + 61)), Refused("TOKEN_NOT_YET_VALID")) << name;
    EXPECT_THAT(VerifyClaims(With(name, "soon")), Refused("TOKEN_MALFORMED")) << name;
  }
}

TEST_P(JwtTest, LeavesNoErrorsForTheTlsOfItsThread) {
  ERR_clear_error();
  EXPECT_FALSE(VerifyToken(TestIssuer(GetParam(), "test-key").Sign(GoodClaims())).ok());
  EXPECT_EQ(ERR_peek_error(), 0u);
}

// RFC 8037, appendix A.4: the key and the signature of the standard's own example.
TEST(Signatures, AgreeWithRfc8037) {
  ASSERT_OK_AND_ASSIGN(const KeySet keys, KeySet::Parse(R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a",
      "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})"));
  const auto signature =
      Base64UrlDecode("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
  ASSERT_TRUE(signature.has_value());
  EXPECT_TRUE(SignatureHolds(Algorithm::kEdDsa, keys.Find("a")->key.get(),
                             "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc", *signature));
}

// RFC 7515, appendix A.3.
TEST(Signatures, AgreeWithRfc7515) {
  ASSERT_OK_AND_ASSIGN(const KeySet keys, KeySet::Parse(R"({"keys":[{"kty":"EC","crv":"P-256","kid":"a",
      "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})"));
  const auto signature =
      Base64UrlDecode("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
  ASSERT_TRUE(signature.has_value());
  const absl::string_view text =
      "eyJhbGciOiJFUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  EVP_PKEY* key = keys.Find("a")->key.get();
  EXPECT_TRUE(SignatureHolds(Algorithm::kEs256, key, text, *signature));
  EXPECT_FALSE(SignatureHolds(Algorithm::kEs256, key, text, std::string(64, '\0')));
  EXPECT_FALSE(SignatureHolds(Algorithm::kEs256, key, text, signature->substr(0, 63)));
  EXPECT_FALSE(SignatureHolds(Algorithm::kEs256, key, text, *signature + '\0'));
}

}  // namespace
}  // namespace lumbar::auth
