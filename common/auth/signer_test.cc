#include "common/auth/signer.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include "common/auth/jwk.h"
#include "common/auth/jwt.h"
#include "common/auth/test_issuer.h"
#include "common/status/matchers.h"

namespace lumbar::auth {
namespace {

class SignerTest : public ::testing::Test {
 protected:
  void WritePrivate(EVP_PKEY* key) const {
    const Bio file(BIO_new_file(private_path_.c_str(), "wb"));
    ASSERT_EQ(PEM_write_bio_PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr), 1);
  }

  const std::string private_path_ = TemporaryPath("private.pem");
  const std::string jwks_path_ = TemporaryPath("jwks.json");
  const nlohmann::json claims_ = {{"iss", "a"}, {"aud", "b"}, {"sub", "c"}, {"exp", 1'800'000'000}};
  const absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
};

TEST_F(SignerTest, SignsWhatTheKeySetVerifies) {
  ASSERT_THAT(GenerateKey("k1", private_path_, jwks_path_), IsOk());
  ASSERT_OK_AND_ASSIGN(const Signer signer, Signer::Open(private_path_, "k1"));
  ASSERT_OK_AND_ASSIGN(const std::string token, signer.Sign("x+jwt", claims_));
  ASSERT_OK_AND_ASSIGN(const KeySet keys, KeySet::Parse(ReadFile(jwks_path_)));
  EXPECT_THAT(Verify(token, keys, {"a", "b", "x+jwt"}, now_), IsOk());
}

TEST_F(SignerTest, KeepsThePrivatePartToItsOwner) {
  ASSERT_THAT(GenerateKey("k1", private_path_, jwks_path_), IsOk());
  struct stat found = {};
  ASSERT_EQ(::stat(private_path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
  EXPECT_EQ(ReadFile(jwks_path_).find("\"d\""), std::string::npos);
}

TEST_F(SignerTest, AddsAKeyForRotation) {
  ASSERT_THAT(GenerateKey("k1", private_path_, jwks_path_), IsOk());
  ASSERT_THAT(GenerateKey("k2", private_path_ + "2", jwks_path_), IsOk());
  ASSERT_OK_AND_ASSIGN(const KeySet keys, KeySet::Parse(ReadFile(jwks_path_)));
  for (const auto& [kid, path] : {std::pair("k1", private_path_), std::pair("k2", private_path_ + "2")}) {
    ASSERT_OK_AND_ASSIGN(const Signer signer, Signer::Open(path, kid));
    ASSERT_OK_AND_ASSIGN(const std::string token, signer.Sign("JWT", claims_));
    EXPECT_THAT(Verify(token, keys, {"a", "b"}, now_), IsOk());
  }
}

TEST_F(SignerTest, TakesAKeySetThatCantBeReadForNoneThatIsMissing) {
  EXPECT_THAT(GenerateKey("k1", private_path_, ::testing::TempDir()),
              FailsWith(absl::StatusCode::kNotFound, "KEY_FILE_UNREADABLE"));
  EXPECT_EQ(ReadFile(private_path_), "");
}

TEST_F(SignerTest, OverwritesNothing) {
  ASSERT_THAT(GenerateKey("k1", private_path_, jwks_path_), IsOk());
  const std::string pem = ReadFile(private_path_);
  const std::string jwks = ReadFile(jwks_path_);
  EXPECT_THAT(GenerateKey("k1", private_path_ + "2", jwks_path_),
              FailsWith(absl::StatusCode::kAlreadyExists, "KEY_EXISTS"));
  EXPECT_THAT(GenerateKey("k2", private_path_, jwks_path_), FailsWith(absl::StatusCode::kAlreadyExists, "KEY_EXISTS"));
  EXPECT_THAT(GenerateKey("\xff", private_path_ + "3", jwks_path_), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(ReadFile(private_path_), pem);
  EXPECT_EQ(ReadFile(jwks_path_), jwks);
  EXPECT_EQ(ReadFile(private_path_ + "2"), "");
  WriteFile(jwks_path_, "garbage");
  EXPECT_THAT(GenerateKey("k3", private_path_ + "3", jwks_path_),
              FailsWith(absl::StatusCode::kInvalidArgument, "KEY_SET_REFUSED"));
}

TEST_F(SignerTest, LeavesNoPrivateKeyThatNobodyCanVerify) {
  EXPECT_THAT(GenerateKey("k1", private_path_, "/nonexistent/jwks.json"),
              FailsWith(absl::StatusCode::kUnavailable, "KEY_NOT_WRITTEN"));
  EXPECT_NE(::access(private_path_.c_str(), F_OK), 0);
}

TEST_F(SignerTest, RefusesKeysItCannotSignWith) {
  WriteFile(private_path_, "garbage");
  EXPECT_THAT(Signer::Open(private_path_, "k1"), FailsWith(absl::StatusCode::kInvalidArgument, "SIGNING_KEY_REFUSED"));
  EXPECT_THAT(Signer::Open("/nonexistent", "k1"), FailsWith(absl::StatusCode::kInvalidArgument, "SIGNING_KEY_REFUSED"));
}

TEST_F(SignerTest, SignsWithAnEd25519KeyToo) {
  const EvpKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  WritePrivate(key.get());
  ASSERT_OK_AND_ASSIGN(const Signer signer, Signer::Open(private_path_, "k1"));
  ASSERT_OK_AND_ASSIGN(const std::string token, signer.Sign("JWT", claims_));
  ASSERT_OK_AND_ASSIGN(nlohmann::json jwk, FormatKey(Algorithm::kEdDsa, key.get()));
  jwk["kid"] = "k1";
  ASSERT_OK_AND_ASSIGN(const KeySet keys, KeySet::Parse(JwksOf({jwk})));
  EXPECT_THAT(Verify(token, keys, {"a", "b"}, now_), IsOk());
}

TEST_F(SignerTest, RefusesKeysOfOtherKinds) {
  for (const char* curve : {"P-384", "secp256k1"}) {
    WritePrivate(EvpKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve)).get());
    EXPECT_THAT(Signer::Open(private_path_, "k1"), FailsWith(absl::StatusCode::kInvalidArgument, "SIGNING_KEY_REFUSED"))
        << curve;
  }
}

TEST_F(SignerTest, RefusesClaimsNoVerifierTakes) {
  ASSERT_THAT(GenerateKey("k1", private_path_, jwks_path_), IsOk());
  ASSERT_OK_AND_ASSIGN(const Signer signer, Signer::Open(private_path_, "k1"));
  for (const nlohmann::json& claims :
       {nlohmann::json("text"), nlohmann::json{{"a", "\xff"}}, nlohmann::json{{"a", std::string(8000, 'x')}}}) {
    EXPECT_THAT(signer.Sign("JWT", claims), FailsWith(absl::StatusCode::kInvalidArgument, "CLAIMS_REFUSED"));
  }
}

}  // namespace
}  // namespace lumbar::auth
