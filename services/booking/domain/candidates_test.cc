#include "services/booking/domain/candidates.h"

#include <map>

#include "services/booking/testing/booking_test.h"

namespace lumbar::booking {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

class CandidatesTest : public BookingTest {
 protected:
  static v1::FindCandidatesRequest Wish() {
    v1::FindCandidatesRequest request;
    request.set_patient(kPatient);
    request.set_patient_state("NY");
    request.set_patient_age_years(44);
    request.set_visit_type(kVisit);
    return request;
  }
  absl::StatusOr<v1::FindCandidatesResponse> Find(const v1::FindCandidatesRequest& request) {
    return candidates_.FindCandidates(rpc::TestContext(options::v1::ROLE_SERVICE, "services/gateway", request),
                                      request);
  }
  static v1::Clinician Named(const std::string& name) {
    auto clinician = SampleClinician();
    clinician.set_name("clinicians/" + name);
    return clinician;
  }
  static std::map<std::string, v1::PassOverReason> Reasons(const v1::FindCandidatesResponse& found) {
    std::map<std::string, v1::PassOverReason> reasons;
    for (const auto& passed : found.passed_over()) reasons[passed.clinician()] = passed.reason();
    return reasons;
  }

  Candidates candidates_{clinicians_, appointments_, clock_};
};
INSTANTIATE_TEST_SUITE_P(EveryEngine, CandidatesTest, testing::ValuesIn(store::Engines()), store::EngineName());

TEST_P(CandidatesTest, FindsTheFirstTimesOfWhoMaySeeThePatient) {
  ASSERT_OK_AND_ASSIGN(const auto found, Find(Wish()));
  ASSERT_EQ(found.candidates_size(), 1);
  const auto& maya = found.candidates(0);
  EXPECT_EQ(maya.clinician(), kClinician);
  ASSERT_EQ(maya.slots_size(), 2);
  EXPECT_EQ(FromProto(maya.slots(0).start_time()), nine_);
  EXPECT_EQ(FromProto(maya.slots(1).start_time()), nine_ + absl::Minutes(40));
  EXPECT_FALSE(maya.has_last_seen_time());
  EXPECT_FALSE(maya.has_last_booked_time());
  EXPECT_EQ(maya.load(), 0);
  EXPECT_THAT(found.passed_over(), IsEmpty());
}

TEST_P(CandidatesTest, WhatItListsIsWhatASearchListsAndCanBeHeld) {
  Hold(nine_);
  auto wish = Wish();
  wish.set_slots_per_clinician(3);
  ASSERT_OK_AND_ASSIGN(const auto found, Find(wish));
  v1::SearchSlotsRequest search;
  search.set_patient_state("NY");
  search.set_patient_age_years(44);
  search.set_visit_type(kVisit);
  search.set_page_size(3);
  ASSERT_OK_AND_ASSIGN(const auto slots, Search(search));
  ASSERT_EQ(found.candidates(0).slots_size(), 3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(found.candidates(0).slots(i).SerializeAsString(), slots.slots(i).SerializeAsString());
    EXPECT_THAT(Create(Wanted(FromProto(slots.slots(i).start_time()))), IsOk());
  }
}

TEST_P(CandidatesTest, TellsWhyEachOfTheOthersIsNone) {
  auto surgeon = Named("surgeon"), pediatric = Named("pediatric"), far = Named("far"), away = Named("away"),
       ending = Named("ending");
  surgeon.mutable_visit_types(0)->set_code("surgery");
  pediatric.set_max_age_years(17);
  pediatric.set_min_age_years(0);
  far.mutable_licences(0)->set_state("CA");
  away.clear_weekly_hours();
  *ending.mutable_licences(0)->mutable_valid_to() = ToProtoTime(nine_);
  for (const auto& one : {surgeon, pediatric, far, away, ending}) ASSERT_THAT(Add(one), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto found, Find(Wish()));
  EXPECT_EQ(found.candidates_size(), 1);
  EXPECT_THAT(Reasons(found),
              UnorderedElementsAre(Pair("clinicians/surgeon", v1::PASS_OVER_REASON_VISIT_TYPE_NOT_OFFERED),
                                   Pair("clinicians/pediatric", v1::PASS_OVER_REASON_OUTSIDE_AGE_SCOPE),
                                   Pair("clinicians/far", v1::PASS_OVER_REASON_NOT_LICENSED),
                                   Pair("clinicians/away", v1::PASS_OVER_REASON_NO_FREE_TIME),
                                   Pair("clinicians/ending", v1::PASS_OVER_REASON_NO_FREE_TIME)));
  EXPECT_EQ(found.passed_over(0).reason(), v1::PASS_OVER_REASON_NO_FREE_TIME) << "those who came nearest come first";
}

TEST_P(CandidatesTest, KeepsToTheWindow) {
  auto wish = Wish();
  *wish.mutable_end_time() = ToProtoTime(nine_);
  ASSERT_OK_AND_ASSIGN(const auto found, Find(wish));
  EXPECT_EQ(found.candidates(0).slots_size(), 1);
  *wish.mutable_end_time() = ToProtoTime(nine_ - absl::Minutes(5));
  ASSERT_OK_AND_ASSIGN(const auto none, Find(wish));
  EXPECT_THAT(none.candidates(), IsEmpty());
  EXPECT_THAT(Reasons(none), ElementsAre(Pair(kClinician, v1::PASS_OVER_REASON_NO_FREE_TIME)));
  *wish.mutable_end_time() = ToProtoTime(clock_.Now() - absl::Hours(1));
  EXPECT_THAT(Find(wish), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELD"));
}

TEST_P(CandidatesTest, PassesNobodyOverForTheLanguageButTellsWhoSpeaksIt) {
  auto spanish = Named("spanish");
  spanish.add_language_codes("es-MX");
  ASSERT_THAT(Add(spanish), IsOk());
  auto wish = Wish();
  wish.set_language_code("es");
  ASSERT_OK_AND_ASSIGN(const auto found, Find(wish));
  ASSERT_EQ(found.candidates_size(), 2);
  for (const auto& one : found.candidates()) {
    EXPECT_EQ(one.speaks_language(), one.clinician() == spanish.name()) << one.clinician();
  }
}

TEST_P(CandidatesTest, TellsWhoHasSeenThePatientButNotOfVisitsCalledOff) {
  const auto kept = Book(nine_);
  ASSERT_THAT(Cancel(Book(nine_ + absl::Minutes(40)).name()), IsOk());
  clock_.Advance(absl::Hours(24));
  ASSERT_OK_AND_ASSIGN(const auto found, Find(Wish()));
  EXPECT_EQ(FromProto(found.candidates(0).last_seen_time()), FromProto(kept.slot().start_time()));
  auto other = Wish();
  other.set_patient("patients/18");
  ASSERT_OK_AND_ASSIGN(const auto unknown, Find(other));
  EXPECT_FALSE(unknown.candidates(0).has_last_seen_time());
}

TEST_P(CandidatesTest, TellsHowFullTheWeekIsAndWhenTheLastVisitWasBooked) {
  Book(nine_);
  Hold(nine_ + absl::Minutes(40));
  ASSERT_OK_AND_ASSIGN(const auto found, Find(Wish()));
  // Two visits of 30 minutes with 10 after each, of 40 hours.
  EXPECT_DOUBLE_EQ(found.candidates(0).load(), 80.0 / 60 / 40);
  EXPECT_EQ(FromProto(found.candidates(0).last_booked_time()), clock_.Now());
  clock_.Advance(absl::Minutes(11));
  ASSERT_OK_AND_ASSIGN(const auto expired, Find(Wish()));
  EXPECT_DOUBLE_EQ(expired.candidates(0).load(), 40.0 / 60 / 40) << "a hold that ran out takes no time";
  clock_.Advance(kLastBookings);
  ASSERT_OK_AND_ASSIGN(const auto later, Find(Wish()));
  EXPECT_FALSE(later.candidates(0).has_last_booked_time());
}

TEST_P(CandidatesTest, HoldsTheEarliestOfAVeryLargeClinic) {
  for (int i = 0; i < kMostCandidates; ++i) ASSERT_THAT(Add(Named("c" + std::to_string(i))), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto found, Find(Wish()));
  EXPECT_EQ(found.candidates_size(), kMostCandidates);
  EXPECT_THAT(Reasons(found), ElementsAre(Pair(kClinician, v1::PASS_OVER_REASON_LATER_THAN_OTHERS)));
}

}  // namespace
}  // namespace lumbar::booking
