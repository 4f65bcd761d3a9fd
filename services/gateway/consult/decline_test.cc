// What becomes of a consult whose clinician can't have the visit, whatever booking was doing with it.
#include "common/status/errors.h"
#include "common/store/resource_name.h"
#include "services/gateway/consult/testing/consult_desk_fixture.h"

namespace lumbar::gateway {
namespace {

namespace v1 = consult::v1;
using absl::StatusCode;
using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Property;
using testing::SizeIs;

class DeclineTest : public ConsultDeskTest {
 protected:
  // Chosen, and nobody knows whether it is booked.
  absl::StatusOr<v1::Consult> Held() {
    booking_.confirm = absl::UnavailableError("cut off");
    auto held = Booked();
    booking_.confirm = absl::OkStatus();
    return held;
  }
  // Booked with Maya, who declines; Omar's time is the first now.
  absl::StatusOr<v1::Consult> Declined() {
    auto booked = BookedAsBookingHasIt();
    if (!booked.ok()) return booked;
    booking_.slots.erase(booking_.slots.begin(), booking_.slots.end() - 1);
    if (auto declined = Decline(booked->name()); !declined.ok()) return declined;
    return Stored(booked->name());
  }
};

TEST_P(DeclineTest, RoutesAgainWithoutTheClinicianAndKeepsThePatientsPlace) {
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  clock_.Advance(absl::Hours(1));
  ASSERT_OK_AND_ASSIGN(const auto answer, Decline(booked.name()));
  EXPECT_EQ(answer.state(), v1::CONSULT_STATE_OFFERED);
  const v1::Consult offered = Stored(booked.name());
  EXPECT_THAT(offered.offers(), AllOf(SizeIs(1), Each(Property(&booking::v1::Slot::clinician, "clinicians/omar"))));
  EXPECT_EQ(offered.assessment().act_by_time().seconds(), booked.assessment().act_by_time().seconds());
  EXPECT_EQ(offered.create_time().seconds(), booked.create_time().seconds());
  EXPECT_FALSE(offered.has_chosen_slot());
  EXPECT_THAT(offered.appointment(), IsEmpty());
  EXPECT_EQ(offered.routing_notes(0).clinician(), "clinicians/maya");
  EXPECT_EQ(offered.routing_notes(0).reason(), "DECLINED");
  EXPECT_EQ(offered.declines(0).reason(), "on leave");
  EXPECT_THAT(offered.guidance(), AllOf(HasSubstr("can't see you"), HasSubstr("choose one of the times")));
}

TEST_P(DeclineTest, CallsTheVisitOffForThePracticeAndAsItWasDeclined) {
  ASSERT_THAT(Declined(), IsOk());
  ASSERT_THAT(booking_.cancels, SizeIs(1));
  EXPECT_EQ(booking_.cancels[0].name(), "appointments/1");
  EXPECT_EQ(booking_.cancels[0].etag(), "as-booked");
  EXPECT_TRUE(booking_.cancels[0].by_practice());
}

TEST_P(DeclineTest, TellsTheStaffAtOnceWhereNobodyElseHasTime) {
  booking_.slots.pop_back();
  for (const auto level : {triage::v1::LEVEL_CONSULTATION, triage::v1::LEVEL_SELF_CARE}) {
    triage_.assessment.set_level(level);
    alerts_.raised.clear();
    ASSERT_OK_AND_ASSIGN(const auto offered, Request(store::NewUuid()));
    ASSERT_OK_AND_ASSIGN(const auto booked, Choose(offered, "patients/17", store::NewUuid()));
    booking_.appointment.set_state(booking::v1::APPOINTMENT_STATE_BOOKED);
    *booking_.appointment.mutable_slot() = booked.chosen_slot();
    ASSERT_OK_AND_ASSIGN(const auto escalated, Decline(booked.name()));
    EXPECT_EQ(escalated.state(), v1::CONSULT_STATE_ESCALATED);
    EXPECT_EQ(escalated.escalation_reason(), "NO_SLOT_BEFORE_ACT_BY");
    EXPECT_THAT(escalated.guidance(), AllOf(HasSubstr("can't see you"), HasSubstr("911")));
    EXPECT_THAT(alerts_.raised, SizeIs(1));
  }
}

TEST_P(DeclineTest, IsTheVisitsClinicianAlone) {
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  EXPECT_THAT(Decline(booked.name(), "clinicians/omar"), FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  EXPECT_EQ(Stored(booked.name()).state(), v1::CONSULT_STATE_BOOKED);
  // Somebody moved it without the consult.
  booking_.appointment.mutable_slot()->set_clinician("clinicians/omar");
  EXPECT_THAT(Decline(booked.name()), FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  EXPECT_THAT(Decline(booked.name(), "clinicians/omar"), IsOk());
}

TEST_P(DeclineTest, SaysWhyItIsTooEarlyOrTooLate) {
  EXPECT_THAT(Decline("consults/none"), FailsWith(StatusCode::kNotFound, "CONSULT_NOT_FOUND"));
  ASSERT_OK_AND_ASSIGN(const auto offered, Request());
  EXPECT_THAT(Decline(offered.name()), FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  ASSERT_OK_AND_ASSIGN(const auto declined, Declined());
  EXPECT_THAT(Decline(declined.name()), FailsWith(StatusCode::kFailedPrecondition, "NOT_DECLINABLE"));
  ASSERT_THAT(Cancel(declined.name()), IsOk());
  EXPECT_THAT(Decline(declined.name()), FailsWith(StatusCode::kFailedPrecondition, "CONSULT_OVER"));
}

TEST_P(DeclineTest, LeavesAVisitThatHasBegun) {
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  booking_.appointment.set_state(booking::v1::APPOINTMENT_STATE_IN_VISIT);
  EXPECT_THAT(Decline(booked.name()), FailsWith(StatusCode::kFailedPrecondition, "VISIT_BEGUN")) << "joined early";
  EXPECT_EQ(Stored(booked.name()).state(), v1::CONSULT_STATE_BOOKED);
  EXPECT_THAT(Stored(booked.name()).declines(), IsEmpty());
  clock_.Advance(absl::Hours(2));
  EXPECT_THAT(Decline(booked.name()), FailsWith(StatusCode::kFailedPrecondition, "VISIT_BEGUN"));
  EXPECT_THAT(booking_.cancels, IsEmpty());
}

TEST_P(DeclineTest, LeavesAVisitThatSomebodyMovedToAnotherClinicianMeanwhile) {
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  booking_.cancel = [&] {
    booking_.appointment.mutable_slot()->set_clinician("clinicians/omar");
    return WithReason(absl::AbortedError("changed"), "ETAG_MISMATCH");
  };
  ASSERT_OK_AND_ASSIGN(const auto declined, Decline(booked.name()));
  EXPECT_EQ(declined.state(), v1::CONSULT_STATE_DECLINED);
  Resume();
  EXPECT_EQ(Stored(booked.name()).state(), v1::CONSULT_STATE_BOOKED);
  EXPECT_EQ(Stored(booked.name()).chosen_slot().clinician(), "clinicians/omar");
  EXPECT_THAT(booking_.cancels, SizeIs(1));
}

TEST_P(DeclineTest, GivesTheSameAnswerToARepeat) {
  const std::string id = store::NewUuid();
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  ASSERT_OK_AND_ASSIGN(const auto first, Decline(booked.name(), "clinicians/maya", id));
  ASSERT_OK_AND_ASSIGN(const auto again, Decline(booked.name(), "clinicians/maya", id));
  EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString());
  EXPECT_THAT(booking_.cancels, SizeIs(1));
}

// Whatever has become of it since, another's visit too.
TEST_P(DeclineTest, ShowsWhoeverHasDeclinedNothingButThat) {
  const std::string id = store::NewUuid();
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  ASSERT_OK_AND_ASSIGN(const auto first, Decline(booked.name(), "clinicians/maya", id));
  booking_.slots.erase(booking_.slots.begin(), booking_.slots.end() - 1);
  AddSlot("clinicians/zoe", 6);
  ASSERT_THAT(Choose(first, "patients/17", store::NewUuid()), IsOk());
  *booking_.appointment.mutable_slot() = Stored(booked.name()).chosen_slot();
  ASSERT_THAT(Decline(booked.name(), "clinicians/omar"), IsOk());
  ASSERT_OK_AND_ASSIGN(auto again, Decline(booked.name(), "clinicians/maya", id));
  EXPECT_EQ(again.declines_size(), 1);
  EXPECT_EQ(again.declines(0).clinician(), "clinicians/maya");
  EXPECT_EQ(again.state(), Stored(booked.name()).state());
  for (const char* shown : {"name", "state", "create_time", "update_time", "etag", "declines"}) {
    again.GetReflection()->ClearField(&again, again.GetDescriptor()->FindFieldByName(shown));
  }
  EXPECT_THAT(again.SerializeAsString(), IsEmpty()) << again.ShortDebugString();
}

TEST_P(DeclineTest, ShowsWhoeverHasLostAConsultToTheStaffNothingButThat) {
  const std::string id = store::NewUuid();
  booking_.slots.clear();
  ASSERT_OK_AND_ASSIGN(const auto consult, Request());
  const auto accept = [&] { return Accept(consult.name(), "clinicians/maya", options::v1::ROLE_CLINICIAN, id); };
  EXPECT_EQ(accept()->patient(), "patients/17");
  ASSERT_THAT(Accept(consult.name(), "staff/ann"), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto again, accept());
  EXPECT_EQ(again.name(), consult.name());
  EXPECT_THAT(again.patient(), IsEmpty());
  EXPECT_FALSE(again.has_contact() || again.has_presentation() || again.has_assessment());
  EXPECT_THAT(again.handler(), IsEmpty());
}

TEST_P(DeclineTest, GoesOnUnderTheSameKeyWhenBookingIsBack) {
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  booking_.cancel = [] { return absl::UnavailableError("cut off"); };
  ASSERT_OK_AND_ASSIGN(const auto declined, Decline(booked.name()));
  EXPECT_EQ(declined.state(), v1::CONSULT_STATE_DECLINED);
  EXPECT_THAT(declined.guidance(), HasSubstr("keep your place"));
  EXPECT_THAT(Cancel(booked.name()), FailsWith(StatusCode::kFailedPrecondition, "CONSULT_BUSY"));
  booking_.cancel = [] { return absl::OkStatus(); };
  Resume();
  EXPECT_EQ(Stored(booked.name()).state(), v1::CONSULT_STATE_OFFERED);
  ASSERT_THAT(booking_.cancels, SizeIs(2));
  EXPECT_EQ(booking_.cancels[0].SerializeAsString(), booking_.cancels[1].SerializeAsString());
}

TEST_P(DeclineTest, CallsAVisitOffThatBeganBeforeBookingWasBackSoThatNobodyWaitsInIt) {
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  booking_.cancel = [] { return absl::UnavailableError("cut off"); };
  clock_.Set(FromProto(booked.chosen_slot().start_time()) - absl::Seconds(5));
  ASSERT_THAT(Decline(booked.name()), IsOk());
  booking_.cancel = [] { return absl::OkStatus(); };
  Resume();
  EXPECT_THAT(Stored(booked.name()).appointment(), IsEmpty());
  EXPECT_THAT(Stored(booked.name()).declines(), SizeIs(1));
  EXPECT_THAT(booking_.cancels, SizeIs(2));
}

TEST_P(DeclineTest, GoesOnWhereACallWasMadeAndItsAnswerLost) {
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  booking_.cancel = [&] {
    booking_.appointment.set_state(booking::v1::APPOINTMENT_STATE_CANCELLED);
    return absl::UnavailableError("cut off");
  };
  ASSERT_THAT(Decline(booked.name()), IsOk());
  Resume();
  EXPECT_EQ(Stored(booked.name()).state(), v1::CONSULT_STATE_OFFERED);
  EXPECT_THAT(booking_.cancels, SizeIs(1));
}

TEST_P(DeclineTest, GivesATimeBackThatIsHeldAndNotYetBooked) {
  ASSERT_OK_AND_ASSIGN(const auto held, Held());
  ASSERT_OK_AND_ASSIGN(const auto offered, Decline(held.name()));
  EXPECT_EQ(offered.state(), v1::CONSULT_STATE_OFFERED);
  ASSERT_THAT(booking_.releases, SizeIs(1));
  EXPECT_EQ(booking_.releases[0].name(), "holds/" + booking_.holds[0].request_id());
  EXPECT_EQ(booking_.holds[0].SerializeAsString(), booking_.holds[1].SerializeAsString());
  EXPECT_THAT(booking_.cancels, IsEmpty());
}

TEST_P(DeclineTest, CallsAVisitOffThatWasBookedWithoutAnAnswer) {
  ASSERT_OK_AND_ASSIGN(const auto held, Held());
  booking_.release = [] { return WithReason(absl::FailedPreconditionError("booked"), "HOLD_CONFIRMED"); };
  booking_.appointment.set_state(booking::v1::APPOINTMENT_STATE_BOOKED);
  *booking_.appointment.mutable_slot() = held.chosen_slot();
  ASSERT_OK_AND_ASSIGN(const auto offered, Decline(held.name()));
  EXPECT_EQ(offered.state(), v1::CONSULT_STATE_OFFERED);
  ASSERT_THAT(booking_.confirms, SizeIs(2));
  EXPECT_EQ(booking_.confirms[0].SerializeAsString(), booking_.confirms[1].SerializeAsString());
  ASSERT_THAT(booking_.cancels, SizeIs(1));
  EXPECT_EQ(booking_.cancels[0].name(), "appointments/1");
}

TEST_P(DeclineTest, HandsAVisitThatCantBeCalledOffToStaffWhoCan) {
  ASSERT_OK_AND_ASSIGN(const auto booked, BookedAsBookingHasIt());
  booking_.cancel = [] { return absl::UnavailableError("down"); };
  ASSERT_THAT(Decline(booked.name()), IsOk());
  clock_.Advance(kBookingPatience);
  EXPECT_THAT(saga_.ResumeUnfinished(1), IsOkAndHolds(1));
  EXPECT_EQ(Stored(booked.name()).state(), v1::CONSULT_STATE_ESCALATED);
  EXPECT_EQ(Stored(booked.name()).escalation_reason(), "CALL_OFF_STUCK");
  EXPECT_THAT(alerts_.raised, SizeIs(1));
  EXPECT_THAT(Cancel(booked.name()), Not(IsOk())) << "the visit first";
  booking_.cancel = [] { return absl::OkStatus(); };
  ASSERT_OK_AND_ASSIGN(const auto cancelled, Cancel(booked.name()));
  EXPECT_EQ(cancelled.state(), v1::CONSULT_STATE_CANCELLED);
  EXPECT_TRUE(booking_.cancels.back().by_practice()) << "the patient owes nothing for it";
}

TEST_P(DeclineTest, BooksAnotherVisitOnANewerProofOfTheSameAnswers) {
  ASSERT_OK_AND_ASSIGN(const auto offered, Declined());
  booking_.expired_proof = "proof";
  triage_.assessment.set_signed_assessment("newer");
  *triage_.assessment.mutable_act_by_time() = ToProtoTime(clock_.Now() + absl::Hours(24 * 30));
  ASSERT_OK_AND_ASSIGN(const auto booked, Choose(offered, "patients/17", store::NewUuid()));
  EXPECT_EQ(booked.state(), v1::CONSULT_STATE_BOOKED);
  EXPECT_EQ(booked.assessment().act_by_time().seconds(), offered.assessment().act_by_time().seconds());
  ASSERT_THAT(booking_.holds, SizeIs(3));
  EXPECT_EQ(booking_.holds[2].signed_assessment(), "newer");
  EXPECT_NE(booking_.holds[2].request_id(), booking_.holds[1].request_id());
}

TEST_P(DeclineTest, WaitsForTriageWhereANewerProofIsNeeded) {
  ASSERT_OK_AND_ASSIGN(const auto offered, Declined());
  booking_.expired_proof = "proof";
  triage_.assessment.set_signed_assessment("newer");
  triage_.status = absl::UnavailableError("down");
  ASSERT_OK_AND_ASSIGN(const auto held, Choose(offered, "patients/17", store::NewUuid()));
  EXPECT_EQ(held.state(), v1::CONSULT_STATE_HELD);
  triage_.status = absl::OkStatus();
  Resume();
  EXPECT_EQ(Stored(held.name()).state(), v1::CONSULT_STATE_BOOKED);
}

TEST_P(DeclineTest, BooksNothingWhereTriageNowSeesAnEmergency) {
  ASSERT_OK_AND_ASSIGN(const auto offered, Declined());
  booking_.expired_proof = "proof";
  triage_.assessment.set_level(triage::v1::LEVEL_EMERGENCY);
  triage_.assessment.set_headline("Call 911 now");
  ASSERT_OK_AND_ASSIGN(const auto emergency, Choose(offered, "patients/17", store::NewUuid()));
  EXPECT_EQ(emergency.state(), v1::CONSULT_STATE_EMERGENCY);
  EXPECT_THAT(emergency.guidance(), HasSubstr("Call 911 now"));
  EXPECT_FALSE(emergency.has_chosen_slot());
}

TEST_P(DeclineTest, IsShownToStaffAndNotToThePatient) {
  ASSERT_OK_AND_ASSIGN(const auto declined, Declined());
  ASSERT_OK_AND_ASSIGN(const auto seen_by_patient, Get(declined.name()));
  EXPECT_THAT(seen_by_patient.declines(), IsEmpty());
  ASSERT_OK_AND_ASSIGN(const auto seen_by_staff, GetAs(declined.name(), "staff/ann", options::v1::ROLE_STAFF));
  EXPECT_THAT(seen_by_staff.declines(), SizeIs(1));
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, DeclineTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::gateway
