#include "common/auth/authenticator.h"

#include <gtest/gtest.h>

#include "common/auth/test_issuer.h"
#include "common/auth/testing.h"
#include "common/status/matchers.h"

namespace lumbar::auth {
namespace {

class AuthenticatorTest : public ::testing::Test {
 protected:
  AuthenticatorTest() {
    WriteFile(path_, JwksOf({issuer_.Jwk()}));
    file_ = *FollowedKeys::OfFile(path_, clock_);
    authenticator_ = std::make_unique<Authenticator>(*file_, clock_, Expectations{"id", "lumbar"}, 320);
  }

  std::string Header(const nlohmann::json& role, int64_t lifetime = 3600, const std::string& subject = "patients/17") {
    return absl::StrCat("Bearer ", issuer_.Sign({{"iss", "id"},
                                                 {"aud", "lumbar"},
                                                 {"sub", subject},
                                                 {"role", role},
                                                 {"iat", kNow},
                                                 {"exp", kNow + lifetime}}));
  }

  const TestIssuer issuer_;
  const std::string path_ = TemporaryPath("jwks.json");
  FakeClock clock_{absl::FromUnixSeconds(kNow)};
  std::unique_ptr<FollowedKeys> file_;
  std::unique_ptr<Authenticator> authenticator_;
};

TEST_F(AuthenticatorTest, KnowsTheCaller) {
  const std::pair<const char*, options::v1::Role> roles[] = {{"patient", options::v1::ROLE_PATIENT},
                                                             {"clinician", options::v1::ROLE_CLINICIAN},
                                                             {"staff", options::v1::ROLE_STAFF},
                                                             {"service", options::v1::ROLE_SERVICE},
                                                             {"admin", options::v1::ROLE_ADMIN}};
  for (const auto& [name, role] : roles) {
    for (int again = 0; again < 2; ++again) {
      const std::string subject = role == options::v1::ROLE_CLINICIAN ? "clinicians/maya-chen" : "patients/17";
      ASSERT_OK_AND_ASSIGN(const Caller caller, authenticator_->Authenticate(Header(name, 3600, subject)));
      EXPECT_EQ(caller.subject, subject);
      EXPECT_EQ(caller.role, role);
    }
  }
}

TEST_F(AuthenticatorTest, RefusesOtherRoles) {
  for (const nlohmann::json& role : {nlohmann::json("anyone"), nlohmann::json(""), nlohmann::json("Patient"),
                                     nlohmann::json(nullptr), nlohmann::json{"patient"}, nlohmann::json(1)}) {
    EXPECT_THAT(authenticator_->Authenticate(Header(role)), Refused("TOKEN_UNKNOWN_ROLE")) << role;
  }
  EXPECT_EQ(authenticator_->remembered(), 0u);
}

// Whose consults would they be?
TEST_F(AuthenticatorTest, RefusesAPatientOrAClinicianWithoutTheirName) {
  for (const char* subject : {"17", "auth0|17", "patients/", "patients/a/b", "patients/a b", "clinicians/17"}) {
    EXPECT_THAT(authenticator_->Authenticate(Header("patient", 3600, subject)), Refused("TOKEN_SUBJECT")) << subject;
  }
  EXPECT_THAT(authenticator_->Authenticate(Header("patient", 3600, "patients/" + std::string(64, 'a'))),
              Refused("TOKEN_SUBJECT"));
  EXPECT_THAT(authenticator_->Authenticate(Header("clinician", 3600, "patients/17")), Refused("TOKEN_SUBJECT"));
  EXPECT_THAT(authenticator_->Authenticate(Header("staff", 3600, "auth0|17")), IsOk()) << "owns nothing by its name";
}

TEST_F(AuthenticatorTest, NeedsABearerToken) {
  const std::string header = Header("patient");
  EXPECT_THAT(authenticator_->Authenticate(""), Refused("TOKEN_MISSING"));
  EXPECT_THAT(authenticator_->Authenticate("Basic YTpi"), Refused("TOKEN_MALFORMED"));
  EXPECT_THAT(authenticator_->Authenticate("Bearer"), Refused("TOKEN_MALFORMED"));
  EXPECT_THAT(authenticator_->Authenticate("Bearer "), Refused("TOKEN_MALFORMED"));
  EXPECT_THAT(authenticator_->Authenticate(header.substr(7)), Refused("TOKEN_MALFORMED"));
  EXPECT_THAT(authenticator_->Authenticate(absl::StrCat("Bearer ", std::string(9000, 'x'))),
              Refused("TOKEN_TOO_LARGE"));
  EXPECT_THAT(authenticator_->Authenticate(absl::StrCat("bearer ", header.substr(7))), IsOk());
}

TEST_F(AuthenticatorTest, RemembersNoTokenPastItsExpiry) {
  const std::string header = Header("patient", 100);
  EXPECT_THAT(authenticator_->Authenticate(header), IsOk());
  EXPECT_EQ(authenticator_->remembered(), 1u);
  clock_.Advance(absl::Seconds(99));
  EXPECT_THAT(authenticator_->Authenticate(header), IsOk());
  EXPECT_EQ(authenticator_->remembered(), 1u);
  // Within the leeway for clocks it is verified anew each time.
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(authenticator_->Authenticate(header), IsOk());
  EXPECT_EQ(authenticator_->remembered(), 0u);
  clock_.Advance(absl::Seconds(60));
  EXPECT_THAT(authenticator_->Authenticate(header), Refused("TOKEN_EXPIRED"));
}

TEST_F(AuthenticatorTest, ForgetsARememberedTokenAtOnceWhenTimeLeaps) {
  const std::string header = Header("patient", 100);
  EXPECT_THAT(authenticator_->Authenticate(header), IsOk());
  clock_.Advance(absl::Seconds(160));
  EXPECT_THAT(authenticator_->Authenticate(header), Refused("TOKEN_EXPIRED"));
  clock_.Set(absl::FromUnixSeconds(kNow));
  EXPECT_THAT(authenticator_->Authenticate(header), IsOk());
  clock_.Advance(-absl::Hours(3));
  EXPECT_THAT(authenticator_->Authenticate(header), Refused("TOKEN_NOT_YET_VALID"));
}

TEST_F(AuthenticatorTest, ForgetsTokensWhoseKeyIsGone) {
  const std::string header = Header("patient");
  EXPECT_THAT(authenticator_->Authenticate(header), IsOk());
  WriteFile(path_, JwksOf({TestIssuer(Algorithm::kEdDsa, "next").Jwk()}));
  clock_.Advance(absl::Seconds(10));
  EXPECT_THAT(file_->Look(), IsOk());
  EXPECT_THAT(authenticator_->Authenticate(header), Refused("TOKEN_UNKNOWN_KEY"));
}

// A source that counts how often it is read, and has a key that nobody shows a token of.
class CountingSource final : public KeySource {
 public:
  explicit CountingSource(int& reads) : reads_(reads) {}
  absl::StatusOr<Answer> Read() override {
    ++reads_;
    return Answer{JwksOf({TestIssuer(Algorithm::kEdDsa, "ours").Jwk()})};
  }
  const std::string& name() const override { return name_; }

 private:
  int& reads_;
  const std::string name_ = "counting";
};

TEST_F(AuthenticatorTest, AsksForNewKeysOncePerIntervalHoweverManyUnknownOnesCome) {
  int reads = 0;
  FollowedKeys keys(std::make_unique<CountingSource>(reads), clock_, {absl::Hours(1), absl::Seconds(10)});
  Authenticator authenticator(keys, clock_, {"id", "lumbar"});
  const std::string unknown = Header("patient");
  EXPECT_THAT(authenticator.Authenticate(unknown), FailsWith(absl::StatusCode::kUnavailable, "KEYS_MISSING"));
  EXPECT_THAT(keys.Look(), IsOk());
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_THAT(authenticator.Authenticate(unknown), Refused("TOKEN_UNKNOWN_KEY"));
    // 500 tokens a second for 20 s.
    if (i % 500 == 499) clock_.Advance(absl::Seconds(1));
    EXPECT_THAT(keys.Look(), IsOk());
  }
  EXPECT_EQ(reads, 1 + 2);
  // Other faults of a token ask for nothing.
  for (int i = 0; i < 60; ++i) {
    EXPECT_THAT(authenticator.Authenticate("Bearer a.b.c"), Refused("TOKEN_MALFORMED"));
    clock_.Advance(absl::Seconds(1));
    EXPECT_THAT(keys.Look(), IsOk());
  }
  EXPECT_EQ(reads, 3);
}

TEST_F(AuthenticatorTest, RemembersABoundedNumber) {
  size_t most = 0;
  for (int i = 0; i < 2000; ++i) {
    EXPECT_THAT(authenticator_->Authenticate(Header("patient", 3600, absl::StrCat("patients/", i))), IsOk());
    most = std::max(most, authenticator_->remembered());
  }
  EXPECT_LE(most, 320u);
  EXPECT_GE(most, 160u);
}

TEST_F(AuthenticatorTest, NeverMixesUpCallersAcrossThreads) {
  std::vector<std::string> headers;
  headers.reserve(40);
  for (int i = 0; i < 40; ++i) headers.push_back(Header("patient", 3600, absl::StrCat("patients/", i)));
  const auto call = [&] {
    for (int round = 0; round < 5; ++round) {
      for (size_t i = 0; i < headers.size(); ++i) {
        const auto caller = authenticator_->Authenticate(headers[i]);
        ASSERT_THAT(caller, IsOk());
        EXPECT_EQ(caller->subject, absl::StrCat("patients/", i));
      }
      clock_.Advance(absl::Seconds(10));
    }
  };
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) threads.emplace_back(call);
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace lumbar::auth
