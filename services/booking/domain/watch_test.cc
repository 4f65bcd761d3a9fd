// What those who follow the changes of appointments are told.
#include "services/booking/domain/watch.h"

#include <absl/strings/str_cat.h>

#include <set>
#include <thread>

#include "common/rpc/change_stream.h"
#include "services/booking/store/change_table.h"
#include "services/booking/store/sweep.h"
#include "services/booking/testing/booking_test.h"

namespace lumbar::booking {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class WatchTest : public BookingTest {
 protected:
  using Source = absl::StatusOr<std::unique_ptr<rpc::StreamSource>>;

  Source Open(const v1::WatchAppointmentsRequest& request, options::v1::Role role = options::v1::ROLE_STAFF,
              const std::string& subject = "staff/1") {
    return watch_.WatchAppointments(rpc::TestContext(role, subject, request), request);
  }
  Source OpenFrom(const std::string& token) {
    v1::WatchAppointmentsRequest request;
    request.set_resume_token(token);
    return Open(request);
  }
  // Everything that the stream has now, as "name version"; the last token is kept.
  std::vector<std::string> Drain(rpc::StreamSource& source) {
    std::vector<std::string> found;
    v1::WatchAppointmentsResponse response;
    while (true) {
      const auto next = source.Next(response);
      EXPECT_THAT(next, IsOk());
      if (!next.ok() || !*next) return found;
      token_ = response.resume_token();
      if (!response.has_event()) continue;
      found.push_back(Named(response.event().appointment(), response.event().appointment().version()));
    }
  }
  static std::string Named(const v1::Appointment& appointment, int64_t version) {
    return absl::StrCat(appointment.name(), " ", version);
  }
  // A change that another process commits late, or with another clock.
  void Insert(const std::string& name, int64_t version, absl::Time time) {
    v1::AppointmentEvent event;
    event.mutable_appointment()->set_name(name);
    event.mutable_appointment()->set_version(version);
    event.mutable_appointment()->set_state(v1::APPOINTMENT_STATE_BOOKED);
    *event.mutable_appointment()->mutable_update_time() = ToProtoTime(time);
    ASSERT_THAT(database_->Write([&](soci::session& session) { return AddChange(session, event, ""); }), IsOk());
  }

  SqlChangeLog log_{*database_};
  Watch watch_{log_, clock_};
  std::string token_;
};
INSTANTIATE_TEST_SUITE_P(EveryEngine, WatchTest, testing::ValuesIn(store::Engines()), store::EngineName());

TEST_P(WatchTest, TellsEachChangeOnceInTheOrderOfVersionsFromNowOn) {
  const v1::Appointment before = Book(nine_);
  ASSERT_OK_AND_ASSIGN(const auto source, Open({}));
  EXPECT_THAT(Drain(*source), IsEmpty());
  const v1::Appointment booked = Book(nine_ + absl::Minutes(40));
  EXPECT_THAT(Drain(*source), ElementsAre(Named(booked, 1)));
  ASSERT_THAT(Cancel(booked.name()), IsOk());
  ASSERT_THAT(Cancel(before.name()), IsOk());
  EXPECT_THAT(Drain(*source), testing::UnorderedElementsAre(Named(booked, 2), Named(before, 2)));
  EXPECT_THAT(Drain(*source), IsEmpty());
  clock_.Advance(absl::Minutes(1));
  EXPECT_THAT(Drain(*source), IsEmpty());
}

TEST_P(WatchTest, SaysTheWholeEventThatOthersAreToldOf) {
  ASSERT_OK_AND_ASSIGN(const auto source, Open({}));
  const v1::Appointment booked = Book(nine_);
  v1::WatchAppointmentsResponse response;
  ASSERT_THAT(source->Next(response), IsOkAndHolds(true));
  EXPECT_EQ(response.event().SerializeAsString(), Events().front().SerializeAsString());
  EXPECT_EQ(response.event().appointment().SerializeAsString(), booked.SerializeAsString());
}

TEST_P(WatchTest, GoesOnWhereATokenSaysAndMissesNothing) {
  ASSERT_OK_AND_ASSIGN(auto source, Open({}));
  const v1::Appointment first = Book(nine_);
  EXPECT_THAT(Drain(*source), SizeIs(1));
  clock_.Advance(absl::Minutes(1));
  const v1::Appointment second = Book(nine_ + absl::Minutes(40));
  ASSERT_OK_AND_ASSIGN(source, OpenFrom(token_));
  EXPECT_THAT(Drain(*source), ElementsAre(Named(first, 1), Named(second, 1))) << "the first came just before the token";
  clock_.Advance(rpc::kHeartbeat + absl::Microseconds(1));
  EXPECT_THAT(Drain(*source), IsEmpty());
  ASSERT_OK_AND_ASSIGN(source, OpenFrom(token_));
  EXPECT_THAT(Drain(*source), IsEmpty()) << "a later token spares the repeats";
}

TEST_P(WatchTest, MissesNoChangeThatIsCommittedAfterALaterOne) {
  ASSERT_OK_AND_ASSIGN(const auto source, Open({}));
  Insert("appointments/fast", 1, clock_.Now());
  EXPECT_THAT(Drain(*source), ElementsAre("appointments/fast 1"));
  const std::string token = token_;
  Insert("appointments/slow", 1, clock_.Now() - absl::Seconds(9));
  EXPECT_THAT(Drain(*source), ElementsAre("appointments/slow 1"));
  ASSERT_OK_AND_ASSIGN(const auto resumed, OpenFrom(token));
  EXPECT_THAT(Drain(*resumed), ElementsAre("appointments/slow 1", "appointments/fast 1"));
}

TEST_P(WatchTest, SaysThatItIsAliveAndLetsAResumeBeCheap) {
  ASSERT_OK_AND_ASSIGN(const auto source, Open({}));
  v1::WatchAppointmentsResponse response;
  ASSERT_THAT(source->Next(response), IsOkAndHolds(true)) << "the first token comes at once";
  EXPECT_FALSE(response.has_event());
  EXPECT_THAT(source->Next(response), IsOkAndHolds(false));
  clock_.Advance(rpc::kHeartbeat - absl::Microseconds(1));
  EXPECT_THAT(source->Next(response), IsOkAndHolds(false));
  clock_.Advance(absl::Microseconds(1));
  EXPECT_THAT(source->Next(response), IsOkAndHolds(true));
}

TEST_P(WatchTest, RefusesATokenThatIsTooOldOrOfAnotherQuery) {
  ASSERT_OK_AND_ASSIGN(auto source, Open({}));
  Drain(*source);
  v1::WatchAppointmentsRequest request;
  request.set_resume_token(token_);
  request.set_clinician(kClinician);
  EXPECT_THAT(Open(request), FailsWith(StatusCode::kInvalidArgument, "INVALID_PAGE_TOKEN"));
  clock_.Advance(kChangesKept + absl::Microseconds(1));
  ASSERT_OK_AND_ASSIGN(source, OpenFrom(token_));
  v1::WatchAppointmentsResponse response;
  EXPECT_THAT(source->Next(response), FailsWith(StatusCode::kOutOfRange, "RESUME_TOKEN_TOO_OLD"));
}

TEST_P(WatchTest, KeepsChangesForAsLongAsATokenIsGood) {
  ASSERT_OK_AND_ASSIGN(auto source, Open({}));
  Drain(*source);
  const v1::Appointment booked = Book(nine_);
  clock_.Advance(kChangesKept);
  ASSERT_THAT(Sweep(*database_, clock_), IsOk());
  ASSERT_OK_AND_ASSIGN(source, OpenFrom(token_));
  EXPECT_THAT(Drain(*source), ElementsAre(Named(booked, 1)));
  clock_.Advance(absl::Hours(1) + absl::Microseconds(1));
  ASSERT_THAT(Sweep(*database_, clock_), IsOk());
  EXPECT_THAT(log_.Keys({}, {absl::UnixEpoch(), "", 0}, 10).value(), IsEmpty());
}

TEST_P(WatchTest, ShowsAClinicianTheirOwnVisitsAlone) {
  v1::WatchAppointmentsRequest request;
  request.set_clinician("clinicians/omar-diaz");
  EXPECT_THAT(Open(request, options::v1::ROLE_CLINICIAN, kClinician),
              FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  ASSERT_OK_AND_ASSIGN(const auto own, Open({}, options::v1::ROLE_CLINICIAN, kClinician));
  ASSERT_OK_AND_ASSIGN(const auto other, Open({}, options::v1::ROLE_CLINICIAN, "clinicians/omar-diaz"));
  const v1::Appointment booked = Book(nine_);
  EXPECT_THAT(Drain(*own), ElementsAre(Named(booked, 1)));
  EXPECT_THAT(Drain(*other), IsEmpty());
}

TEST_P(WatchTest, TellsAClinicianOfAVisitThatWentToAnother) {
  auto second = SampleClinician();
  second.set_name("clinicians/omar-diaz");
  ASSERT_THAT(Add(second), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto losing, Open({}, options::v1::ROLE_CLINICIAN, kClinician));
  ASSERT_OK_AND_ASSIGN(const auto gaining, Open({}, options::v1::ROLE_CLINICIAN, second.name()));
  const v1::Appointment booked = Book(nine_);
  v1::RescheduleAppointmentRequest move;
  move.set_request_id(store::NewUuid());
  move.set_name(booked.name());
  *move.mutable_start_time() = ToProtoTime(nine_);
  move.set_clinician(second.name());
  ASSERT_THAT(visits_->RescheduleAppointment(rpc::TestContext(options::v1::ROLE_PATIENT, kPatient, move), move),
              IsOk());
  EXPECT_THAT(Drain(*losing), ElementsAre(Named(booked, 1), Named(booked, 2)));
  EXPECT_THAT(Drain(*gaining), ElementsAre(Named(booked, 2)));
}

TEST_P(WatchTest, TellsOnlyOfTheStatesAskedFor) {
  v1::WatchAppointmentsRequest request;
  request.add_states(v1::APPOINTMENT_STATE_CANCELLED);
  request.add_states(v1::APPOINTMENT_STATE_NO_SHOW);
  ASSERT_OK_AND_ASSIGN(const auto source, Open(request));
  const v1::Appointment booked = Book(nine_);
  ASSERT_THAT(Cancel(booked.name()), IsOk());
  EXPECT_THAT(Drain(*source), ElementsAre(Named(booked, 2)));
}

TEST_P(WatchTest, KeepsTheOrderOfVersionsWhenAClockIsBehind) {
  ASSERT_OK_AND_ASSIGN(const auto source, Open({}));
  const v1::Appointment booked = Book(nine_);
  clock_.Advance(-absl::Seconds(3));
  ASSERT_THAT(Cancel(booked.name()), IsOk());
  EXPECT_THAT(Drain(*source), ElementsAre(Named(booked, 1), Named(booked, 2)));
}

TEST_P(WatchTest, ReadsThroughMoreThanAPage) {
  ASSERT_OK_AND_ASSIGN(const auto source, Open({}));
  for (int i = 0; i < 450; ++i) Insert(absl::StrCat("appointments/", i), 1, clock_.Now());
  EXPECT_THAT(Drain(*source), SizeIs(450));
  ASSERT_OK_AND_ASSIGN(const auto later, Open({}));
  EXPECT_THAT(Drain(*later), IsEmpty()) << "from now on";
  Insert("appointments/last", 1, clock_.Now());
  EXPECT_THAT(Drain(*later), SizeIs(1));
}

TEST_P(WatchTest, MissesAndRepeatsNothingWhileManyBookAndCancel) {
  ASSERT_OK_AND_ASSIGN(const auto source, Open({}));
  std::atomic<int> running = 4;
  std::vector<std::thread> patients;
  for (int t = 0; t < 4; ++t) {
    patients.emplace_back([&, t] {
      for (int i = 0; i < 5; ++i) {
        const v1::Appointment booked = Book(nine_ + (t * 2) * absl::Minutes(40));
        EXPECT_THAT(Cancel(booked.name()), IsOk());
      }
      --running;
    });
  }
  std::vector<std::string> told;
  while (running > 0) {
    for (const auto& change : Drain(*source)) told.push_back(change);
  }
  for (auto& patient : patients) patient.join();
  for (const auto& change : Drain(*source)) told.push_back(change);
  EXPECT_THAT(told, SizeIs(40));
  EXPECT_THAT(std::set<std::string>(told.begin(), told.end()), SizeIs(40));
}

}  // namespace
}  // namespace lumbar::booking
