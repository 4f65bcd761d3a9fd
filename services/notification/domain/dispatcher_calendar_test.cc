// Calendar files in letters, and letters to clinicians, which are addressed by them.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "services/notification/testing/dispatcher_fixture.h"

namespace lumbar::notification {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class DispatcherCalendarTest : public DispatcherTest {};

TEST_P(DispatcherCalendarTest, SendsTheCalendarFileWithWhatChangesACalendar) {
  Record(booked_);
  for (int hour = 0; hour < 73; ++hour) {
    dispatcher_->RunBatch();
    clock_.Advance(absl::Hours(1));
  }
  ASSERT_THAT(mailer_.taken_, SizeIs(3));
  ASSERT_TRUE(mailer_.taken_[0].calendar);
  EXPECT_EQ(mailer_.taken_[0].calendar->method, "REQUEST");
  EXPECT_EQ(mailer_.taken_[0].calendar->text, "BEGIN:VCALENDAR");
  EXPECT_FALSE(mailer_.taken_[1].calendar);
  EXPECT_FALSE(mailer_.taken_[2].calendar);
  EXPECT_THAT(calendar_.asked_, ElementsAre(booked_.name()));
}

TEST_P(DispatcherCalendarTest, SendsTheCancellationsCalendarFile) {
  Record(booked_);
  Record(NextVersion(booked_, booking::v1::APPOINTMENT_STATE_CANCELLED));
  versions_.standing_ = Standing{2, booking::v1::APPOINTMENT_STATE_CANCELLED};
  calendar_.file_ = CalendarFile{"CANCEL", "BEGIN:VCALENDAR", 2, "", ""};
  dispatcher_->RunBatch();
  ASSERT_THAT(mailer_.taken_, SizeIs(1));
  EXPECT_EQ(mailer_.taken_[0].calendar->method, "CANCEL");
}

TEST_P(DispatcherCalendarTest, WaitsForACalendarFileThatBookingCannotGiveNow) {
  Record(booked_);
  calendar_.file_ = absl::UnavailableError("down");
  dispatcher_->RunBatch();
  EXPECT_EQ(mailer_.tries_, 0);
  EXPECT_EQ(First().reason(), "BOOKING_UNREACHABLE");
  EXPECT_EQ(First().attempts(), 0);
  calendar_.file_.reset();
  clock_.Advance(kBookingRetry);
  dispatcher_->RunBatch();
  EXPECT_THAT(mailer_.taken_, SizeIs(1));
}

TEST_P(DispatcherCalendarTest, SendsTheLetterAloneWhereBookingMakesNoCalendarFiles) {
  Record(booked_);
  calendar_.file_ = WithReason(absl::FailedPreconditionError("no"), "CALENDAR_NOT_CONFIGURED");
  dispatcher_->RunBatch();
  ASSERT_THAT(mailer_.taken_, SizeIs(1));
  EXPECT_FALSE(mailer_.taken_[0].calendar);
}

TEST_P(DispatcherCalendarTest, SendsNothingWithACalendarFileOfALaterVersion) {
  Record(booked_);
  calendar_.file_ = CalendarFile{"CANCEL", "BEGIN:VCALENDAR", 2, "", ""};
  dispatcher_->RunBatch();
  EXPECT_EQ(mailer_.tries_, 0);
  EXPECT_EQ(First().reason(), "SUPERSEDED");
}

TEST_P(DispatcherCalendarTest, TellsTheClinicianAndNeverAtThePatientsAddress) {
  booking::v1::Appointment visit = booked_;
  visit.mutable_slot()->set_clinician("clinicians/grace");
  versions_.standing_->clinician = "clinicians/grace";
  Record(visit);
  dispatcher_->RunBatch();
  ASSERT_THAT(mailer_.taken_, SizeIs(2));
  const bool second = mailer_.taken_[0].to_address == "ada@example.com";
  const Letter& letter = mailer_.taken_[second ? 1 : 0];
  EXPECT_EQ(letter.to_address, "grace@clinic.example");
  EXPECT_EQ(letter.to_name, "Dr. clinicians/grace");
  EXPECT_EQ(letter.calendar->method, "REQUEST");
  EXPECT_THAT(letter.text, Not(HasSubstr("Ada")));
}

TEST_P(DispatcherCalendarTest, TellsBothCliniciansOfAMoveAlsoIfTheVisitIsCalledOffBeforeTheyAreTold) {
  booking::v1::Appointment visit = booked_;
  visit.mutable_slot()->set_clinician("clinicians/ida");
  versions_.standing_->clinician = "clinicians/ida";
  Record(visit);
  dispatcher_->RunBatch();
  visit = NextVersion(visit, booking::v1::APPOINTMENT_STATE_BOOKED);
  visit.mutable_slot()->set_clinician("clinicians/grace");
  Record(visit);
  Record(NextVersion(visit, booking::v1::APPOINTMENT_STATE_CANCELLED));
  versions_.standing_ = Standing{3, booking::v1::APPOINTMENT_STATE_CANCELLED, "clinicians/grace"};
  mailer_.taken_.clear();
  dispatcher_->RunBatch();
  std::vector<std::string> told;
  for (const Letter& letter : mailer_.taken_) {
    if (letter.to_address != "ada@example.com") told.push_back(letter.to_address + " " + letter.calendar->method);
  }
  EXPECT_THAT(told, UnorderedElementsAre("ida@clinic.example CANCEL", "grace@clinic.example CANCEL"));
}

TEST_P(DispatcherCalendarTest, TellsNothingToAClinicianWithoutAnAddress) {
  booking::v1::Appointment visit = booked_;
  visit.mutable_slot()->set_clinician("clinicians/grace");
  versions_.standing_->clinician = "clinicians/grace";
  Record(visit);
  calendar_.file_ = WithReason(absl::FailedPreconditionError("no"), "CLINICIAN_EMAIL_MISSING");
  dispatcher_->RunBatch();
  ASSERT_THAT(mailer_.taken_, SizeIs(1));
  EXPECT_EQ(mailer_.taken_[0].to_address, "ada@example.com");
  EXPECT_EQ(observer_.counts_["dropped CLINICIAN_EMAIL_MISSING"], 1);
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, DispatcherCalendarTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::notification
