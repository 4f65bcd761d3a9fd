#include "services/triage/domain/assessor.h"

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>

#include "common/auth/test_issuer.h"
#include "common/rpc/testing.h"
#include "common/status/matchers.h"
#include "common/time/proto_time.h"
#include "services/triage/domain/protocol_loader.h"
#include "services/triage/domain/testing.h"

namespace lumbar::triage {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kPatient[] = "patients/4821";

class AssessorTest : public ::testing::Test {
 protected:
  AssessorTest() {
    EXPECT_THAT(key_made_, IsOk());
    keys_ = *auth::FollowedKeys::OfFile(jwks_path_, clock_);
    verifier_ = std::make_unique<auth::AssessmentVerifier>(*keys_, clock_, absl::Hours(4));
  }

  Assessor Make(bool with_key = true) const {
    std::optional<Signing> signing;
    if (with_key) {
      signing = Signing{auth::AssessmentSigner(*auth::Signer::Open(private_path_, "assessments")), absl::Hours(1)};
    }
    return {*LoadProtocols(ShippedFolder()), clock_, std::move(signing)};
  }
  static v1::AssessRequest Asking(const Codes& present, bool sign = true) {
    v1::AssessRequest request;
    *request.mutable_presentation() = With(Harmless(), present);
    if (sign) request.set_patient(kPatient);
    request.set_sign(sign);
    return request;
  }
  template <typename Request>
  static rpc::CallContext Call(const Request& request) {
    return rpc::TestContext(options::v1::ROLE_STAFF, "staff/kim", request);
  }
  absl::StatusOr<v1::Assessment> Assess(const v1::AssessRequest& request) {
    v1::AssessResponse response;
    if (auto status = assessor_.Assess(Call(request), request, response); !status.ok()) return status;
    return response.assessment();
  }

  const std::string private_path_ = auth::TemporaryPath("assessment.pem");
  const std::string jwks_path_ = auth::TemporaryPath("assessment.json");
  const absl::Status key_made_ = auth::GenerateKey("assessments", private_path_, jwks_path_);
  FakeClock clock_{kTestTime + absl::Milliseconds(250)};
  std::unique_ptr<auth::FollowedKeys> keys_;
  std::unique_ptr<auth::AssessmentVerifier> verifier_;
  Assessor assessor_ = Make();
};

TEST_F(AssessorTest, SignsWhatItFoundSoThatOthersCanVerify) {
  const auto request = Asking({"fever"});
  ASSERT_OK_AND_ASSIGN(const auto assessment, Assess(request));
  ASSERT_OK_AND_ASSIGN(const auto claims, verifier_->Verify(assessment.signed_assessment(), kPatient));
  EXPECT_EQ(claims.level, "CONSULTATION_24");
  EXPECT_EQ(claims.act_by, kTestTime + absl::Hours(24));
  EXPECT_EQ(claims.rules_sha256, assessment.rules_sha256());
  EXPECT_EQ(claims.findings_sha256, HashOfFindings(request.presentation()));
  EXPECT_EQ(claims.protocol, absl::StrCat("protocols/low-back-pain@", Shipped().definition().version()));
  EXPECT_EQ(claims.expires_at, FromProto(assessment.expire_time()));
  clock_.Advance(absl::Hours(2));
  EXPECT_THAT(verifier_->Verify(assessment.signed_assessment(), kPatient),
              FailsWith(absl::StatusCode::kFailedPrecondition, "ASSESSMENT_EXPIRED"));
}

TEST_F(AssessorTest, SignsEveryLevel) {
  const std::vector<std::pair<Codes, std::string>> cases = {{{"tearing_pain"}, "EMERGENCY_AMBULANCE"},
                                                            {{"saddle_numbness"}, "EMERGENCY"},
                                                            {{"fever"}, "CONSULTATION_24"},
                                                            {{"not_improving"}, "CONSULTATION"},
                                                            {{}, "SELF_CARE"}};
  for (const auto& [present, level] : cases) {
    ASSERT_OK_AND_ASSIGN(const auto assessment, Assess(Asking(present)));
    ASSERT_OK_AND_ASSIGN(const auto claims, verifier_->Verify(assessment.signed_assessment(), kPatient));
    EXPECT_EQ(claims.level, level);
  }
}

TEST_F(AssessorTest, SignsNothingThatNobodyAskedToHaveSigned) {
  ASSERT_OK_AND_ASSIGN(const auto assessment, Assess(Asking({}, /*sign=*/false)));
  EXPECT_THAT(assessment.signed_assessment(), IsEmpty());
  EXPECT_FALSE(assessment.has_expire_time());
  EXPECT_EQ(FromProto(assessment.assess_time()), clock_.Now());
}

TEST_F(AssessorTest, RefusesToSignWithoutAPatientAKeyOrTheDefaultRules) {
  auto request = Asking({});
  request.set_rule_set("article");
  EXPECT_THAT(Assess(request), FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  request.set_rule_set("guideline");
  EXPECT_THAT(Assess(request), IsOk());
  request.clear_patient();
  EXPECT_THAT(Assess(request), FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  auto keyless = Make(/*with_key=*/false);
  v1::AssessResponse response;
  EXPECT_THAT(keyless.Assess(Call(request), Asking({}), response),
              FailsWith(absl::StatusCode::kFailedPrecondition, "SIGNING_UNAVAILABLE"));
}

TEST_F(AssessorTest, AnswersByTheArticleWhenAsked) {
  auto request = Asking({"shooting_leg_pain"}, /*sign=*/false);
  request.set_rule_set("article");
  ASSERT_OK_AND_ASSIGN(const auto article, Assess(request));
  EXPECT_EQ(article.level(), v1::LEVEL_EMERGENCY);
  EXPECT_EQ(article.rule_set(), "article");
  request.clear_rule_set();
  ASSERT_OK_AND_ASSIGN(const auto guideline, Assess(request));
  EXPECT_EQ(guideline.level(), v1::LEVEL_CONSULTATION);
  EXPECT_NE(guideline.rules_sha256(), article.rules_sha256());
}

TEST_F(AssessorTest, GivesAPatientNoOtherRulesThanTheDefault) {
  auto request = Asking({"saddle_numbness"}, /*sign=*/false);
  request.set_rule_set("article");
  const auto patient = rpc::TestContext(options::v1::ROLE_PATIENT, kPatient, request);
  v1::AssessResponse response;
  EXPECT_THAT(assessor_.Assess(patient, request, response),
              FailsWith(absl::StatusCode::kPermissionDenied, "RULE_SET_STAFF_ONLY"));
  request.set_rule_set("guideline");
  EXPECT_THAT(assessor_.Assess(patient, request, response), IsOk());
}

TEST_F(AssessorTest, RefusesWhatItDoesNotKnow) {
  auto request = Asking({}, /*sign=*/false);
  request.set_rule_set("folklore");
  EXPECT_THAT(Assess(request), FailsWith(absl::StatusCode::kNotFound, "RULE_SET_NOT_FOUND"));
  request.set_protocol("protocols/neck");
  EXPECT_THAT(Assess(request), FailsWith(absl::StatusCode::kNotFound, "PROTOCOL_NOT_FOUND"));
  EXPECT_THAT(Assess(Asking({"no_such_finding"})), FailsWith(absl::StatusCode::kInvalidArgument, "UNKNOWN_FINDING"));
}

TEST_F(AssessorTest, NamesEverythingThatIsWrongAtOnce) {
  auto request = Asking({"no_such_finding"}, /*sign=*/false);
  auto* again = request.mutable_presentation()->add_findings();
  again->set_code("fever");
  again->set_presence(v1::PRESENCE_PRESENT);
  *request.mutable_presentation()->mutable_onset_time() = ToProtoTime(clock_.Now() + absl::Hours(1));
  const auto status = Assess(request).status();
  EXPECT_EQ(ReasonOf(status), "UNKNOWN_FINDING");
  const auto text = ToRpcStatus(status).DebugString();
  for (const char* fault : {"is not a question", "already given with another presence", "is a time to come"}) {
    EXPECT_THAT(text, ::testing::HasSubstr(fault));
  }
}

TEST_F(AssessorTest, CountsTheDaysFromTheOnset) {
  auto request = Asking({}, /*sign=*/false);
  auto& presentation = *request.mutable_presentation();
  presentation.clear_duration_days();
  *presentation.mutable_onset_time() = ToProtoTime(clock_.Now() - absl::Hours(24 * 85));
  ASSERT_OK_AND_ASSIGN(const auto assessment, Assess(request));
  EXPECT_EQ(assessment.duration_class(), v1::DURATION_CLASS_CHRONIC);
  presentation.set_duration_days(80);
  EXPECT_THAT(Assess(request), FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD"));
  presentation.set_duration_days(84);
  EXPECT_THAT(Assess(request), IsOk());
}

TEST_F(AssessorTest, ScoresStartBackWithoutChangingTheLevel) {
  auto request = Asking({}, /*sign=*/false);
  for (int i = 0; i < 9; ++i) request.mutable_presentation()->mutable_start_back()->add_items(1);
  ASSERT_OK_AND_ASSIGN(const auto assessment, Assess(request));
  EXPECT_EQ(assessment.start_back().risk(), v1::START_BACK_RISK_HIGH);
  EXPECT_EQ(assessment.level(), v1::LEVEL_SELF_CARE);
}

TEST_F(AssessorTest, AsksTheNextQuestionInThePatientsLanguage) {
  v1::NextQuestionRequest request;
  request.set_language_code("es-US");
  ASSERT_OK_AND_ASSIGN(const auto next, assessor_.NextQuestion(Call(request), request));
  EXPECT_EQ(next.question().id(), "at_once");
  EXPECT_THAT(next.question().text(), ::testing::HasSubstr("Antes que nada"));
  request.mutable_presentation()->add_findings()->set_code("no_such_finding");
  EXPECT_THAT(assessor_.NextQuestion(Call(request), request),
              FailsWith(absl::StatusCode::kInvalidArgument, "UNKNOWN_FINDING"));
}

TEST_F(AssessorTest, ReplaysAStoredAssessmentByteForByteUnderLaterRules) {
  auto asked = Asking({"fever", "runner"});
  asked.set_language_code("es");
  ASSERT_OK_AND_ASSIGN(const auto stored, Assess(asked));
  // Later, the current version has other rules, and the old one lies in the archive.
  auto protocols = *LoadProtocols(ShippedFolder());
  protocols.insert(protocols.begin(), protocols[0]);
  protocols[0].set_version("later");
  protocols[0].mutable_rule_sets(0)->mutable_rules()->DeleteSubrange(0, 1);
  Assessor later(protocols, clock_, std::nullopt);
  clock_.Advance(absl::Hours(24 * 365));
  v1::ReplayAssessmentRequest request;
  *request.mutable_presentation() = asked.presentation();
  *request.mutable_assessment() = stored;
  ASSERT_OK_AND_ASSIGN(auto replay, later.ReplayAssessment(Call(request), request));
  EXPECT_TRUE(replay.identical());
  EXPECT_THAT(replay.assessment().signed_assessment(), IsEmpty());
  *request.mutable_presentation() = With(asked.presentation(), {"saddle_numbness"});
  ASSERT_OK_AND_ASSIGN(replay, later.ReplayAssessment(Call(request), request));
  EXPECT_FALSE(replay.identical());
  request.mutable_assessment()->set_rules_sha256(std::string(64, '0'));
  EXPECT_THAT(later.ReplayAssessment(Call(request), request),
              FailsWith(absl::StatusCode::kNotFound, "RULES_NOT_FOUND"));
}

TEST_F(AssessorTest, GivesTheWholeProtocolByName) {
  v1::GetProtocolRequest request;
  request.set_name("protocols/low-back-pain");
  ASSERT_OK_AND_ASSIGN(const auto response, assessor_.GetProtocol(Call(request), request));
  EXPECT_EQ(response.protocol().SerializeAsString(), Shipped().definition().SerializeAsString());
  request.set_name("protocols/neck");
  EXPECT_THAT(assessor_.GetProtocol(Call(request), request),
              FailsWith(absl::StatusCode::kNotFound, "PROTOCOL_NOT_FOUND"));
}

TEST_F(AssessorTest, ListsProtocolsPageByPage) {
  auto protocols = *LoadProtocols(ShippedFolder());
  protocols.push_back(protocols[0]);
  protocols[1].set_name("protocols/another");
  Assessor assessor(protocols, clock_, std::nullopt);
  v1::ListProtocolsRequest request;
  request.set_page_size(1);
  ASSERT_OK_AND_ASSIGN(auto page, assessor.ListProtocols(Call(request), request));
  ASSERT_THAT(page.protocols(), SizeIs(1));
  EXPECT_EQ(page.protocols(0).name(), "protocols/another");
  EXPECT_THAT(page.protocols(0).rule_sets(), IsEmpty());
  request.set_page_token(page.next_page_token());
  ASSERT_OK_AND_ASSIGN(page, assessor.ListProtocols(Call(request), request));
  EXPECT_EQ(page.protocols(0).name(), "protocols/low-back-pain");
  EXPECT_THAT(page.next_page_token(), IsEmpty());
  request.set_page_token("made up");
  EXPECT_THAT(assessor.ListProtocols(Call(request), request),
              FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_PAGE_TOKEN"));
}

TEST(HashOfFindingsTest, DependsOnWhatIsKnownAndNotOnHowItIsSaid) {
  const auto before = HashOfFindings(With(With(Nothing(), {"fever"}), {"foot_drop"}, v1::PRESENCE_ABSENT));
  EXPECT_EQ(HashOfFindings(With(With(Nothing(), {"foot_drop"}, v1::PRESENCE_ABSENT), {"fever"})), before);
  EXPECT_EQ(HashOfFindings(With(With(With(Nothing(), {"fever"}), {"foot_drop"}, v1::PRESENCE_ABSENT), {"collapse"},
                                v1::PRESENCE_UNKNOWN)),
            before);
  EXPECT_NE(HashOfFindings(With(Nothing(), {"fever", "foot_drop"})), before);
  auto older = With(With(Nothing(), {"fever"}), {"foot_drop"}, v1::PRESENCE_ABSENT);
  older.set_age_years(0);
  EXPECT_NE(HashOfFindings(older), before);
}

}  // namespace
}  // namespace lumbar::triage
