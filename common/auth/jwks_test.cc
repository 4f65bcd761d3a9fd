#include "common/auth/jwks.h"

#include <gtest/gtest.h>

#include "common/auth/encoding.h"
#include "common/auth/test_issuer.h"
#include "common/status/matchers.h"

namespace lumbar::auth {
namespace {

using ::testing::HasSubstr;

nlohmann::json With(nlohmann::json jwk, const char* member, nlohmann::json value) {
  jwk[member] = std::move(value);
  return jwk;
}

// The message that refuses a set of a good key and `jwk`.
std::string Refusal(const nlohmann::json& jwk) {
  const auto set = KeySet::Parse(JwksOf({TestIssuer(Algorithm::kEdDsa, "good").Jwk(), jwk}));
  EXPECT_THAT(set, FailsWith(absl::StatusCode::kInvalidArgument, "KEY_SET_REFUSED"));
  return std::string(set.status().message());
}

TEST(KeySet, TakesTheAlgorithmFromTheKey) {
  ASSERT_OK_AND_ASSIGN(const KeySet set, KeySet::Parse(JwksOf({TestIssuer(Algorithm::kEdDsa, "a").Jwk(),
                                                               TestIssuer(Algorithm::kEs256, "b").Jwk(),
                                                               TestIssuer(Algorithm::kRs256, "c").Jwk()})));
  EXPECT_EQ(set.size(), 3u);
  EXPECT_EQ(set.Find("a")->algorithm, Algorithm::kEdDsa);
  EXPECT_EQ(set.Find("b")->algorithm, Algorithm::kEs256);
  EXPECT_EQ(set.Find("c")->algorithm, Algorithm::kRs256);
  EXPECT_EQ(set.Find("d"), nullptr);
}

TEST(KeySet, NamesTheKeyAtFault) {
  const auto ed = TestIssuer().Jwk();
  const auto ec = TestIssuer(Algorithm::kEs256).Jwk();
  const auto rsa = TestIssuer(Algorithm::kRs256).Jwk();
  EXPECT_THAT(Refusal(With(ed, "kid", "good")), HasSubstr("key 1 has the kid of an earlier key"));
  EXPECT_THAT(Refusal(With(ed, "kid", nullptr)), HasSubstr("key 1 needs a kid"));
  EXPECT_THAT(Refusal(With(ed, "kid", "")), HasSubstr("key 1 needs a kid"));
  EXPECT_THAT(Refusal("text"), HasSubstr("key 1 isn't an object"));
  EXPECT_THAT(Refusal(With(ed, "kty", "oct")), HasSubstr("key 1 kty"));
  EXPECT_THAT(Refusal(With(ed, "crv", "X25519")), HasSubstr("key 1 must be on the curve Ed25519"));
  EXPECT_THAT(Refusal(With(ed, "x", "AAAA")), HasSubstr("key 1 x must be 32 bytes"));
  EXPECT_THAT(Refusal(With(ed, "x", ed["x"].get<std::string>() + "=")), HasSubstr("key 1 x isn't base64url"));
  EXPECT_THAT(Refusal(With(ed, "alg", "ES256")), HasSubstr("key 1 alg must be EdDSA"));
  EXPECT_THAT(Refusal(With(ed, "use", "any")), HasSubstr("key 1 use"));
  EXPECT_THAT(Refusal(With(ed, "key_ops", {"sign"})), HasSubstr("key 1 key_ops"));
  EXPECT_THAT(Refusal(With(ec, "crv", "P-384")), HasSubstr("key 1 must be on the curve P-256"));
  EXPECT_THAT(Refusal(With(ec, "y", ec["x"])), HasSubstr("key 1 isn't a point"));
  EXPECT_THAT(Refusal(With(rsa, "e", "AQ")), HasSubstr("key 1 e must be odd"));
  EXPECT_THAT(Refusal(With(rsa, "n", Base64UrlEncode(std::string(256, '\xfe')))), HasSubstr("key 1 isn't an RSA key"));
  EXPECT_THAT(Refusal(With(rsa, "alg", "HS256")), HasSubstr("key 1 alg must be RS256"));
  EXPECT_THAT(Refusal(TestIssuer(Algorithm::kRs256, "weak", 1024).Jwk()), HasSubstr("key 1 has 1024 bits"));
  EXPECT_THAT(Refusal(With(rsa, "n", Base64UrlEncode(std::string(1100, '\xff')))), HasSubstr("key 1 is too large"));
}

TEST(KeySet, PassesOverKeysForEncryption) {
  const auto good = TestIssuer(Algorithm::kEs256, "good").Jwk();
  auto other = With(With(TestIssuer(Algorithm::kRs256, "other").Jwk(), "use", "enc"), "alg", "RSA-OAEP");
  ASSERT_OK_AND_ASSIGN(const KeySet set, KeySet::Parse(JwksOf({other, good})));
  EXPECT_EQ(set.size(), 1u);
  EXPECT_EQ(set.Find("other"), nullptr);
  EXPECT_THAT(KeySet::Parse(JwksOf({other})), FailsWith(absl::StatusCode::kInvalidArgument, "KEY_SET_REFUSED"));
  EXPECT_THAT(Refusal(With(other, "d", "AAAA")), HasSubstr("key 1 holds the private part d"));
}

TEST(KeySet, RefusesPrivateParts) {
  for (const char* member : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}) {
    EXPECT_THAT(Refusal(With(TestIssuer().Jwk(), member, "AAAA")), HasSubstr("key 1 holds the private part"));
  }
}

TEST(KeySet, PassesOverMembersItDoesNotKnow) {
  const std::string key = With(TestIssuer().Jwk(), "x5t", "AAAA").dump();
  EXPECT_THAT(KeySet::Parse(absl::StrCat(R"({"a":{},"keys":[)", key, R"(],"z":1})")), IsOk());
}

TEST(KeySet, RefusesWhatIsNotAKeySet) {
  const std::string key = TestIssuer().Jwk().dump();
  for (const std::string& text :
       {std::string(""), std::string("{}"), std::string(R"({"keys":{}})"), std::string(R"({"keys":[]})"),
        absl::StrCat("[", key, "]"), absl::StrCat(R"({"keys":[)", key, R"(],"keys":[]})")}) {
    EXPECT_THAT(KeySet::Parse(text), FailsWith(absl::StatusCode::kInvalidArgument, "KEY_SET_REFUSED")) << text;
  }
}

}  // namespace
}  // namespace lumbar::auth
