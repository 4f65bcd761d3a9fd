#include "services/booking/domain/slot_search.h"

#include <algorithm>

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

TEST_P(SlotSearchTest, RefusesAClinicianWhoIsNotThere) {
  auto request = Request();
  request.set_clinician("clinicians/nobody");
  EXPECT_THAT(Search(request), FailsWith(StatusCode::kNotFound, "CLINICIAN_NOT_FOUND"));
}

}  // namespace
}  // namespace lumbar::booking
