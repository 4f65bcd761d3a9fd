// What those who follow a consult are told.
#include "services/gateway/consult/domain/consult_watch.h"

#include "common/rpc/change_stream.h"
#include "common/store/resource_name.h"
#include "services/gateway/consult/testing/consult_desk_fixture.h"

namespace lumbar::gateway {
namespace {

namespace v1 = consult::v1;
using absl::StatusCode;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ConsultWatchTest : public ConsultDeskTest {
 protected:
  using Source = absl::StatusOr<std::unique_ptr<rpc::StreamSource>>;

  Source Open(const std::string& name, const std::string& token = "", const std::string& subject = "patients/17",
              options::v1::Role role = options::v1::ROLE_PATIENT) {
    v1::WatchConsultRequest request;
    request.set_name(name);
    request.set_resume_token(token);
    return watch_.WatchConsult(rpc::TestContext(role, subject, request), request);
  }
  // The states that the stream has now; the last token and consult are kept.
  std::vector<v1::ConsultState> Drain(rpc::StreamSource& source) {
    std::vector<v1::ConsultState> found;
    v1::WatchConsultResponse response;
    while (true) {
      const auto next = source.Next(response);
      EXPECT_THAT(next, IsOk());
      if (!next.ok() || !*next) return found;
      token_ = response.resume_token();
      if (!response.has_consult()) continue;
      last_ = response.consult();
      found.push_back(last_.state());
    }
  }

  ConsultWatch watch_{cases_, grants_, desk_, clock_};
  std::string token_;
  v1::Consult last_;
};

TEST_P(ConsultWatchTest, TellsHowTheConsultStandsAndThenEachChange) {
  ASSERT_OK_AND_ASSIGN(const auto offered, Request());
  clock_.Advance(absl::Hours(1));
  ASSERT_OK_AND_ASSIGN(const auto source, Open(offered.name()));
  EXPECT_THAT(Drain(*source), ElementsAre(v1::CONSULT_STATE_OFFERED));
  EXPECT_EQ(last_.SerializeAsString(), Get(offered.name())->SerializeAsString());
  EXPECT_THAT(Drain(*source), IsEmpty());
  ASSERT_THAT(Choose(offered), IsOk());
  EXPECT_THAT(Drain(*source), ElementsAre(v1::CONSULT_STATE_BOOKED));
  clock_.Advance(absl::Minutes(1));
  ASSERT_THAT(Cancel(offered.name()), IsOk());
  EXPECT_THAT(Drain(*source), ElementsAre(v1::CONSULT_STATE_CANCELLED));
  clock_.Advance(absl::Minutes(1));
  EXPECT_THAT(Drain(*source), IsEmpty()) << "and goes on";
}

TEST_P(ConsultWatchTest, TellsOfAnEmergencyThatNothingEverMoves) {
  triage_.assessment.set_level(triage::v1::LEVEL_EMERGENCY);
  ASSERT_OK_AND_ASSIGN(const auto emergency, Request());
  ASSERT_OK_AND_ASSIGN(const auto source, Open(emergency.name()));
  EXPECT_THAT(Drain(*source), ElementsAre(v1::CONSULT_STATE_EMERGENCY));
}

TEST_P(ConsultWatchTest, TellsNothingWhereAResumerMerelyTriesAgain) {
  booking_.search = absl::UnavailableError("down");
  ASSERT_OK_AND_ASSIGN(const auto consult, Request());
  ASSERT_OK_AND_ASSIGN(const auto source, Open(consult.name()));
  EXPECT_THAT(Drain(*source), ElementsAre(v1::CONSULT_STATE_TRIAGED));
  Resume();
  EXPECT_THAT(Drain(*source), IsEmpty());
  booking_.search = absl::OkStatus();
  clock_.Advance(absl::Minutes(1));
  EXPECT_THAT(saga_.ResumeUnfinished(10), IsOkAndHolds(1));
  EXPECT_THAT(Drain(*source), ElementsAre(v1::CONSULT_STATE_OFFERED));
}

TEST_P(ConsultWatchTest, GoesOnWhereATokenSays) {
  ASSERT_OK_AND_ASSIGN(const auto offered, Request());
  ASSERT_OK_AND_ASSIGN(const auto other, Request(store::NewUuid()));
  ASSERT_OK_AND_ASSIGN(auto source, Open(offered.name()));
  Drain(*source);
  clock_.Advance(rpc::kChangesSettle + absl::Seconds(1));
  EXPECT_THAT(Drain(*source), IsEmpty()) << "a heartbeat, with a later token";
  ASSERT_OK_AND_ASSIGN(source, Open(offered.name(), token_));
  EXPECT_THAT(Drain(*source), IsEmpty()) << "it was told before";
  ASSERT_THAT(Choose(offered), IsOk());
  ASSERT_OK_AND_ASSIGN(source, Open(offered.name(), token_));
  EXPECT_THAT(Drain(*source), ElementsAre(v1::CONSULT_STATE_BOOKED)) << "it came while nobody watched";
  const auto refused = Open(other.name(), token_);
  EXPECT_THAT(refused, FailsWith(StatusCode::kInvalidArgument, "INVALID_PAGE_TOKEN"));
  EXPECT_THAT(refused.status().message(), HasSubstr("the resume token"));
}

TEST_P(ConsultWatchTest, IsForThePatientAndForWhoeverHasAPartInIt) {
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  EXPECT_THAT(Open(booked.name(), "", "patients/18"), FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  EXPECT_THAT(Open(booked.name(), "", "clinicians/omar", options::v1::ROLE_CLINICIAN),
              FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  EXPECT_THAT(Open("consults/none"), FailsWith(StatusCode::kNotFound, "CONSULT_NOT_FOUND"));
  ASSERT_OK_AND_ASSIGN(const auto source, Open(booked.name()));
  Drain(*source);
  EXPECT_THAT(last_.routing_notes(), IsEmpty()) << "as the patient sees it";
}

TEST_P(ConsultWatchTest, EndsForAClinicianWhoHasNoPartInItAnyMore) {
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  ASSERT_OK_AND_ASSIGN(const auto source, Open(booked.name(), "", "clinicians/maya", options::v1::ROLE_CLINICIAN));
  EXPECT_THAT(Drain(*source), ElementsAre(v1::CONSULT_STATE_BOOKED));
  clock_.Advance(absl::Seconds(1));
  ASSERT_THAT(Decline(booked.name()), IsOk());
  v1::WatchConsultResponse response;
  EXPECT_THAT(source->Next(response), FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  EXPECT_FALSE(response.has_consult());
}

TEST_P(ConsultWatchTest, ShowsAVisitThatWasCalledOffWithoutTheConsult) {
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  booking_.appointment.set_state(booking::v1::APPOINTMENT_STATE_CANCELLED);
  ASSERT_OK_AND_ASSIGN(const auto source, Open(booked.name()));
  EXPECT_THAT(Drain(*source), ElementsAre(v1::CONSULT_STATE_CANCELLED));
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, ConsultWatchTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::gateway
