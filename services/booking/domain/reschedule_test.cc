// A visit moves wholly or not at all, under the rules of a hold.
#include <atomic>
#include <thread>
#include <vector>

#include "common/status/macros.h"
#include "services/booking/store/change_table.h"
#include "services/booking/testing/booking_test.h"

namespace lumbar::booking {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::IsEmpty;

class RescheduleTest : public BookingTest {
 protected:
  static v1::RescheduleAppointmentRequest To(const v1::Appointment& booked, absl::Time start) {
    v1::RescheduleAppointmentRequest request;
    request.set_request_id(store::NewUuid());
    request.set_name(booked.name());
    *request.mutable_start_time() = ToProtoTime(start);
    return request;
  }
  absl::StatusOr<v1::Appointment> Move(const v1::RescheduleAppointmentRequest& request,
                                       std::string subject = kPatient) {
    const auto context = rpc::TestContext(options::v1::ROLE_PATIENT, std::move(subject), request);
    LUMBAR_ASSIGN_OR_RETURN(const auto response, visits_->RescheduleAppointment(context, request));
    return response.appointment();
  }
  // Whether anybody could have that time.
  bool IsFree(absl::Time start, const std::string& clinician = kClinician) {
    const auto taken = appointments_.Taken(clinician, TicksOf({start, start + absl::Minutes(40)}));
    return taken.ok() && taken->empty();
  }
  // A booking that no deadline binds.
  v1::Appointment BookUnbound(absl::Time start) {
    auto wanted = HoldRequest(start);
    wanted.set_signed_assessment(Sign(Claims("SELF_CARE")));
    const auto hold = Create(wanted);
    EXPECT_THAT(hold, IsOk());
    const auto confirmed = Confirm(hold.ok() ? hold->hold().name() : "");
    EXPECT_THAT(confirmed, IsOk());
    return confirmed.ok() ? confirmed->appointment() : v1::Appointment();
  }
  // The first `count` times that SampleClinician offers after `first`.
  static std::vector<Interval> Times(absl::Time first, size_t count) {
    const v1::Clinician clinician = SampleClinician();
    auto times = Schedule::Of(clinician, clinician.visit_types(0))->Visits(first, first + absl::Hours(24 * 14));
    times.resize(count);
    return times;
  }
  v1::Clinician Colleague() const {
    auto clinician = SampleClinician();
    clinician.set_name("clinicians/omar-diaz");
    clinician.set_display_name("Omar Diaz, MD");
    return clinician;
  }

  const absl::Time noon_ = nine_ + absl::Minutes(200);
};
INSTANTIATE_TEST_SUITE_P(EveryEngine, RescheduleTest, testing::ValuesIn(store::Engines()), store::EngineName());

TEST_P(RescheduleTest, GainsTheNewTimeFreesTheOldOneAndTellsOfIt) {
  const v1::Appointment booked = Book(nine_);
  Events();
  ASSERT_OK_AND_ASSIGN(const v1::Appointment moved, Move(To(booked, noon_)));
  EXPECT_EQ(moved.name(), booked.name());
  EXPECT_EQ(moved.state(), v1::APPOINTMENT_STATE_BOOKED);
  EXPECT_EQ(moved.version(), 2);
  EXPECT_EQ(moved.etag(), "v2");
  EXPECT_EQ(FromProto(moved.slot().start_time()), noon_);
  EXPECT_EQ(FromProto(moved.slot().end_time()), noon_ + absl::Minutes(30));
  EXPECT_TRUE(IsFree(nine_));
  EXPECT_FALSE(IsFree(noon_));
  ASSERT_OK_AND_ASSIGN(const auto read, Get(booked.name()));
  EXPECT_EQ(read.appointment().SerializeAsString(), moved.SerializeAsString());
  const auto events = Events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].appointment().SerializeAsString(), moved.SerializeAsString());
  EXPECT_EQ(changes_, 2);
}

TEST_P(RescheduleTest, KeepsTheNewTimeForGood) {
  const v1::Appointment booked = Book(nine_);
  ASSERT_THAT(Move(To(booked, noon_)), IsOk());
  clock_.Advance(absl::Minutes(30));
  EXPECT_THAT(Create(Wanted(noon_)), FailsWith(StatusCode::kAlreadyExists, "SLOT_TAKEN"));
}

TEST_P(RescheduleTest, IsListedAndCancelledAtItsNewTime) {
  const v1::Appointment booked = Book(nine_), other = Book(nine_ + absl::Minutes(40));
  ASSERT_THAT(Move(To(booked, noon_)), IsOk());
  const auto listed = appointments_.ListAppointments({kPatient, kClinician, std::nullopt, 10});
  ASSERT_THAT(listed, IsOk());
  ASSERT_EQ(listed->size(), 2u);
  EXPECT_EQ((*listed)[0].name(), other.name());
  EXPECT_EQ((*listed)[1].name(), booked.name());
  ASSERT_THAT(Cancel(booked.name()), IsOk());
  EXPECT_TRUE(IsFree(noon_));
}

TEST_P(RescheduleTest, LeavesEverythingAsItWasIfTheTimeIsTaken) {
  const v1::Appointment booked = Book(nine_);
  Hold(noon_);
  Events();
  EXPECT_THAT(Move(To(booked, noon_)), FailsWith(StatusCode::kAlreadyExists, "SLOT_TAKEN"));
  ASSERT_OK_AND_ASSIGN(const auto read, Get(booked.name()));
  EXPECT_EQ(read.appointment().SerializeAsString(), booked.SerializeAsString());
  EXPECT_FALSE(IsFree(nine_));
  EXPECT_THAT(Events(), IsEmpty());
}

TEST_P(RescheduleTest, LeavesEverythingAsItWasIfTheLastWriteFails) {
  const v1::Appointment booked = Book(nine_);
  // Version 2 is in the log already, so that telling of the move fails after all else was written.
  ASSERT_THAT(database_->Write([&](soci::session& session) {
    v1::AppointmentEvent later = NewEvent(clock_.Now());
    *later.mutable_appointment() = booked;
    later.mutable_appointment()->set_version(2);
    return AddChange(session, later, "");
  }),
              IsOk());
  EXPECT_FALSE(Move(To(booked, noon_)).ok());
  ASSERT_OK_AND_ASSIGN(const auto read, Get(booked.name()));
  EXPECT_EQ(read.appointment().SerializeAsString(), booked.SerializeAsString());
  EXPECT_FALSE(IsFree(nine_));
  EXPECT_TRUE(IsFree(noon_));
}

TEST_P(RescheduleTest, HasTheTimeOfAnExpiredHold) {
  const v1::Appointment booked = Book(nine_);
  Hold(noon_);
  clock_.Advance(absl::Minutes(10));
  EXPECT_THAT(Move(To(booked, noon_)), IsOk());
}

TEST_P(RescheduleTest, MayOverlapItsOwnOldTime) {
  const v1::Appointment booked = Book(nine_);
  auto request = v1::UpdateClinicianRequest();
  request.set_request_id(store::NewUuid());
  request.set_name(kClinician);
  *request.mutable_clinician() = SampleClinician();
  request.mutable_clinician()->mutable_weekly_hours(0)->mutable_start()->set_minutes(20);
  ASSERT_THAT(roster_.UpdateClinician(rpc::TestContext(options::v1::ROLE_STAFF, "staff/1", request), request), IsOk());
  ASSERT_THAT(Move(To(booked, nine_ + absl::Minutes(20))), IsOk());
  const auto taken = appointments_.Taken(kClinician, TicksOf({nine_, nine_ + absl::Hours(2)}));
  ASSERT_THAT(taken, IsOk());
  EXPECT_EQ(taken->at(kClinician).size(), 8u) << "40 minutes";
  EXPECT_EQ(taken->at(kClinician).front(), TicksOf({nine_ + absl::Minutes(20), nine_ + absl::Minutes(25)}).first);
}

TEST_P(RescheduleTest, MovesToAnotherClinicianWhoMaySeeThePatient) {
  ASSERT_THAT(Add(Colleague()), IsOk());
  auto stranger = Colleague();
  stranger.set_name("clinicians/out-of-state");
  stranger.mutable_licences(0)->set_state("NJ");
  ASSERT_THAT(Add(stranger), IsOk());
  const v1::Appointment booked = Book(nine_);
  auto request = To(booked, nine_);
  request.set_clinician(stranger.name());
  EXPECT_THAT(Move(request), FailsWith(StatusCode::kFailedPrecondition, "NOT_ELIGIBLE"));
  request.set_clinician("clinicians/nobody");
  EXPECT_THAT(Move(request), FailsWith(StatusCode::kNotFound, "CLINICIAN_NOT_FOUND"));
  request.set_clinician(Colleague().name());
  ASSERT_OK_AND_ASSIGN(const v1::Appointment moved, Move(request));
  EXPECT_EQ(moved.slot().clinician_display_name(), "Omar Diaz, MD");
  EXPECT_TRUE(IsFree(nine_));
  EXPECT_FALSE(IsFree(nine_, Colleague().name()));
}

TEST_P(RescheduleTest, RefusesWhatTheScheduleDoesNotOffer) {
  const v1::Appointment booked = BookUnbound(nine_);
  const auto none = FailsWith(StatusCode::kFailedPrecondition, "NOT_A_SLOT");
  EXPECT_THAT(Move(To(booked, noon_ + absl::Minutes(5))), none);
  EXPECT_THAT(Move(To(booked, nine_ - absl::Hours(24))), none);
  EXPECT_THAT(Move(To(booked, nine_ + absl::Hours(24 * 91))), none);
  EXPECT_THAT(Move(To(booked, At("2026-03-30T09:00:00-04:00"))), IsOk());
}

TEST_P(RescheduleTest, NeverGoesBeyondWhatTheAssessmentAllowed) {
  auto claims = Claims("CONSULTATION_24");
  claims.act_by = noon_;
  auto wanted = HoldRequest(nine_);
  wanted.set_signed_assessment(Sign(claims));
  ASSERT_OK_AND_ASSIGN(const auto hold, Create(wanted));
  ASSERT_OK_AND_ASSIGN(const auto booked, Confirm(hold.hold().name()));
  EXPECT_THAT(Move(To(booked.appointment(), noon_ + absl::Minutes(40))),
              FailsWith(StatusCode::kFailedPrecondition, "AFTER_ACT_BY"));
  EXPECT_THAT(Move(To(booked.appointment(), noon_)), IsOk());
}

TEST_P(RescheduleTest, GoesByANewerAssessment) {
  const v1::Appointment booked = Book(nine_);
  auto request = To(booked, noon_);
  request.set_signed_assessment(Sign(Claims("EMERGENCY")));
  EXPECT_THAT(Move(request), FailsWith(StatusCode::kFailedPrecondition, "EMERGENCY_NOT_BOOKABLE"));
  auto claims = Claims();
  claims.patient = "patients/18";
  request.set_signed_assessment(Sign(claims));
  EXPECT_THAT(Move(request), FailsWith(StatusCode::kFailedPrecondition, "ASSESSMENT_OTHER_PATIENT"));
  request = To(booked, At("2026-03-09T09:00:00-04:00"));
  EXPECT_THAT(Move(request), FailsWith(StatusCode::kFailedPrecondition, "AFTER_ACT_BY"));
  request.set_signed_assessment(Sign(Claims("SELF_CARE")));
  ASSERT_OK_AND_ASSIGN(const v1::Appointment moved, Move(request));
  EXPECT_EQ(moved.level(), triage::v1::LEVEL_SELF_CARE);
  EXPECT_FALSE(moved.has_act_by_time());
}

TEST_P(RescheduleTest, MovesNothingThatHasBegunOrIsOver) {
  const v1::Appointment booked = Book(nine_), cancelled = Book(nine_ + absl::Minutes(40));
  ASSERT_THAT(Cancel(cancelled.name()), IsOk());
  EXPECT_THAT(Move(To(cancelled, noon_)), FailsWith(StatusCode::kFailedPrecondition, "NOT_BOOKED"));
  clock_.Set(nine_);
  EXPECT_THAT(Move(To(booked, noon_)), FailsWith(StatusCode::kFailedPrecondition, "VISIT_BEGUN"));
}

TEST_P(RescheduleTest, IsNobodyElsesToMoveAndNoOtherVersionThanTheOneMeant) {
  const v1::Appointment booked = Book(nine_);
  auto request = To(booked, noon_);
  EXPECT_THAT(Move(request, "patients/18"), FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  request.set_etag("v7");
  EXPECT_THAT(Move(request), FailsWith(StatusCode::kAborted, "ETAG_MISMATCH"));
  request.set_etag(booked.etag());
  EXPECT_THAT(Move(request), IsOk());
}

TEST_P(RescheduleTest, AnswersARepeatWithTheSameBytesWhateverIsTrueByNow) {
  const v1::Appointment booked = Book(nine_);
  auto request = To(booked, noon_);
  request.set_signed_assessment(Sign(Claims()));
  ASSERT_OK_AND_ASSIGN(const v1::Appointment first, Move(request));
  clock_.Advance(absl::Hours(24 * 5));
  ASSERT_OK_AND_ASSIGN(const v1::Appointment second, Move(request));
  EXPECT_EQ(first.SerializeAsString(), second.SerializeAsString());
  request.set_etag("v1");
  EXPECT_THAT(Move(request), FailsWith(StatusCode::kInvalidArgument, "REQUEST_ID_REUSED"));
}

TEST_P(RescheduleTest, LetsExactlyOneOf64ClientsHaveASlotAndLeavesTheOthersTheirOwn) {
  std::vector<v1::Appointment> booked;
  for (const Interval& visit : Times(nine_ + absl::Hours(12), 64)) booked.push_back(BookUnbound(visit.start));
  std::atomic<int> won = 0, taken = 0;
  std::vector<std::thread> clients;
  for (const auto& appointment : booked) {
    clients.emplace_back([&] {
      const auto moved = Move(To(appointment, nine_));
      won += moved.ok();
      taken += !moved.ok() && ReasonOf(moved.status()) == "SLOT_TAKEN";
    });
  }
  for (auto& client : clients) client.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(taken, 63);
  int kept = 0;
  for (const auto& appointment : booked) {
    ASSERT_OK_AND_ASSIGN(const auto read, Get(appointment.name()));
    const absl::Time start = FromProto(appointment.slot().start_time());
    const bool same = read.appointment().SerializeAsString() == appointment.SerializeAsString();
    kept += same;
    EXPECT_EQ(IsFree(start), !same);
  }
  EXPECT_EQ(kept, 63);
}

}  // namespace
}  // namespace lumbar::booking
