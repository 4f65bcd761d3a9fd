// Keys and tokens that the services accept.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/auth/authenticator.h"
#include "common/auth/jwt.h"
#include "common/auth/test_issuer.h"
#include "common/status/matchers.h"
#include "tools/cli/testing.h"

namespace lumbar::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class CredentialsTest : public CommandLineTest {
 protected:
  ExitCode Generate() {
    return RunWith({"keys", "generate", "--kid", "dev", "--private", private_path_, "--jwks", jwks_path_});
  }
  ExitCode Mint(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"token",     "--key",       private_path_, "--kid",  "dev",
                                          "--subject", "patients/17", "--role",      "patient"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunWith(arguments);
  }
  std::string Token() const { return out().substr(0, out().size() - 1); }

  const std::string private_path_ = auth::TemporaryPath("cli-private.pem");
  const std::string jwks_path_ = auth::TemporaryPath("cli-jwks.json");
};

TEST_F(CredentialsTest, PrintsATokenThatTheServicesTake) {
  ASSERT_EQ(Generate(), ExitCode::kOk) << err();
  EXPECT_EQ(out() + err(), "");
  ASSERT_EQ(Mint(), ExitCode::kOk) << err();
  EXPECT_EQ(out().back(), '\n');
  ASSERT_OK_AND_ASSIGN(const auth::KeySet keys, auth::KeySet::Parse(auth::ReadFile(jwks_path_)));
  ASSERT_OK_AND_ASSIGN(const auth::Claims claims,
                       auth::Verify(Token(), keys, {"lumbar-dev", "lumbar", "JWT"}, clock_.Now()));
  EXPECT_EQ(claims.subject, "patients/17");
  EXPECT_EQ(claims.payload.at("role"), "patient");
  EXPECT_EQ(claims.issued_at, clock_.Now());
  EXPECT_EQ(claims.expires, clock_.Now() + absl::Hours(1));
}

TEST_F(CredentialsTest, MintsNoTokenThatTheServicesRefuse) {
  ASSERT_EQ(Generate(), ExitCode::kOk) << err();
  EXPECT_EQ(RunWith({"token", "--key", private_path_, "--kid", "dev", "--subject", "jo", "--role", "patient"}),
            ExitCode::kRefused);
  EXPECT_THAT(err(), ::testing::HasSubstr("patients/<id>"));
}

TEST_F(CredentialsTest, TakesEveryRoleThatTheServicesKnow) {
  ASSERT_EQ(Generate(), ExitCode::kOk) << err();
  ASSERT_OK_AND_ASSIGN(const auto keys, auth::FollowedKeys::OfFile(jwks_path_, clock_));
  auth::Authenticator authenticator(*keys, clock_, {"lumbar-dev", "lumbar", "JWT"});
  for (const std::string role : {"patient", "clinician", "staff", "service", "admin"}) {
    ASSERT_EQ(RunWith({"token", "--key", private_path_, "--kid", "dev", "--subject", role + "s/1", "--role", role}),
              ExitCode::kOk);
    EXPECT_THAT(authenticator.Authenticate("Bearer " + Token()), IsOk()) << role;
  }
}

TEST_F(CredentialsTest, KeepsToTheLifetimeIssuerAndAudienceAsked) {
  ASSERT_EQ(Generate(), ExitCode::kOk) << err();
  ASSERT_EQ(Mint({"--lifetime", "24h", "--issuer", "me", "--audience", "you"}), ExitCode::kOk) << err();
  ASSERT_OK_AND_ASSIGN(const auth::KeySet keys, auth::KeySet::Parse(auth::ReadFile(jwks_path_)));
  ASSERT_OK_AND_ASSIGN(const auth::Claims claims, auth::Verify(Token(), keys, {"me", "you", "JWT"}, clock_.Now()));
  EXPECT_EQ(claims.expires, clock_.Now() + absl::Hours(24));
}

TEST_F(CredentialsTest, RefusesALifetimeOverADayOrNone) {
  ASSERT_EQ(Generate(), ExitCode::kOk) << err();
  for (const std::string lifetime : {"24h1s", "0s", "-1h", "inf", "soon"}) {
    EXPECT_EQ(Mint({"--lifetime=" + lifetime}), ExitCode::kUsage) << lifetime;
    EXPECT_EQ(out(), "");
    EXPECT_THAT(err(), HasSubstr("--lifetime"));
  }
}

TEST_F(CredentialsTest, RefusesARoleThatNoServiceKnows) {
  EXPECT_EQ(RunWith({"token", "--key", "k", "--kid", "dev", "--subject", "x/1", "--role", "root"}), ExitCode::kUsage);
  EXPECT_EQ(out(), "");
  EXPECT_THAT(err(), HasSubstr("--role"));
}

TEST_F(CredentialsTest, OverwritesNoKey) {
  ASSERT_EQ(Generate(), ExitCode::kOk) << err();
  const std::string pem = auth::ReadFile(private_path_);
  EXPECT_EQ(Generate(), ExitCode::kRefused);
  EXPECT_THAT(err(), HasSubstr("[KEY_EXISTS]"));
  EXPECT_EQ(auth::ReadFile(private_path_), pem);
}

TEST_F(CredentialsTest, NamesAKeyFileThatIsMissing) {
  EXPECT_EQ(Mint(), ExitCode::kRefused);
  EXPECT_THAT(err(),
              AllOf(HasSubstr("can't read the private key " + private_path_), HasSubstr("[SIGNING_KEY_REFUSED]")));
}

}  // namespace
}  // namespace lumbar::cli
