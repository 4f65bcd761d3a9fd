// Every file is read back by a calendar program's library, npm ical.js.
#include "services/booking/domain/calendar_file.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "common/time/proto_time.h"
#include "common/time/zone.h"
#include "services/booking/testing/calendar_reader.h"

namespace lumbar::booking {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using Json = nlohmann::json;

const Organizer kClinic = {"Lumbar Demo Clinic", "visits@clinic.example", "https://care.example/visits/"};
constexpr char kId[] = "8c5ab2f0-1c6e-4b1f-9a51-0c7f3f8a0001";

absl::Time At(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

v1::Appointment Booked(absl::Time start, const std::string& zone = "America/New_York") {
  v1::Appointment visit;
  visit.set_name(absl::StrCat("appointments/", kId));
  visit.set_patient("patients/17");
  visit.set_state(v1::APPOINTMENT_STATE_BOOKED);
  visit.set_version(1);
  visit.mutable_slot()->set_clinician_display_name("Maya Chen, DO");
  visit.mutable_slot()->set_visit_type("virtual-back-pain");
  *visit.mutable_slot()->mutable_start_time() = ToProtoTime(start);
  *visit.mutable_slot()->mutable_end_time() = ToProtoTime(start + absl::Minutes(30));
  *visit.mutable_create_time() = ToProtoTime(start - absl::Hours(48));
  *visit.mutable_update_time() = ToProtoTime(start - absl::Hours(48));
  visit.mutable_contact()->set_display_name("Jo Park");
  visit.mutable_contact()->set_email("jo@example.com");
  visit.mutable_contact()->set_time_zone(zone);
  return visit;
}

std::string PatientsFile(const v1::Appointment& visit) {
  const bool off = visit.state() == v1::APPOINTMENT_STATE_CANCELLED;
  return MakeCalendarFile(visit, PatientOf(visit), kClinic, off ? Standing::kCalledOff : Standing::kBooked).text;
}

Json Read(const std::string& file) {
  const std::vector<Json> read = ReadCalendars({file});
  return read.size() == 1 ? read[0] : Json();
}

// Instants on the booking grid at which a calendar may go wrong: around each change of the clocks, and in between.
std::set<absl::Time> TrickyTimes(absl::TimeZone zone) {
  std::set<absl::Time> times;
  const absl::Time end = At("2031-01-01T00:00:00Z");
  absl::TimeZone::CivilTransition change;
  for (absl::Time time = At("2024-01-01T00:00:00Z"); time < end; time += absl::Hours(24 * 91)) times.insert(time);
  for (absl::Time from = At("2024-01-01T00:00:00Z"); zone.NextTransition(from, &change);) {
    const absl::TimeZone::TimeInfo info = zone.At(change.to);
    from = info.kind == absl::TimeZone::TimeInfo::UNIQUE ? info.pre : info.trans;
    if (from > end) break;
    for (const int minutes : {-1440, -120, -65, -60, -30, -5, 0, 5, 30, 55, 60, 120}) {
      times.insert(from + absl::Minutes(minutes));
    }
  }
  return times;
}

TEST(CalendarFileTest, SaysTheSameInstantInEveryZoneAroundEveryClockChange) {
  std::vector<std::string> files;
  std::vector<std::pair<std::string, absl::Time>> wanted;
  for (const std::string& name : ZoneNames()) {
    for (const absl::Time time : TrickyTimes(*FindZone(name))) {
      files.push_back(PatientsFile(Booked(time, name)));
      wanted.emplace_back(name, time);
    }
  }
  ASSERT_GT(ZoneNames().size(), 400u);
  const std::vector<Json> read = ReadCalendars(files);
  ASSERT_EQ(read.size(), wanted.size());
  for (size_t i = 0; i < read.size(); ++i) {
    const auto& [zone, time] = wanted[i];
    ASSERT_EQ(read[i]["start"], absl::ToUnixSeconds(time)) << zone << " " << time << "\n" << files[i];
    ASSERT_EQ(read[i]["end"], absl::ToUnixSeconds(time + absl::Minutes(30))) << zone << " " << time << "\n" << files[i];
  }
}

TEST(CalendarFileTest, TellsAnHourThatHappensTwiceInUtc) {
  for (const char* twice : {"2026-11-01T04:45:00Z", "2026-11-01T05:15:00Z", "2026-11-01T06:15:00Z"}) {
    const Json read = Read(PatientsFile(Booked(At(twice))));
    EXPECT_EQ(read["zone"], "UTC") << twice;
    EXPECT_THAT(read["zones"], IsEmpty());
  }
  for (const char* once : {"2026-11-01T04:15:00Z", "2026-11-01T07:00:00Z"}) {
    EXPECT_EQ(Read(PatientsFile(Booked(At(once))))["zone"], "America/New_York") << once;
  }
}

TEST(CalendarFileTest, HasBothClockChangesOfTheVisitsYear) {
  EXPECT_THAT(PatientsFile(Booked(At("2026-06-01T12:00:00Z"))),
              AllOf(HasSubstr("BEGIN:DAYLIGHT\r\nDTSTART:20260308T020000\r\nTZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400"),
                    HasSubstr("BEGIN:STANDARD\r\nDTSTART:20261101T020000\r\nTZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500")));
}

TEST(CalendarFileTest, IsReplacedByAMoveAndThenByACancellation) {
  v1::Appointment visit = Booked(At("2026-06-01T12:00:00Z"));
  std::vector<std::string> files = {PatientsFile(visit)};
  visit.set_version(2);
  *visit.mutable_slot()->mutable_start_time() = ToProtoTime(At("2026-06-02T12:00:00Z"));
  *visit.mutable_slot()->mutable_end_time() = ToProtoTime(At("2026-06-02T12:30:00Z"));
  files.push_back(PatientsFile(visit));
  visit.set_version(3);
  visit.set_state(v1::APPOINTMENT_STATE_CANCELLED);
  files.push_back(PatientsFile(visit));
  const std::vector<Json> read = ReadCalendars(files);
  ASSERT_THAT(read, SizeIs(3));
  for (size_t i = 0; i < read.size(); ++i) {
    EXPECT_EQ(read[i]["uid"], kId);
    EXPECT_EQ(read[i]["sequence"], i);
    EXPECT_EQ(read[i]["method"], i == 2 ? "CANCEL" : "REQUEST");
    EXPECT_EQ(read[i]["status"], i == 2 ? "CANCELLED" : "CONFIRMED");
    EXPECT_EQ(read[i]["alarms"], i == 2 ? 0 : 1);
  }
}

TEST(CalendarFileTest, NamesTheClinicAndItsPartyAlone) {
  const v1::Appointment visit = Booked(At("2026-06-01T12:00:00Z"));
  const Json patient = Read(PatientsFile(visit));
  EXPECT_EQ(patient["organizer"], Json({{"uri", "mailto:visits@clinic.example"}, {"name", "Lumbar Demo Clinic"}}));
  EXPECT_EQ(patient["attendees"], Json::array({{{"uri", "mailto:jo@example.com"}, {"name", "Jo Park"}}}));
  EXPECT_EQ(patient["summary"], "Video visit with Maya Chen, DO");
  EXPECT_EQ(patient["url"], absl::StrCat("https://care.example/visits/", kId));

  const Attendee clinician = {"Maya Chen, DO", "maya@clinic.example", "America/Los_Angeles", ""};
  const std::string file = MakeCalendarFile(visit, clinician, kClinic, Standing::kBooked).text;
  EXPECT_EQ(Read(file)["zone"], "America/Los_Angeles");
  EXPECT_EQ(Read(file)["attendees"], Json::array({{{"uri", "mailto:maya@clinic.example"}, {"name", "Maya Chen, DO"}}}));
  for (const std::string& text : {file, PatientsFile(visit)}) EXPECT_THAT(text, Not(HasSubstr("back-pain")));
  EXPECT_THAT(file, AllOf(Not(HasSubstr("Jo Park")), Not(HasSubstr("jo@")), Not(HasSubstr("patients/17"))));
}

TEST(CalendarFileTest, KeepsNamesWholeAndLetsNoneBecomeALineOfItsOwn) {
  std::vector<std::string> files;
  const std::vector<std::string> names = {
      "Chen, Maya; DO: \\n \\, \"the back\" 'doctor'",
      "Zo\xc3\xab \xf0\x9f\x98\x80\xf0\x9f\x98\x80 \xe6\x84\x88",
      "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:evil\r\nSUMMARY:evil\r\n",
      "x\nATTENDEE:mailto:evil@example.com\n BEGIN:VALARM",
      std::string(120, 'W'),
      absl::StrCat(std::string(61, 'x'), "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"),
      "a\x01\x7f\tb",
      "=?utf-8?q?x?= %0d%0a ^n ^' <b>",
  };
  for (const std::string& name : names) {
    v1::Appointment visit = Booked(At("2026-06-01T12:00:00Z"));
    visit.mutable_slot()->set_clinician_display_name(name);
    visit.mutable_contact()->set_display_name(name);
    files.push_back(
        MakeCalendarFile(visit, PatientOf(visit), {name, "visits@clinic.example", ""}, Standing::kBooked).text);
  }
  const std::vector<Json> read = ReadCalendars(files);
  ASSERT_EQ(read.size(), names.size());
  for (size_t i = 0; i < read.size(); ++i) {
    std::string plain = names[i];
    for (char& c : plain) {
      if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
    }
    EXPECT_EQ(read[i]["events"], 1);
    EXPECT_EQ(read[i]["uid"], kId);
    EXPECT_EQ(read[i]["alarms"], 1);
    EXPECT_THAT(read[i]["attendees"], SizeIs(1));
    EXPECT_EQ(read[i]["summary"], absl::StrCat("Video visit with ", plain));
    // libical leaves a caret as it is, and ical.js takes a backslash here for an escape, which RFC 5545 has none of.
    if (!absl::StrContains(plain, "^") && !absl::StrContains(plain, "\\")) {
      EXPECT_EQ(read[i]["attendees"][0]["name"], plain);
    }
  }
}

TEST(CalendarFileTest, FoldsItsLines) {
  v1::Appointment visit = Booked(At("2026-06-01T12:00:00Z"));
  for (int length = 1; length < 120; ++length) {
    visit.mutable_contact()->set_display_name(
        absl::StrCat(std::string(static_cast<size_t>(length), 'x'), "\xf0\x9f\x98\x80"));
    const std::vector<std::string> lines = absl::StrSplit(PatientsFile(visit), "\r\n");
    EXPECT_EQ(lines.back(), "");
    EXPECT_THAT(lines, Each(AllOf(Not(HasSubstr("\n")), Not(HasSubstr("\r")), SizeIs(::testing::Le(75u)))));
  }
}

TEST(CalendarFileTest, EscapesAnAddressThatAUriCannotHold) {
  v1::Appointment visit = Booked(At("2026-06-01T12:00:00Z"));
  visit.mutable_contact()->set_email("a+b%c?d#e&f@example.com");
  EXPECT_EQ(Read(PatientsFile(visit))["attendees"][0]["uri"], "mailto:a+b%25c%3Fd%23e%26f@example.com");
}

TEST(CalendarFileTest, IsTheSameForTheSameVersion) {
  const v1::Appointment visit = Booked(At("2026-06-01T12:00:00Z"));
  EXPECT_EQ(PatientsFile(visit), PatientsFile(visit));
  EXPECT_EQ(Read(PatientsFile(visit))["stamp"], visit.update_time().seconds());
}

}  // namespace
}  // namespace lumbar::booking
