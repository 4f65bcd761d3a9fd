// Who may wait, and what a patient can do with a place.
#include "services/booking/domain/waitlist.h"

#include <thread>

#include "common/time/zone_testing.h"
#include "services/booking/store/sweep.h"
#include "services/booking/store/waitlist_table.h"
#include "services/booking/testing/waitlist_fixture.h"

namespace lumbar::booking {
namespace {

using absl::StatusCode;

class WaitlistTest : public WaitlistFixture {
 protected:
  absl::StatusOr<v1::ListWaitlistEntriesResponse> List(const v1::ListWaitlistEntriesRequest& request) {
    return waitlist_->ListWaitlistEntries(rpc::TestContext(options::v1::ROLE_STAFF, "staff/1", request), request);
  }
};
INSTANTIATE_TEST_SUITE_P(EveryEngine, WaitlistTest, testing::ValuesIn(store::Engines()), store::EngineName());

TEST_P(WaitlistTest, KeepsWhatWasWanted) {
  auto request = Wish();
  request.set_language_code("en");
  const v1::WaitlistEntry entry = Entry(Wait(request));
  EXPECT_EQ(entry.patient(), kPatient);
  EXPECT_EQ(entry.visit_type(), kVisit);
  EXPECT_EQ(entry.clinicians(0), kRareClinician);
  EXPECT_EQ(entry.state(), v1::WAITLIST_STATE_WAITING);
  EXPECT_EQ(entry.level(), triage::v1::LEVEL_CONSULTATION);
  EXPECT_EQ(FromProto(entry.earliest_time()), clock_.Now());
  EXPECT_EQ(FromProto(entry.latest_time()), clock_.Now() + absl::Hours(12));
  EXPECT_EQ(FromProto(entry.act_by_time()), clock_.Now() + absl::Hours(24 * 5));
  EXPECT_EQ(entry.etag(), "v1");
}

TEST_P(WaitlistTest, NeverLetsAnEmergencyWait) {
  for (const char* level : {"EMERGENCY", "EMERGENCY_AMBULANCE"}) {
    EXPECT_THAT(Join(Wish(kPatient, level)), FailsWith(StatusCode::kFailedPrecondition, "EMERGENCY_NOT_BOOKABLE"));
  }
}

TEST_P(WaitlistTest, TakesOnlyAGenuineAssessmentOfThePatient) {
  auto request = Wish();
  request.clear_signed_assessment();
  EXPECT_THAT(Join(request), FailsWith(StatusCode::kFailedPrecondition, "ASSESSMENT_REQUIRED"));
  request.set_signed_assessment(Wish("patients/18").signed_assessment());
  EXPECT_THAT(Join(request), FailsWith(StatusCode::kFailedPrecondition, "ASSESSMENT_OTHER_PATIENT"));
  request = Wish();
  request.mutable_signed_assessment()->back() ^= 1;
  EXPECT_THAT(Join(request), FailsWith(StatusCode::kInvalidArgument, "ASSESSMENT_FORGED"));
  request = Wish();
  clock_.Advance(absl::Hours(49));
  EXPECT_THAT(Join(request), FailsWith(StatusCode::kFailedPrecondition, "ASSESSMENT_EXPIRED"));
}

TEST_P(WaitlistTest, WaitsNoLongerThanTheAssessmentAllows) {
  auto request = Wish();
  request.clear_latest_time();
  EXPECT_EQ(FromProto(Entry(Wait(request)).latest_time()), clock_.Now() + absl::Hours(24 * 5));
  request = Wish("patients/18");
  request.clear_latest_time();
  *request.mutable_earliest_time() = ToProtoTime(clock_.Now() + absl::Hours(24 * 6));
  EXPECT_THAT(Join(request), FailsWith(StatusCode::kFailedPrecondition, "AFTER_ACT_BY"));
  request = Wish("patients/19", "SELF_CARE");
  request.clear_latest_time();
  EXPECT_EQ(FromProto(Entry(Wait(request)).latest_time()), clock_.Now() + absl::Hours(24 * 14));
}

TEST_P(WaitlistTest, RefusesAWindowThatNobodyCanMeet) {
  const auto invalid = FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELD");
  auto request = Wish(kPatient, "SELF_CARE");
  *request.mutable_latest_time() = ToProtoTime(clock_.Now() + kLeastNotice - absl::Microseconds(1));
  EXPECT_THAT(Join(request), invalid);
  *request.mutable_earliest_time() = ToProtoTime(clock_.Now() + absl::Hours(2));
  *request.mutable_latest_time() = ToProtoTime(clock_.Now() + absl::Hours(1));
  EXPECT_THAT(Join(request), invalid);
  *request.mutable_latest_time() = ToProtoTime(clock_.Now() + absl::Hours(24 * 32));
  EXPECT_THAT(Join(request), invalid);
  *request.mutable_earliest_time() = ToProtoTime(clock_.Now() + absl::Hours(24 * 366));
  request.clear_latest_time();
  EXPECT_THAT(Join(request), invalid);
}

TEST_P(WaitlistTest, OpensNoFileForAZoneThatThereIsNot) {
  const ZoneRecorder recorder;
  auto request = Wish();
  for (const char* zone : kNoZones) {
    request.mutable_contact()->set_time_zone(zone);
    EXPECT_THAT(Join(request), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELD")) << zone;
  }
  EXPECT_THAT(recorder.opened(), testing::IsEmpty());
}

TEST_P(WaitlistTest, RefusesAClinicianWhoIsNotThere) {
  auto request = Wish();
  request.add_clinicians("clinicians/nobody");
  EXPECT_THAT(Join(request), FailsWith(StatusCode::kNotFound, "CLINICIAN_NOT_FOUND"));
}

TEST_P(WaitlistTest, GivesAPatientOnePlaceForEachKindOfVisitAndFiveAtMost) {
  const std::string first = Wait(Wish());
  EXPECT_THAT(Join(Wish()), FailsWith(StatusCode::kAlreadyExists, "ALREADY_WAITING"));
  for (const char* type : {"a", "b", "c", "d"}) {
    auto request = Wish();
    request.set_visit_type(type);
    Wait(request);
  }
  auto sixth = Wish();
  sixth.set_visit_type("e");
  EXPECT_THAT(Join(sixth), FailsWith(StatusCode::kResourceExhausted, "TOO_MANY_WAITLIST_ENTRIES"));
  ASSERT_THAT(Leave(first), IsOk());
  EXPECT_THAT(Join(sixth), IsOk());
  EXPECT_THAT(Join(Wish("patients/18")), IsOk());
}

TEST_P(WaitlistTest, LetsOneOfManyAtOnceHaveThePlace) {
  std::atomic<int> joined = 0, refused = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 16; ++i) {
    clients.emplace_back([&, request = Wish()] {
      const auto response = Join(request);
      joined += response.ok();
      refused += !response.ok() && ReasonOf(response.status()) == "ALREADY_WAITING";
    });
  }
  for (auto& client : clients) client.join();
  EXPECT_EQ(joined, 1);
  EXPECT_EQ(refused, 15);
}

TEST_P(WaitlistTest, GivesAPatientFivePlacesAtMostHoweverManyAreAskedForAtOnce) {
  for (int round = 0; round < 8; ++round) {
    std::vector<v1::JoinWaitlistRequest> wishes(16, Wish("patients/" + std::to_string(round)));
    std::atomic<int> joined = 0, refused = 0;
    std::vector<std::thread> clients;
    for (size_t i = 0; i < wishes.size(); ++i) {
      wishes[i].set_request_id(store::NewUuid());
      wishes[i].set_visit_type("type-" + std::to_string(i));
      clients.emplace_back([&, i] {
        const auto response = Join(wishes[i]);
        joined += response.ok();
        refused += !response.ok() && ReasonOf(response.status()) == "TOO_MANY_WAITLIST_ENTRIES";
      });
    }
    for (auto& client : clients) client.join();
    EXPECT_EQ(joined, 5);
    EXPECT_EQ(refused, 11);
  }
}

TEST_P(WaitlistTest, LetsWhoseTimeIsOverJoinAgain) {
  const std::string first = Wait(Wish());
  clock_.Advance(absl::Hours(12) - kLeastNotice);
  EXPECT_EQ(Entry(first).state(), v1::WAITLIST_STATE_WAITING);
  clock_.Advance(absl::Microseconds(1));
  EXPECT_EQ(Entry(first).state(), v1::WAITLIST_STATE_EXPIRED) << "although nobody wrote it down";
  EXPECT_THAT(Leave(first), FailsWith(StatusCode::kFailedPrecondition, "NOT_WAITING"));
  Wait(Wish());
}

TEST_P(WaitlistTest, AnswersARepeatWithTheSameBytesAndRefusesAnotherBody) {
  auto request = Wish();
  ASSERT_OK_AND_ASSIGN(const auto first, Join(request));
  clock_.Advance(absl::Hours(24 * 6));
  ASSERT_OK_AND_ASSIGN(const auto second, Join(request));
  EXPECT_EQ(first.SerializeAsString(), second.SerializeAsString());
  request.set_language_code("es");
  EXPECT_THAT(Join(request), FailsWith(StatusCode::kInvalidArgument, "REQUEST_ID_REUSED"));
}

TEST_P(WaitlistTest, IsNobodyElsesToSeeOrAnswer) {
  const std::string name = Wait(Wish());
  Match();
  const auto not_yours = FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS");
  v1::GetWaitlistEntryRequest get;
  get.set_name(name);
  const auto see = [&](const std::string& subject) {
    return waitlist_->GetWaitlistEntry(rpc::TestContext(options::v1::ROLE_PATIENT, subject, get), get);
  };
  EXPECT_THAT(see("patients/18"), not_yours);
  EXPECT_THAT(Accept(name, "patients/18"), not_yours);
  EXPECT_THAT(Decline(name, "patients/18"), not_yours);
  EXPECT_THAT(Leave(name, "patients/18"), not_yours);
  EXPECT_THAT(see(kPatient), IsOk());
  get.set_name(store::NewName("waitlistEntries"));
  EXPECT_THAT(see(kPatient), FailsWith(StatusCode::kNotFound, "WAITLIST_ENTRY_NOT_FOUND"));
}

TEST_P(WaitlistTest, IsListedInPagesByWhenThePatientsCame) {
  std::vector<std::string> names;
  for (int i = 0; i < 3; ++i) {
    names.push_back(Wait(Wish("patients/" + std::to_string(i))));
    clock_.Advance(absl::Seconds(1));
  }
  v1::ListWaitlistEntriesRequest request;
  request.set_page_size(2);
  ASSERT_OK_AND_ASSIGN(auto page, List(request));
  ASSERT_EQ(page.entries_size(), 2);
  EXPECT_EQ(page.entries(1).name(), names[1]);
  request.set_page_token(page.next_page_token());
  ASSERT_OK_AND_ASSIGN(page, List(request));
  ASSERT_EQ(page.entries_size(), 1);
  EXPECT_EQ(page.entries(0).name(), names[2]);
  EXPECT_EQ(page.next_page_token(), "");
  request.set_patient("patients/1");
  EXPECT_THAT(List(request), FailsWith(StatusCode::kInvalidArgument, "INVALID_PAGE_TOKEN"));
  request.clear_page_token();
  ASSERT_OK_AND_ASSIGN(page, List(request));
  ASSERT_EQ(page.entries_size(), 1);
  EXPECT_EQ(page.entries(0).name(), names[1]);
}

TEST_P(WaitlistTest, IsForgottenAMonthAfterItIsOver) {
  const std::string name = Wait(Wish()), live = Wait(Wish("patients/18", "SELF_CARE"));
  ASSERT_THAT(Leave(name), IsOk());
  clock_.Advance(kPlacesKept);
  ASSERT_THAT(Sweep(*database_, clock_), IsOk());
  EXPECT_THAT(places_.Get(name), IsOk());
  clock_.Advance(absl::Microseconds(1));
  ASSERT_THAT(Sweep(*database_, clock_), IsOk());
  EXPECT_THAT(places_.Get(name), FailsWith(StatusCode::kNotFound, "WAITLIST_ENTRY_NOT_FOUND"));
  EXPECT_THAT(places_.Get(live), IsOk()) << "over, but nobody has written it down";
}

TEST_P(WaitlistTest, LeavesOnceAndForAll) {
  const std::string name = Wait(Wish());
  EXPECT_THAT(Do(&Waitlist::LeaveWaitlist, name, kPatient, "v7"), FailsWith(StatusCode::kAborted, "ETAG_MISMATCH"));
  ASSERT_OK_AND_ASSIGN(const auto left, Leave(name));
  EXPECT_EQ(left.entry().state(), v1::WAITLIST_STATE_LEFT);
  ASSERT_OK_AND_ASSIGN(const auto again, Leave(name));
  EXPECT_EQ(again.entry().version(), left.entry().version());
  Match();
  EXPECT_EQ(offers_, 0);
  EXPECT_THAT(Accept(name), FailsWith(StatusCode::kFailedPrecondition, "NOT_WAITING"));
}

}  // namespace
}  // namespace lumbar::booking
