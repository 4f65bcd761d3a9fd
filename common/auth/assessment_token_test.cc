#include "common/auth/assessment_token.h"

#include <gtest/gtest.h>

#include "common/auth/test_issuer.h"
#include "common/auth/testing.h"
#include "common/status/matchers.h"

namespace lumbar::auth {
namespace {

constexpr char kPatient[] = "patients/17";

auto Forged() { return FailsWith(absl::StatusCode::kInvalidArgument, "ASSESSMENT_FORGED"); }

class AssessmentTokenTest : public ::testing::Test {
 protected:
  AssessmentTokenTest() {
    EXPECT_THAT(GenerateKey("triage-1", private_path_, jwks_path_), IsOk());
    file_ = *FollowedKeys::OfFile(jwks_path_, clock_);
    verifier_ = std::make_unique<AssessmentVerifier>(*file_, clock_, absl::Hours(4));
  }

  static AssessmentClaims Good() {
    return {.patient = kPatient,
            .level = "CONSULTATION_24",
            .act_by = absl::FromUnixSeconds(kNow + 86400),
            .findings_sha256 = std::string(64, 'a'),
            .rules_sha256 = std::string(64, 'b'),
            .protocol = "adult-low-back-pain@3",
            .issued_at = absl::FromUnixSeconds(kNow),
            .expires_at = absl::FromUnixSeconds(kNow + 86400)};
  }
  Signer OpenSigner() const { return *Signer::Open(private_path_, "triage-1"); }
  std::string Sign(const AssessmentClaims& claims) const { return *AssessmentSigner(OpenSigner()).Sign(claims); }

  const std::string private_path_ = TemporaryPath("triage.pem");
  const std::string jwks_path_ = TemporaryPath("triage.json");
  FakeClock clock_{absl::FromUnixSeconds(kNow)};
  std::unique_ptr<FollowedKeys> file_;
  std::unique_ptr<AssessmentVerifier> verifier_;
};

TEST_F(AssessmentTokenTest, TellsWhatTriageFound) {
  for (const char* level : {"EMERGENCY_AMBULANCE", "EMERGENCY", "CONSULTATION_24", "CONSULTATION", "SELF_CARE"}) {
    auto claims = Good();
    claims.level = level;
    EXPECT_THAT(verifier_->Verify(Sign(claims), kPatient), IsOkAndHolds(claims));
  }
}

TEST_F(AssessmentTokenTest, IsForgedAfterAnyChange) {
  const std::string token = Sign(Good());
  for (size_t i = 0; i < token.size(); ++i) {
    std::string mutant = token;
    mutant[i] = static_cast<char>(mutant[i] ^ 1);
    EXPECT_THAT(verifier_->Verify(mutant, kPatient), Forged()) << i;
  }
  EXPECT_THAT(verifier_->Verify("", kPatient), Forged());
}

TEST_F(AssessmentTokenTest, IsForgedIfAnotherKeySignedIt) {
  const std::string other = TemporaryPath("other.pem");
  ASSERT_THAT(GenerateKey("triage-1", other, TemporaryPath("other.json")), IsOk());
  ASSERT_OK_AND_ASSIGN(const std::string token, AssessmentSigner(*Signer::Open(other, "triage-1")).Sign(Good()));
  EXPECT_THAT(verifier_->Verify(token, kPatient), Forged());
}

TEST_F(AssessmentTokenTest, IsNoOtherKindOfToken) {
  const nlohmann::json claims = {{"iss", "lumbar-triage"}, {"aud", "lumbar-booking"}, {"sub", kPatient},
                                 {"level", "SELF_CARE"},   {"act_by", kNow},          {"findings_sha256", "a"},
                                 {"rules_sha256", "b"},    {"protocol", "c"},         {"iat", kNow},
                                 {"exp", kNow + 60}};
  const auto verify = [&](const char* type, const char* name, const nlohmann::json& value) {
    auto changed = claims;
    changed[name] = value;
    if (value.is_null()) changed.erase(name);
    return verifier_->Verify(*OpenSigner().Sign(type, changed), kPatient);
  };
  EXPECT_THAT(verify("assessment+jwt", "protocol", "c"), IsOk());
  EXPECT_THAT(verify("JWT", "protocol", "c"), Forged());
  EXPECT_THAT(verify("assessment+jwt", "iss", "id"), Forged());
  EXPECT_THAT(verify("assessment+jwt", "aud", "lumbar"), Forged());
  EXPECT_THAT(verify("assessment+jwt", "level", "LOW"), Forged());
  EXPECT_THAT(verify("assessment+jwt", "iat", kNow + 3600), Forged());
  for (const char* name : {"sub", "level", "act_by", "findings_sha256", "rules_sha256", "protocol", "iat", "exp"}) {
    EXPECT_THAT(verify("assessment+jwt", name, nullptr), Forged()) << name;
  }
  EXPECT_THAT(verify("assessment+jwt", "act_by", 18446744073709551615u), Forged());
  EXPECT_THAT(verify("assessment+jwt", "act_by", "now"), Forged());
}

TEST_F(AssessmentTokenTest, Expires) {
  auto claims = Good();
  claims.expires_at = claims.issued_at + absl::Minutes(30);
  clock_.Advance(absl::Minutes(31));
  EXPECT_THAT(verifier_->Verify(Sign(claims), kPatient),
              FailsWith(absl::StatusCode::kFailedPrecondition, "ASSESSMENT_EXPIRED"));
}

TEST_F(AssessmentTokenTest, GetsTooOldWhateverItSays) {
  const std::string token = Sign(Good());
  clock_.Advance(absl::Hours(4));
  EXPECT_THAT(verifier_->Verify(token, kPatient), IsOk());
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(verifier_->Verify(token, kPatient),
              FailsWith(absl::StatusCode::kFailedPrecondition, "ASSESSMENT_TOO_OLD"));
}

TEST_F(AssessmentTokenTest, IsOfOnePatient) {
  EXPECT_THAT(verifier_->Verify(Sign(Good()), "patients/18"),
              FailsWith(absl::StatusCode::kFailedPrecondition, "ASSESSMENT_OTHER_PATIENT"));
}

TEST_F(AssessmentTokenTest, IsNotSignedIncomplete) {
  const auto refuses = [&](auto change) {
    auto claims = Good();
    change(claims);
    EXPECT_THAT(AssessmentSigner(OpenSigner()).Sign(claims),
                FailsWith(absl::StatusCode::kInvalidArgument, "CLAIMS_REFUSED"));
  };
  refuses([](auto& claims) { claims.patient = ""; });
  refuses([](auto& claims) { claims.level = "LOW"; });
  refuses([](auto& claims) { claims.act_by = absl::InfiniteFuture(); });
  refuses([](auto& claims) { claims.rules_sha256 = ""; });
  refuses([](auto& claims) { claims.expires_at = absl::Time(); });
}

}  // namespace
}  // namespace lumbar::auth
