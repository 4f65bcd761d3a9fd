#include "services/booking/domain/slot_search.h"

#include <algorithm>

#include "common/store/page_token.h"
#include "common/time/zone_testing.h"
#include "services/booking/testing/booking_test.h"

namespace lumbar::booking {
namespace {

using absl::StatusCode;

class SlotSearchTest : public BookingTest {
 protected:
  v1::SearchSlotsRequest Request() const {
    v1::SearchSlotsRequest request;
    request.set_patient_state("NY");
    request.set_patient_age_years(44);
    request.set_visit_type(kVisit);
    return request;
  }
  // Every slot, by pages of `page_size`.
  std::vector<v1::Slot> All(v1::SearchSlotsRequest request, int page_size = 200) {
    std::vector<v1::Slot> slots;
    request.set_page_size(page_size);
    do {
      const auto page = Search(request);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) break;
      slots.insert(slots.end(), page->slots().begin(), page->slots().end());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return slots;
  }
};
INSTANTIATE_TEST_SUITE_P(EveryEngine, SlotSearchTest, testing::ValuesIn(store::Engines()), store::EngineName());

TEST_P(SlotSearchTest, ListsTheEarliestFirstOverTwoWeeks) {
  // The clocks change in between, so that the two weeks end at 09:00.
  const auto slots = All(Request());
  ASSERT_EQ(slots.size(), 10u * 12 + 1) << "ten working days of twelve visits";
  EXPECT_EQ(FromProto(slots.front().start_time()), nine_);
  EXPECT_EQ(slots.front().clinician_display_name(), "Maya Chen, DO");
  EXPECT_TRUE(std::is_sorted(slots.begin(), slots.end(), [](const auto& a, const auto& b) {
    return FromProto(a.start_time()) < FromProto(b.start_time());
  }));
}

TEST_P(SlotSearchTest, EverySlotCanBeHeld) {
  auto request = Request();
  *request.mutable_end_time() = ToProtoTime(nine_ + absl::Hours(24 * 3));
  const auto slots = All(request);
  ASSERT_GT(slots.size(), 30u);
  for (const auto& slot : slots) {
    auto wanted = Wanted(FromProto(slot.start_time()));
    wanted.set_patient("patients/" + store::NewUuid());
    auto claims = Claims();
    claims.patient = wanted.patient();
    wanted.set_signed_assessment(Sign(claims));
    EXPECT_THAT(Create(wanted), IsOk());
  }
  EXPECT_EQ(All(request).size(), 0u);
}

TEST_P(SlotSearchTest, LeavesOutWhatIsTakenUntilItIsFreeAgain) {
  const size_t before = All(Request()).size();
  Hold(nine_);
  EXPECT_EQ(All(Request()).size(), before - 1);
  auto longer = Request();
  longer.set_visit_type("long-visit");
  EXPECT_EQ(FromProto(All(longer).front().start_time()), nine_ + absl::Hours(1));
  clock_.Advance(absl::Minutes(10));
  EXPECT_EQ(All(Request()).size(), before);
}

TEST_P(SlotSearchTest, GivesTheSameSlotsInPagesOfAnySize) {
  auto other = SampleClinician();
  other.set_name("clinicians/zoe-lind");
  ASSERT_THAT(Add(other), IsOk());
  const auto whole = All(Request());
  ASSERT_EQ(whole.size(), 242u);
  for (const int page_size : {1, 7, 50}) {
    const auto paged = All(Request(), page_size);
    ASSERT_EQ(paged.size(), whole.size());
    for (size_t i = 0; i < whole.size(); ++i) ASSERT_EQ(paged[i].SerializeAsString(), whole[i].SerializeAsString());
  }
}

TEST_P(SlotSearchTest, ListsOnlyWhoMaySeeThePatient) {
  auto request = Request();
  request.set_patient_state("NJ");
  EXPECT_EQ(All(request).size(), 0u);
  request = Request();
  request.set_patient_age_years(17);
  EXPECT_EQ(All(request).size(), 0u);
  request = Request();
  request.set_visit_type("surgery");
  EXPECT_EQ(All(request).size(), 0u);
  request = Request();
  request.set_language_code("es");
  EXPECT_EQ(All(request).size(), 0u);
}

TEST_P(SlotSearchTest, ListsNothingAfterTheLicenceEnds) {
  auto clinician = SampleClinician();
  clinician.set_name("clinicians/retiring");
  *clinician.mutable_licences(0)->mutable_valid_to() = ToProtoTime(nine_ + absl::Minutes(70));
  ASSERT_THAT(Add(clinician), IsOk());
  auto request = Request();
  request.set_clinician(clinician.name());
  EXPECT_EQ(All(request).size(), 2u);
}

TEST_P(SlotSearchTest, KeepsToTheWindowBothEndsIncluded) {
  auto request = Request();
  *request.mutable_start_time() = ToProtoTime(nine_);
  *request.mutable_end_time() = ToProtoTime(nine_ + absl::Minutes(40));
  EXPECT_EQ(All(request).size(), 2u);
  *request.mutable_start_time() = ToProtoTime(nine_ + absl::Microseconds(1));
  EXPECT_EQ(All(request).size(), 1u);
}

TEST_P(SlotSearchTest, ListsNothingThatHasBegun) {
  clock_.Set(nine_);
  auto request = Request();
  *request.mutable_start_time() = ToProtoTime(nine_ - absl::Hours(5));
  EXPECT_EQ(FromProto(All(request).front().start_time()), nine_ + absl::Minutes(40));
}

TEST_P(SlotSearchTest, ListsNothingBeyondTheHorizon) {
  auto request = Request();
  *request.mutable_start_time() = ToProtoTime(clock_.Now() + kHorizon - absl::Hours(24 * 7));
  *request.mutable_end_time() = ToProtoTime(clock_.Now() + kHorizon + absl::Hours(24 * 7));
  const auto slots = All(request);
  ASSERT_FALSE(slots.empty());
  EXPECT_LE(FromProto(slots.back().start_time()), clock_.Now() + kHorizon);
}

TEST_P(SlotSearchTest, RefusesAWindowThatIsEmptyTooLongOrOver) {
  for (const auto& [from, to] : {std::pair{absl::Hours(2), absl::Hours(1)},
                                 {absl::Hours(1), absl::Hours(24 * 32)},
                                 {-absl::Hours(9), -absl::Hours(8)}}) {
    auto request = Request();
    *request.mutable_start_time() = ToProtoTime(clock_.Now() + from);
    *request.mutable_end_time() = ToProtoTime(clock_.Now() + to);
    EXPECT_THAT(Search(request), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELD"));
  }
}

TEST_P(SlotSearchTest, RefusesATokenOfAnotherSearch) {
  auto request = Request();
  request.set_page_size(1);
  ASSERT_OK_AND_ASSIGN(const auto page, Search(request));
  request.set_page_token(page.next_page_token());
  request.set_patient_state("NJ");
  EXPECT_THAT(Search(request), FailsWith(StatusCode::kInvalidArgument, "INVALID_PAGE_TOKEN"));
}

TEST_P(SlotSearchTest, FindsALanguageByItsPrefix) {
  auto clinician = SampleClinician();
  clinician.set_name("clinicians/lucia-paz");
  clinician.add_language_codes("es-MX");
  clinician.add_language_codes("est");
  ASSERT_THAT(Add(clinician), IsOk());
  const auto finds = [&](const std::string& language) {
    auto request = Request();
    request.set_language_code(language);
    return All(request).size();
  };
  EXPECT_EQ(finds("es"), 121u);
  EXPECT_EQ(finds("ES-mx"), 121u);
  EXPECT_EQ(finds("en"), 242u);
  for (const char* none : {"es-ES", "es-MX-x", "e", "es-", "en-US"}) EXPECT_EQ(finds(none), 0u) << none;
}

TEST_P(SlotSearchTest, FindsASpecialtyInUpperOrLowerCase) {
  auto clinician = SampleClinician();
  clinician.set_name("clinicians/lucia-paz");
  clinician.add_specialties("Physiatry");
  ASSERT_THAT(Add(clinician), IsOk());
  auto request = Request();
  request.set_specialty("physiatry");
  const auto slots = All(request);
  ASSERT_EQ(slots.size(), 121u);
  EXPECT_EQ(slots.front().clinician(), clinician.name());
  request.set_specialty("physi");
  EXPECT_EQ(All(request).size(), 0u);
}

TEST_P(SlotSearchTest, TellsBothWallClocksIfThePatientsZoneIsKnown) {
  auto request = Request();
  EXPECT_EQ(All(request).front().local_start_time(), "");
  EXPECT_EQ(All(request).front().patient_local_start_time(), "");
  request.set_patient_time_zone("Asia/Kathmandu");
  const v1::Slot slot = All(request).front();
  EXPECT_EQ(slot.time_zone(), "America/New_York");
  EXPECT_EQ(slot.local_start_time(), "2026-03-02T09:00:00-05:00");
  EXPECT_EQ(slot.patient_local_start_time(), "2026-03-02T19:45:00+05:45");
}

TEST_P(SlotSearchTest, SeesAChangeOfAClinicianAtOnceOnEveryReplica) {
  SlotSearch replica(clinicians_, appointments_, clock_);
  auto other = SampleClinician();
  other.set_name("clinicians/zoe-lind");
  ASSERT_THAT(Add(other), IsOk());
  const auto request = Request();
  const auto find = [&] { return replica.Search(request)->slots(0).clinician_display_name(); };
  EXPECT_EQ(find(), "Maya Chen, DO");
  v1::UpdateClinicianRequest update;
  update.set_request_id(store::NewUuid());
  update.set_name(kClinician);
  *update.mutable_clinician() = SampleClinician();
  update.mutable_clinician()->set_display_name("Maya Chen-Ruiz, DO");
  ASSERT_THAT(roster_.UpdateClinician(rpc::TestContext(options::v1::ROLE_STAFF, "staff/1", update), update), IsOk());
  EXPECT_EQ(find(), "Maya Chen-Ruiz, DO");
  EXPECT_EQ(All(request).front().clinician_display_name(), "Maya Chen-Ruiz, DO");
  auto third = SampleClinician();
  third.set_name("clinicians/ada-first");
  ASSERT_THAT(Add(third), IsOk());
  EXPECT_EQ(replica.Search(request)->slots(0).clinician(), third.name());
}

TEST_P(SlotSearchTest, KnowsMoreCliniciansThanItReadsAtOnce) {
  for (int number = 0; number < 60; ++number) {
    auto clinician = SampleClinician();
    clinician.set_name("clinicians/n" + std::to_string(number));
    ASSERT_THAT(Add(clinician), IsOk());
  }
  auto request = Request();
  *request.mutable_end_time() = ToProtoTime(nine_);
  EXPECT_EQ(All(request).size(), 61u);
}

// What a stranger may try: each is told which field is wrong, or finds nothing.
TEST_P(SlotSearchTest, RefusesWindowsAndZonesThatMakeNoSense) {
  const auto with = [&](absl::string_view from, absl::string_view to) {
    auto request = Request();
    if (!from.empty()) *request.mutable_start_time() = ToProtoTime(At(from));
    if (!to.empty()) *request.mutable_end_time() = ToProtoTime(At(to));
    return Search(request);
  };
  const auto refused = FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELD");
  EXPECT_THAT(with("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"), refused) << "10,000 years";
  EXPECT_THAT(with("", "9999-12-31T23:59:59Z"), refused);
  EXPECT_THAT(with("9999-12-31T00:00:00Z", ""), refused);
  EXPECT_THAT(with("0001-01-01T00:00:00Z", ""), refused) << "over";
  EXPECT_THAT(with("2027-03-03T13:00:00Z", ""), refused) << "beyond every horizon";
  EXPECT_THAT(with("2027-03-02T13:00:00Z", ""), IsOk()) << "the last day of the longest horizon";
}

TEST_P(SlotSearchTest, OpensNoFileForAPatientsZoneThatThereIsNot) {
  const ZoneRecorder recorder;
  auto request = Request();
  for (const char* zone : kNoZones) {
    request.set_patient_time_zone(zone);
    EXPECT_THAT(Search(request), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELD")) << zone;
  }
  EXPECT_THAT(recorder.opened(), testing::IsEmpty());
}

TEST_P(SlotSearchTest, RefusesTokensThatAreForgedDamagedOrOfAnotherList) {
  auto request = Request();
  request.set_page_size(1);
  ASSERT_OK_AND_ASSIGN(const auto page, Search(request));
  const auto refused = FailsWith(StatusCode::kInvalidArgument, "INVALID_PAGE_TOKEN");
  const std::string good = page.next_page_token();
  std::string damaged = good;
  damaged[3] = damaged[3] == 'A' ? 'B' : 'A';
  for (const std::string& token : {damaged, good + "A", good.substr(1), std::string("x"), std::string(512, 'A'),
                                   store::EncodePageToken("0 ", "clinicians")}) {
    request.set_page_token(token);
    EXPECT_THAT(Search(request), refused) << token;
  }
  request.set_page_token(good);
  request.set_patient_time_zone("Asia/Kathmandu");
  EXPECT_THAT(Search(request), refused) << "another question";
}

TEST_P(SlotSearchTest, RefusesAClinicianWhoIsNotThere) {
  auto request = Request();
  request.set_clinician("clinicians/nobody");
  EXPECT_THAT(Search(request), FailsWith(StatusCode::kNotFound, "CLINICIAN_NOT_FOUND"));
}

}  // namespace
}  // namespace lumbar::booking
