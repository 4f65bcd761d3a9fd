// What a clinic sets about a clinician's time holds for listing, holding and moving alike.
#include <atomic>
#include <latch>
#include <set>
#include <thread>
#include <vector>

#include "common/status/macros.h"
#include "services/booking/testing/booking_test.h"

namespace lumbar::booking {
namespace {

using absl::StatusCode;

class PracticeRulesTest : public BookingTest {
 protected:
  absl::Status Set(const v1::Clinician& clinician) {
    v1::UpdateClinicianRequest request;
    request.set_request_id(store::NewUuid());
    request.set_name(clinician.name());
    *request.mutable_clinician() = clinician;
    const auto context = rpc::TestContext(options::v1::ROLE_STAFF, "staff/1", request);
    return roster_.UpdateClinician(context, request).status();
  }
  // Of somebody who has no other, at a level without a deadline.
  v1::CreateHoldRequest OfSomebody(absl::Time start) const {
    auto wanted = HoldRequest(start);
    wanted.set_patient("patients/" + store::NewUuid());
    auto claims = Claims("SELF_CARE");
    claims.patient = wanted.patient();
    wanted.set_signed_assessment(Sign(claims));
    return wanted;
  }
  absl::Status HoldBySomebody(absl::Time start) { return Create(OfSomebody(start)).status(); }
  v1::Appointment BookUnbound(absl::Time start) {
    auto wanted = HoldRequest(start);
    wanted.set_signed_assessment(Sign(Claims("SELF_CARE")));
    const auto hold = Create(wanted);
    EXPECT_THAT(hold, IsOk());
    const auto confirmed = Confirm(hold.ok() ? hold->hold().name() : "");
    EXPECT_THAT(confirmed, IsOk());
    return confirmed.ok() ? confirmed->appointment() : v1::Appointment();
  }
  absl::StatusOr<v1::Appointment> Move(const v1::Appointment& booked, absl::Time start) {
    v1::RescheduleAppointmentRequest request;
    request.set_request_id(store::NewUuid());
    request.set_name(booked.name());
    *request.mutable_start_time() = ToProtoTime(start);
    const auto context = rpc::TestContext(options::v1::ROLE_PATIENT, booked.patient(), request);
    LUMBAR_ASSIGN_OR_RETURN(const auto response, visits_->RescheduleAppointment(context, request));
    return response.appointment();
  }
  std::set<absl::Time> Listed(absl::Time from, absl::Time to) {
    v1::SearchSlotsRequest request;
    request.set_patient_state("NY");
    request.set_patient_age_years(44);
    request.set_visit_type(kVisit);
    request.set_page_size(200);
    *request.mutable_start_time() = ToProtoTime(from);
    *request.mutable_end_time() = ToProtoTime(to);
    const auto page = Search(request);
    EXPECT_THAT(page, IsOk());
    std::set<absl::Time> begins;
    if (page.ok()) {
      EXPECT_EQ(page->next_page_token(), "");
      for (const auto& slot : page->slots()) begins.insert(FromProto(slot.start_time()));
    }
    return begins;
  }
  std::vector<v1::Appointment> OutsideHours() {
    v1::ListAppointmentsRequest request;
    request.set_clinician(kClinician);
    request.set_outside_hours(true);
    const auto context = rpc::TestContext(options::v1::ROLE_STAFF, "staff/1", request);
    std::vector<v1::Appointment> all;
    for (request.set_page_size(1);;) {
      const auto page = visits_->ListAppointments(context, request);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) return all;
      all.insert(all.end(), page->appointments().begin(), page->appointments().end());
      request.set_page_token(page->next_page_token());
      if (request.page_token().empty()) return all;
    }
  }

  // Works from 09:00 to 11:00 on Tuesday, not on Wednesday, and leaves on Thursday at 10:00 until Friday at 14:00.
  static v1::Clinician Busy() {
    v1::Clinician clinician = SampleClinician();
    for (const int day : {3, 4}) {
      v1::DateOverride& date = *clinician.add_date_overrides();
      date.mutable_date()->set_year(2026);
      date.mutable_date()->set_month(3);
      date.mutable_date()->set_day(day);
      if (day == 4) continue;
      date.add_hours()->mutable_start()->set_hours(9);
      date.mutable_hours(0)->mutable_end()->set_hours(11);
    }
    v1::TimeOff& off = *clinician.add_time_off();
    *off.mutable_start_time() = ToProtoTime(At("2026-03-05T10:00:00-05:00"));
    *off.mutable_end_time() = ToProtoTime(At("2026-03-06T14:00:00-05:00"));
    return clinician;
  }
  const absl::Time end_of_week_ = nine_ + absl::Hours(24 * 5);
};
INSTANTIATE_TEST_SUITE_P(EveryEngine, PracticeRulesTest, testing::ValuesIn(store::Engines()), store::EngineName());

TEST_P(PracticeRulesTest, WhatIsListedCanBeHeldAndNothingElse) {
  v1::Clinician clinician = Busy();
  clinician.mutable_visit_types(0)->mutable_minimum_notice()->set_seconds(4 * 3600);
  clinician.mutable_visit_types(0)->set_horizon_days(4);
  ASSERT_THAT(Set(clinician), IsOk());
  const std::set<absl::Time> listed = Listed(clock_.Now(), end_of_week_);
  ASSERT_FALSE(listed.empty());
  EXPECT_EQ(*listed.begin(), nine_ + absl::Minutes(200)) << "12:20 is the first begin after 12:00";
  size_t held = 0;
  for (absl::Time time = clock_.Now() + kGrid; time < end_of_week_; time += kGrid) {
    const absl::Status status = HoldBySomebody(time);
    held += status.ok();
    if (listed.contains(time)) {
      ASSERT_THAT(status, IsOk()) << time;
    } else {
      ASSERT_THAT(status, FailsWith(StatusCode::kFailedPrecondition, "NOT_A_SLOT")) << time;
    }
  }
  EXPECT_EQ(held, listed.size());
  EXPECT_EQ(held, 7u + 3 + 0 + 1)
      << "Monday from 12:20, Tuesday, Wednesday, Thursday; the horizon ends on Friday, 08:00";
}

TEST_P(PracticeRulesTest, NothingIsMovedToWhereNothingIsListed) {
  const v1::Appointment booked = BookUnbound(nine_);
  ASSERT_THAT(Set(Busy()), IsOk());
  const auto none = FailsWith(StatusCode::kFailedPrecondition, "NOT_A_SLOT");
  EXPECT_THAT(Move(booked, At("2026-03-03T11:00:00-05:00")), none) << "after Tuesday's short hours";
  EXPECT_THAT(Move(booked, At("2026-03-04T09:00:00-05:00")), none) << "a Wednesday off";
  EXPECT_THAT(Move(booked, At("2026-03-05T09:40:00-05:00")), none) << "runs into time off";
  EXPECT_THAT(Move(booked, At("2026-03-05T09:00:00-05:00")), IsOk());
  v1::Clinician strict = SampleClinician();
  strict.mutable_visit_types(0)->mutable_minimum_notice()->set_seconds(24 * 3600);
  strict.mutable_visit_types(0)->set_horizon_days(30);
  ASSERT_THAT(Set(strict), IsOk());
  EXPECT_THAT(Move(booked, nine_ + absl::Minutes(40)), none) << "too soon";
  EXPECT_THAT(Move(booked, At("2026-04-02T09:00:00-04:00")), none) << "too far ahead";
}

TEST_P(PracticeRulesTest, AHorizonOfAYearIsOffered) {
  v1::Clinician clinician = SampleClinician();
  clinician.mutable_visit_types(0)->set_horizon_days(365);
  ASSERT_THAT(Set(clinician), IsOk());
  const absl::Time far = At("2027-03-01T09:00:00-05:00");
  EXPECT_TRUE(Listed(far - absl::Hours(24), far).contains(far));
  EXPECT_THAT(HoldBySomebody(far), IsOk());
}

TEST_P(PracticeRulesTest, AFullDayIsHiddenAndHeldNoMoreUntilAHoldRunsOut) {
  v1::Clinician clinician = SampleClinician();
  clinician.set_daily_limit(2);
  ASSERT_THAT(Set(clinician), IsOk());
  const absl::Time tuesday = nine_ + absl::Hours(24);
  BookUnbound(nine_);
  EXPECT_EQ(Listed(nine_, nine_ + absl::Hours(12)).size(), 11u);
  ASSERT_THAT(HoldBySomebody(nine_ + absl::Minutes(40)), IsOk());
  EXPECT_EQ(Listed(nine_, nine_ + absl::Hours(12)).size(), 0u);
  EXPECT_EQ(Listed(tuesday, tuesday + absl::Hours(12)).size(), 12u);
  EXPECT_THAT(HoldBySomebody(nine_ + absl::Minutes(80)), FailsWith(StatusCode::kFailedPrecondition, "DAY_FULL"));
  EXPECT_THAT(HoldBySomebody(tuesday), IsOk());
  clock_.Advance(absl::Minutes(10));
  EXPECT_EQ(Listed(nine_, nine_ + absl::Hours(12)).size(), 11u);
  EXPECT_THAT(HoldBySomebody(nine_ + absl::Minutes(80)), IsOk());
}

TEST_P(PracticeRulesTest, AVisitMovesWithinItsOwnFullDayButNotIntoAnother) {
  v1::Clinician clinician = SampleClinician();
  clinician.set_daily_limit(1);
  ASSERT_THAT(Set(clinician), IsOk());
  const v1::Appointment booked = BookUnbound(nine_);
  const absl::Time tuesday = nine_ + absl::Hours(24);
  const v1::Appointment other = BookUnbound(tuesday);
  EXPECT_THAT(Move(booked, nine_ + absl::Minutes(40)), IsOk());
  EXPECT_THAT(Move(booked, tuesday + absl::Minutes(40)), FailsWith(StatusCode::kFailedPrecondition, "DAY_FULL"));
  ASSERT_THAT(Cancel(other.name()), IsOk());
  EXPECT_THAT(Move(booked, tuesday + absl::Minutes(40)), IsOk());
  EXPECT_THAT(HoldBySomebody(nine_), IsOk()) << "the day that it left has room again";
}

TEST_P(PracticeRulesTest, AVisitCountsOnTheLocalDayOnWhichItBegins) {
  v1::Clinician clinician = SampleClinician();
  clinician.clear_weekly_hours();
  *clinician.add_weekly_hours() = Hours(google::type::MONDAY, 23, 24);
  *clinician.add_weekly_hours() = Hours(google::type::TUESDAY, 0, 1);
  v1::VisitType& type = *clinician.mutable_visit_types(0);
  type.mutable_buffer_before()->set_seconds(30 * 60);
  type.clear_buffer_after();
  clinician.set_daily_limit(1);
  ASSERT_THAT(Set(clinician), IsOk());
  ASSERT_THAT(HoldBySomebody(At("2026-03-02T23:00:00-05:00")), IsOk());
  EXPECT_THAT(HoldBySomebody(At("2026-03-03T00:00:00-05:00")), IsOk()) << "its buffer reaches into Monday";
}

TEST_P(PracticeRulesTest, TheDailyLimitIsKeptHoweverManyRace) {
  v1::Clinician clinician = SampleClinician();
  clinician.set_daily_limit(1);
  ASSERT_THAT(Set(clinician), IsOk());
  const auto schedule = Schedule::Of(clinician, clinician.visit_types(0));
  for (int day = 0; day < 5; ++day) {
    const absl::Time morning = nine_ + day * absl::Hours(24);
    std::vector<v1::CreateHoldRequest> requests;
    for (const Interval& visit : schedule->Visits(morning, morning + absl::Hours(8))) {
      requests.push_back(OfSomebody(visit.start));
    }
    ASSERT_EQ(requests.size(), 12u);
    std::latch ready(12);
    std::atomic<int> won = 0, full = 0;
    std::vector<std::thread> clients;
    for (const auto& request : requests) {
      clients.emplace_back([&] {
        ready.arrive_and_wait();
        const absl::Status status = Create(request).status();
        won += status.ok();
        full += ReasonOf(status) == "DAY_FULL";
      });
    }
    for (auto& client : clients) client.join();
    EXPECT_EQ(won, 1) << "day " << day;
    EXPECT_EQ(full, 11) << "day " << day;
  }
}

TEST_P(PracticeRulesTest, VisitsOutsideNewHoursStayAndAreListed) {
  const v1::Appointment monday = BookUnbound(nine_), late = BookUnbound(At("2026-03-03T13:00:00-05:00")),
                        off = BookUnbound(At("2026-03-05T10:20:00-05:00"));
  EXPECT_TRUE(OutsideHours().empty());
  ASSERT_THAT(Set(Busy()), IsOk());
  const auto outside = OutsideHours();
  ASSERT_EQ(outside.size(), 2u);
  EXPECT_EQ(outside[0].name(), late.name());
  EXPECT_EQ(outside[1].name(), off.name());
  EXPECT_EQ(outside[0].state(), v1::APPOINTMENT_STATE_BOOKED);
  ASSERT_THAT(Cancel(late.name()), IsOk());
  ASSERT_THAT(Move(off, At("2026-03-05T09:00:00-05:00")), IsOk());
  EXPECT_TRUE(OutsideHours().empty()) << "what was called off or moved is no trouble any more";
}

TEST_P(PracticeRulesTest, OutsideWhichHoursMustBeSaid) {
  v1::ListAppointmentsRequest request;
  request.set_outside_hours(true);
  const auto list = [&] {
    return visits_->ListAppointments(rpc::TestContext(options::v1::ROLE_STAFF, "staff/1", request), request);
  };
  EXPECT_THAT(list(), FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELD"));
  request.set_clinician("clinicians/nobody");
  EXPECT_THAT(list(), FailsWith(StatusCode::kNotFound, "CLINICIAN_NOT_FOUND"));
}

}  // namespace
}  // namespace lumbar::booking
