// Who gets which calendar file, by call and by link.
#include "services/booking/domain/calendar_desk.h"

#include <absl/strings/str_replace.h>
#include <absl/strings/str_split.h>

#include "services/booking/testing/booking_test.h"

namespace lumbar::booking {
namespace {

using absl::StatusCode;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class CalendarDeskTest : public BookingTest {
 protected:
  static constexpr char kSecret[] = "0123456789abcdef0123456789abcdef";

  CalendarDesk MakeDesk(std::optional<CalendarLinks> links = CalendarLinks(kSecret)) {
    return {clinicians_, appointments_, Organizer{"Elm Street Clinic", "visits@clinic.example", ""}, std::move(links),
            clock_};
  }

  absl::StatusOr<v1::CalendarFile> Ask(const std::string& appointment, options::v1::Role role, std::string subject,
                                       v1::CalendarParty party = v1::CALENDAR_PARTY_UNSPECIFIED) {
    v1::GetCalendarFileRequest request;
    request.set_name(appointment + "/calendarFile");
    request.set_party(party);
    auto response = desk_.GetCalendarFile(rpc::TestContext(role, std::move(subject), request), request);
    if (!response.ok()) return response.status();
    return response->calendar_file();
  }
  absl::StatusOr<v1::CalendarFile> PatientAsks(const std::string& appointment) {
    return Ask(appointment, options::v1::ROLE_PATIENT, kPatient);
  }

  absl::StatusOr<google::api::HttpBody> Download(const std::string& appointment, const std::string& token) {
    v1::DownloadCalendarFileRequest request;
    request.set_name(appointment);
    request.set_token(token);
    const auto response = desk_.DownloadCalendarFile(rpc::TestContext(options::v1::ROLE_ANYONE, "", request), request);
    if (!response.ok()) return response.status();
    return response->file();
  }

  static std::string TokenIn(const std::string& link) {
    const std::vector<std::string> parts = absl::StrSplit(link, "?token=");
    return parts.size() == 2 ? parts[1] : "";
  }

  static std::string Unfolded(const v1::CalendarFile& file) {
    return absl::StrReplaceAll(file.content(), {{"\r\n ", ""}});
  }

  void GiveTheClinicianAnEmail() {
    v1::Clinician clinician = *clinicians_.Get(kClinician);
    clinician.set_email("maya@clinic.example");
    v1::UpdateClinicianRequest request;
    request.set_request_id(store::NewUuid());
    request.set_name(kClinician);
    *request.mutable_clinician() = clinician;
    ASSERT_THAT(roster_.UpdateClinician(rpc::TestContext(options::v1::ROLE_STAFF, "staff/1", request), request),
                IsOk());
  }

  CalendarDesk desk_ = MakeDesk();
};

TEST_P(CalendarDeskTest, GivesThePatientTheFileAndALinkToIt) {
  const v1::Appointment booked = Book(nine_);
  ASSERT_OK_AND_ASSIGN(const v1::CalendarFile file, PatientAsks(booked.name()));
  EXPECT_EQ(file.method(), "REQUEST");
  EXPECT_EQ(file.appointment_version(), 1);
  EXPECT_THAT(Unfolded(file), HasSubstr("mailto:ana@example.org"));
  EXPECT_THAT(file.download_uri(), testing::StartsWith("/v1/" + booked.name() + "/calendar.ics?token=p"));
  for (const char* secret : {"ana", "patients", "maya", "0303", "2026"}) {
    EXPECT_THAT(file.download_uri(), Not(HasSubstr(secret)));
  }
  ASSERT_OK_AND_ASSIGN(const auto served, Download(booked.name(), TokenIn(file.download_uri())));
  EXPECT_EQ(served.data(), file.content());
  EXPECT_EQ(served.content_type(), "text/calendar; charset=utf-8; method=REQUEST");
}

TEST_P(CalendarDeskTest, GivesEachPartyItsOwnFileAndNobodyAnothers) {
  GiveTheClinicianAnEmail();
  const std::string name = Book(nine_).name();
  EXPECT_THAT(Ask(name, options::v1::ROLE_PATIENT, "patients/other"),
              FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  EXPECT_THAT(Ask(name, options::v1::ROLE_CLINICIAN, "clinicians/other"),
              FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  EXPECT_THAT(Ask(name, options::v1::ROLE_PATIENT, kPatient, v1::CALENDAR_PARTY_CLINICIAN),
              FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
  EXPECT_THAT(Ask(name, options::v1::ROLE_SERVICE, "services/notification"),
              FailsWith(StatusCode::kInvalidArgument, "INVALID_FIELD"));
  ASSERT_OK_AND_ASSIGN(const auto own, Ask(name, options::v1::ROLE_CLINICIAN, kClinician));
  ASSERT_OK_AND_ASSIGN(const auto asked,
                       Ask(name, options::v1::ROLE_SERVICE, "services/notification", v1::CALENDAR_PARTY_CLINICIAN));
  EXPECT_EQ(own.content(), asked.content());
  EXPECT_THAT(Unfolded(own), AllOf(HasSubstr("mailto:maya@clinic.example"), Not(HasSubstr("ana@"))));
}

TEST_P(CalendarDeskTest, GivesAClinicianWhoHasTheVisitNoLongerItsCancellation) {
  v1::Clinician other = SampleClinician();
  other.set_name("clinicians/lee");
  other.set_email("lee@clinic.example");
  ASSERT_THAT(Add(other), IsOk());
  const std::string name = Book(nine_).name();
  v1::GetCalendarFileRequest request;
  request.set_name(name + "/calendarFile");
  request.set_party(v1::CALENDAR_PARTY_CLINICIAN);
  request.set_clinician("clinicians/lee");
  const auto asked = desk_.GetCalendarFile(rpc::TestContext(options::v1::ROLE_SERVICE, "services/n", request), request);
  ASSERT_THAT(asked, IsOk());
  EXPECT_EQ(asked->calendar_file().method(), "CANCEL");
  EXPECT_EQ(asked->calendar_file().attendee_email(), "lee@clinic.example");
  EXPECT_EQ(asked->calendar_file().download_uri(), "");
  EXPECT_THAT(desk_.GetCalendarFile(rpc::TestContext(options::v1::ROLE_CLINICIAN, kClinician, request), request),
              FailsWith(StatusCode::kPermissionDenied, "NOT_YOURS"));
}

TEST_P(CalendarDeskTest, NeedsAnEmailForACliniciansFile) {
  EXPECT_THAT(Ask(Book(nine_).name(), options::v1::ROLE_CLINICIAN, kClinician),
              FailsWith(StatusCode::kFailedPrecondition, "CLINICIAN_EMAIL_MISSING"));
}

TEST_P(CalendarDeskTest, ServesTheCancellationUnderTheSameLink) {
  const v1::Appointment booked = Book(nine_);
  const std::string token = TokenIn(PatientAsks(booked.name())->download_uri());
  ASSERT_THAT(Cancel(booked.name()), IsOk());
  ASSERT_OK_AND_ASSIGN(const auto served, Download(booked.name(), token));
  EXPECT_EQ(served.content_type(), "text/calendar; charset=utf-8; method=CANCEL");
  EXPECT_THAT(served.data(), HasSubstr("SEQUENCE:1\r\n"));
}

TEST_P(CalendarDeskTest, RefusesEveryLinkButItsOwn) {
  const std::string name = Book(nine_).name();
  const std::string other = Book(nine_ + absl::Minutes(40)).name();
  const std::string token = TokenIn(PatientAsks(name)->download_uri());
  std::string turned = token;
  turned.back() = turned.back() == 'A' ? 'B' : 'A';
  const auto invalid = FailsWith(StatusCode::kPermissionDenied, "CALENDAR_LINK_INVALID");
  EXPECT_THAT(Download(other, token), invalid);
  EXPECT_THAT(Download("appointments/8c5ab2f0-1c6e-4b1f-9a51-0c7f3f8a0001", token), invalid);
  for (const std::string& wrong : {std::string(), turned, "c" + token.substr(1), token + "A", token.substr(1)}) {
    EXPECT_THAT(Download(name, wrong), invalid) << wrong;
  }
  for (size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'x' ? 'y' : 'x';
    EXPECT_THAT(Download(name, changed), invalid) << i;
  }
  EXPECT_THAT(Download(name, token), IsOk());
}

TEST_P(CalendarDeskTest, EndsALinkThirtyDaysAfterTheVisit) {
  const v1::Appointment booked = Book(nine_);
  const std::string token = TokenIn(PatientAsks(booked.name())->download_uri());
  clock_.Advance(FromProto(booked.slot().end_time()) + absl::Hours(24 * 30) - absl::Seconds(1) - clock_.Now());
  EXPECT_THAT(Download(booked.name(), token), IsOk());
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(Download(booked.name(), token), FailsWith(StatusCode::kPermissionDenied, "CALENDAR_LINK_EXPIRED"));
}

TEST_P(CalendarDeskTest, TakesACliniciansLinkAwayWithTheVisit) {
  GiveTheClinicianAnEmail();
  v1::Appointment booked = Book(nine_);
  const std::string token = TokenIn(Ask(booked.name(), options::v1::ROLE_CLINICIAN, kClinician)->download_uri());
  const CalendarLinks links(kSecret);
  ASSERT_OK_AND_ASSIGN(const CalendarPass pass, links.Open(booked.name(), token));
  EXPECT_EQ(pass.party, v1::CALENDAR_PARTY_CLINICIAN);
  EXPECT_THAT(links.Check(pass, booked, clock_.Now()), IsOk());
  booked.mutable_slot()->set_clinician("clinicians/other");
  EXPECT_THAT(links.Check(pass, booked, clock_.Now()),
              FailsWith(StatusCode::kPermissionDenied, "CALENDAR_LINK_INVALID"));
}

TEST_P(CalendarDeskTest, GivesNoLinkWithoutASecretAndNoFileWithoutAnOrganizer) {
  const v1::Appointment booked = Book(nine_);
  const std::string token = TokenIn(PatientAsks(booked.name())->download_uri());
  CalendarDesk without_links = MakeDesk(std::nullopt);
  CalendarDesk without_organizer(clinicians_, appointments_, std::nullopt, CalendarLinks(kSecret), clock_);
  v1::GetCalendarFileRequest request;
  request.set_name(booked.name() + "/calendarFile");
  const auto context = rpc::TestContext(options::v1::ROLE_PATIENT, kPatient, request);
  EXPECT_EQ(without_links.GetCalendarFile(context, request)->calendar_file().download_uri(), "");
  EXPECT_THAT(without_organizer.GetCalendarFile(context, request),
              FailsWith(StatusCode::kFailedPrecondition, "CALENDAR_NOT_CONFIGURED"));
  v1::DownloadCalendarFileRequest download;
  download.set_name(booked.name());
  download.set_token(token);
  EXPECT_THAT(without_links.DownloadCalendarFile(context, download),
              FailsWith(StatusCode::kPermissionDenied, "CALENDAR_LINK_INVALID"));
}

INSTANTIATE_TEST_SUITE_P(EveryEngine, CalendarDeskTest, testing::ValuesIn(store::Engines()), store::EngineName());

}  // namespace
}  // namespace lumbar::booking
