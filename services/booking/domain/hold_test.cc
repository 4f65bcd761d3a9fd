// Who gets a time, and what becomes of it until it is confirmed.
#include <atomic>
#include <thread>
#include <vector>

#include "common/time/zone_testing.h"
#include "services/booking/testing/booking_test.h"

namespace lumbar::booking {
namespace {

using absl::StatusCode;

class HoldTest : public BookingTest {};
INSTANTIATE_TEST_SUITE_P(EveryEngine, HoldTest, testing::ValuesIn(store::Engines()), store::EngineName());

TEST_P(HoldTest, KeepsATimeForTenMinutes) {
  ASSERT_OK_AND_ASSIGN(const auto response, Create(Wanted(nine_)));
  const v1::Hold& hold = response.hold();
  EXPECT_EQ(hold.patient(), kPatient);
  EXPECT_EQ(FromProto(hold.slot().end_time()), nine_ + absl::Minutes(30));
  EXPECT_EQ(FromProto(hold.expire_time()), clock_.Now() + absl::Minutes(10));
  EXPECT_EQ(hold.state(), v1::HOLD_STATE_ACTIVE);
  EXPECT_EQ(hold.level(), triage::v1::LEVEL_CONSULTATION);
}

TEST_P(HoldTest, KeepsATimeForFiveMinutesIfThePatientMustBeSeenWithinADay) {
  auto request = HoldRequest(nine_);
  request.set_signed_assessment(Sign(Claims("CONSULTATION_24")));
  ASSERT_OK_AND_ASSIGN(const auto response, Create(request));
  EXPECT_EQ(FromProto(response.hold().expire_time()), clock_.Now() + absl::Minutes(5));
}

TEST_P(HoldTest, NeverOutlivesTheBeginOfTheVisit) {
  clock_.Set(nine_ - absl::Minutes(3));
  ASSERT_OK_AND_ASSIGN(const auto response, Create(Wanted(nine_)));
  EXPECT_EQ(FromProto(response.hold().expire_time()), nine_);
}

TEST_P(HoldTest, RefusesATimeThatIsTaken) {
  Hold(nine_);
  EXPECT_THAT(Create(Wanted(nine_)), FailsWith(StatusCode::kAlreadyExists, "SLOT_TAKEN"));
}

TEST_P(HoldTest, RefusesAHoldThatOverlapsABuffer) {
  auto clinician = SampleClinician();
  clinician.set_name("clinicians/buffered");
  clinician.mutable_visit_types(0)->mutable_buffer_before()->set_seconds(10 * 60);
  clinician.mutable_visit_types(1)->set_code("short-visit");
  clinician.mutable_visit_types(1)->mutable_duration()->set_seconds(10 * 60);
  ASSERT_THAT(Add(clinician), IsOk());
  const auto hold = [&](const std::string& type, int minutes) {
    auto request = Wanted(nine_ + absl::Minutes(minutes));
    request.set_clinician(clinician.name());
    request.set_visit_type(type);
    return Create(request);
  };
  const auto taken = FailsWith(StatusCode::kAlreadyExists, "SLOT_TAKEN");
  ASSERT_THAT(hold(kVisit, 50), IsOk()) << "from 09:50 to 10:20, so that 09:40 to 10:30 is kept free";
  EXPECT_THAT(hold("short-visit", 40), taken) << "in the buffer before";
  EXPECT_THAT(hold("short-visit", 80), taken) << "in the buffer after";
  EXPECT_THAT(hold("short-visit", 60), taken) << "in the visit";
  EXPECT_THAT(hold("short-visit", 30), IsOk()) << "touches the buffer before";
  EXPECT_THAT(hold("short-visit", 90), IsOk()) << "touches the buffer after";
  EXPECT_THAT(hold(kVisit, 0), taken) << "its own buffer reaches into the short visit at 09:30";
}

TEST_P(HoldTest, LetsExactlyOneOf64ClientsHaveASlot) {
  std::vector<v1::CreateHoldRequest> requests(64, Wanted(nine_));
  for (auto& request : requests) request.set_request_id(store::NewUuid());
  std::atomic<int> won = 0, taken = 0;
  std::vector<std::thread> clients;
  for (const auto& request : requests) {
    clients.emplace_back([&] {
      const auto response = Create(request);
      won += response.ok();
      taken += !response.ok() && ReasonOf(response.status()) == "SLOT_TAKEN";
    });
  }
  for (auto& client : clients) client.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(taken, 63);
}

// Nothing expires here: whoever loses the race must hear what really became of the hold.
TEST_P(HoldTest, TellsWhoConfirmsAtTheSameTimeThatItIsConfirmed) {
  for (int round = 0; round < 5; ++round) {
    const std::string hold = Hold(nine_ + round * absl::Minutes(40));
    std::atomic<int> won = 0, confirmed = 0;
    std::vector<std::thread> clients;
    for (int client = 0; client < 8; ++client) {
      clients.emplace_back([&] {
        const auto response = Confirm(hold);
        won += response.ok();
        confirmed += !response.ok() && ReasonOf(response.status()) == "HOLD_CONFIRMED";
      });
    }
    for (auto& client : clients) client.join();
    EXPECT_EQ(won, 1);
    EXPECT_EQ(confirmed, 7);
  }
}

TEST_P(HoldTest, FreesTheTimeOfAnExpiredHoldAtOnce) {
  const std::string expired = Hold(nine_);
  clock_.Advance(absl::Minutes(10) - absl::Microseconds(1));
  EXPECT_THAT(Create(Wanted(nine_)), FailsWith(StatusCode::kAlreadyExists, "SLOT_TAKEN"));
  clock_.Advance(absl::Microseconds(1));
  EXPECT_THAT(Confirm(expired), FailsWith(StatusCode::kFailedPrecondition, "HOLD_EXPIRED"));
  Hold(nine_);
  EXPECT_THAT(Confirm(expired), FailsWith(StatusCode::kFailedPrecondition, "HOLD_EXPIRED"));
}

TEST_P(HoldTest, IsConfirmedUntilTheLastMomentBeforeItExpires) {
  const std::string hold = Hold(nine_);
  clock_.Advance(absl::Minutes(10) - absl::Microseconds(1));
  EXPECT_THAT(Confirm(hold), IsOk());
}

TEST_P(HoldTest, AnswersARepeatWithTheSameBytes) {
  const auto request = Wanted(nine_);
  ASSERT_OK_AND_ASSIGN(const auto first, Create(request));
  // The assessment is over and the slot is in the past by now; the answer stays what it was.
  clock_.Advance(absl::Hours(24 * 30));
  ASSERT_OK_AND_ASSIGN(const auto second, Create(request));
  EXPECT_EQ(first.SerializeAsString(), second.SerializeAsString());
}

TEST_P(HoldTest, RefusesARepeatWithAnotherBody) {
  auto request = Wanted(nine_);
  ASSERT_THAT(Create(request), IsOk());
  *request.mutable_start_time() = ToProtoTime(nine_ + absl::Minutes(40));
  EXPECT_THAT(Create(request), FailsWith(StatusCode::kInvalidArgument, "REQUEST_ID_REUSED"));
}

TEST_P(HoldTest, LetsARefusedRequestBeTriedAgain) {
  const std::string other = Hold(nine_);
  const auto request = Wanted(nine_);
  EXPECT_THAT(Create(request), FailsWith(StatusCode::kAlreadyExists, "SLOT_TAKEN"));
  ASSERT_THAT(Release(other), IsOk());
  EXPECT_THAT(Create(request), IsOk());
}

TEST_P(HoldTest, GivesAPatientFiveLiveHoldsAtMost) {
  std::string last;
  for (int i = 0; i < 5; ++i) last = Hold(nine_ + i * absl::Minutes(40));
  const auto sixth = Wanted(nine_ + absl::Minutes(200));
  EXPECT_THAT(Create(sixth), FailsWith(StatusCode::kResourceExhausted, "TOO_MANY_HOLDS"));
  ASSERT_THAT(Release(last), IsOk());
  EXPECT_THAT(Create(sixth), IsOk());
}

TEST_P(HoldTest, GivesAPatientFiveLiveHoldsAtMostHoweverManyAreAskedForAtOnce) {
  constexpr int kClients = 64;
  auto second = SampleClinician();
  second.set_name("clinicians/second");
  ASSERT_THAT(Add(second), IsOk());
  // Each a time of its own: nobody waits for another's.
  std::vector<v1::CreateHoldRequest> requests;
  for (int i = 0; i < kClients; ++i) {
    requests.push_back(Wanted(nine_ + absl::Hours(24) * (i / 16) + absl::Minutes(40) * (i % 8)));
    if (i % 16 >= 8) requests.back().set_clinician(second.name());
  }
  std::atomic<int> held = 0, refused = 0;
  std::vector<std::thread> clients;
  for (const auto& request : requests) {
    clients.emplace_back([&] {
      const auto response = Create(request);
      held += response.ok();
      refused += !response.ok() && ReasonOf(response.status()) == "TOO_MANY_HOLDS";
    });
  }
  for (auto& client : clients) client.join();
  EXPECT_EQ(held, 5);
  EXPECT_EQ(refused, kClients - 5);
}

TEST_P(HoldTest, GivesATimeBackOnceAndForAll) {
  const std::string hold = Hold(nine_);
  ASSERT_OK_AND_ASSIGN(const auto released, Release(hold));
  EXPECT_EQ(released.hold().state(), v1::HOLD_STATE_RELEASED);
  const std::string next = Hold(nine_);
  EXPECT_THAT(Release(hold), IsOk()) << "stays gone, without an error";
  EXPECT_THAT(Confirm(hold), FailsWith(StatusCode::kFailedPrecondition, "HOLD_RELEASED"));
  EXPECT_THAT(Confirm(next), IsOk());
}

TEST_P(HoldTest, IsNobodyElsesToConfirmOrRelease) {
  const std::string hold = Hold(nine_);
  EXPECT_THAT(Confirm(hold, "patients/18"), FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  EXPECT_THAT(Release(hold, "patients/18"), FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  EXPECT_THAT(Confirm(hold), IsOk());
}

TEST_P(HoldTest, IsConfirmedOnce) {
  const std::string hold = Hold(nine_);
  ASSERT_THAT(Confirm(hold), IsOk());
  EXPECT_THAT(Confirm(hold), FailsWith(StatusCode::kFailedPrecondition, "HOLD_CONFIRMED"));
  EXPECT_THAT(Release(hold), FailsWith(StatusCode::kFailedPrecondition, "HOLD_CONFIRMED"));
}

TEST_P(HoldTest, IsNotThereUnderAMadeUpName) {
  EXPECT_THAT(Confirm(store::NewName("holds")), FailsWith(StatusCode::kNotFound, "HOLD_NOT_FOUND"));
}

TEST_P(HoldTest, RefusesWhatTheScheduleDoesNotOffer) {
  EXPECT_THAT(Create(Wanted(nine_ + absl::Minutes(5))), FailsWith(StatusCode::kFailedPrecondition, "NOT_A_SLOT"));
  EXPECT_THAT(Create(Wanted(nine_ + absl::Seconds(1))), FailsWith(StatusCode::kFailedPrecondition, "NOT_A_SLOT"));
  EXPECT_THAT(Create(Wanted(nine_ - absl::Hours(1))), FailsWith(StatusCode::kFailedPrecondition, "NOT_A_SLOT"));
  EXPECT_THAT(Create(Wanted(nine_ - absl::Hours(72))), FailsWith(StatusCode::kFailedPrecondition, "NOT_A_SLOT"));
  auto request = HoldRequest(nine_ + absl::Hours(24 * 91));
  request.set_signed_assessment(Sign(Claims("SELF_CARE")));
  EXPECT_THAT(Create(request), FailsWith(StatusCode::kFailedPrecondition, "NOT_A_SLOT"));
}

TEST_P(HoldTest, RefusesAClinicianWhoMayNotSeeThePatient) {
  auto request = Wanted(nine_);
  request.mutable_contact()->set_state("NJ");
  EXPECT_THAT(Create(request), FailsWith(StatusCode::kFailedPrecondition, "NOT_ELIGIBLE"));
  request = Wanted(nine_);
  request.mutable_contact()->set_age_years(12);
  EXPECT_THAT(Create(request), FailsWith(StatusCode::kFailedPrecondition, "NOT_ELIGIBLE"));
  request = Wanted(nine_);
  request.set_clinician("clinicians/nobody");
  EXPECT_THAT(Create(request), FailsWith(StatusCode::kNotFound, "CLINICIAN_NOT_FOUND"));
}

TEST_P(HoldTest, RefusesAVisitAfterTheLicenceEnds) {
  auto clinician = SampleClinician();
  clinician.set_name("clinicians/retiring");
  *clinician.mutable_licences(0)->mutable_valid_to() = ToProtoTime(nine_ + absl::Hours(2));
  ASSERT_THAT(Add(clinician), IsOk());
  auto request = Wanted(nine_);
  request.set_clinician(clinician.name());
  EXPECT_THAT(Create(request), IsOk());
  request = Wanted(nine_ + absl::Minutes(120));
  request.set_clinician(clinician.name());
  EXPECT_THAT(Create(request), FailsWith(StatusCode::kFailedPrecondition, "NOT_ELIGIBLE"));
}

TEST_P(HoldTest, OpensNoFileForAZoneOfMessagesThatThereIsNot) {
  const ZoneRecorder recorder;
  auto request = Wanted(nine_);
  for (const char* zone : kNoZones) {
    request.mutable_contact()->set_time_zone(zone);
    EXPECT_THAT(Create(request), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELD")) << zone;
  }
  EXPECT_THAT(recorder.opened(), testing::IsEmpty());
}

// A gateway that takes such a name must be able to book with it.
TEST_P(HoldTest, TakesZonesUnderTheNamesThatTheyHad) {
  auto request = Wanted(nine_);
  request.mutable_contact()->set_time_zone("EST5EDT");
  EXPECT_THAT(Create(request), IsOk());
}

}  // namespace
}  // namespace lumbar::booking
