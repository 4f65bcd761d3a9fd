#include "services/notification/domain/templates.h"

#include <absl/strings/match.h>
#include <gmock/gmock.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "common/status/matchers.h"
#include "common/time/proto_time.h"
#include "services/notification/testing/samples.h"
#include "source_dir.h"

namespace lumbar::notification {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const char kFolder[] = LUMBAR_SOURCE_DIR "/services/notification/templates";
// 14:30 in New York, summer time.
const absl::Time kStart = absl::FromCivil(absl::CivilSecond(2026, 6, 9, 18, 30, 0), absl::UTCTimeZone());

// Says nothing but what an offer needs: until 14:15.
v1::Message Of(v1::MessageKind kind) {
  v1::Message message;
  message.set_kind(kind);
  *message.mutable_expire_time() = ToProtoTime(kStart - absl::Minutes(15));
  return message;
}

constexpr std::array kToPatients = {v1::MESSAGE_KIND_CONFIRMATION, v1::MESSAGE_KIND_REMINDER_24H,
                                    v1::MESSAGE_KIND_REMINDER_1H, v1::MESSAGE_KIND_CANCELLATION,
                                    v1::MESSAGE_KIND_OFFER};

// A copy of the real templates that a test may spoil.
class TemplatesTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    folder_ = testing::TempDir() + "templates_" + name + std::to_string(getpid());
    std::filesystem::copy(kFolder, folder_, std::filesystem::copy_options::recursive);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& file, const std::string& text) { std::ofstream(folder_ + "/en/" + file) << text; }

  std::string folder_;
};

TEST_F(TemplatesTest, WantsTheNameOfThePractice) {
  for (const char* practice : {"", " ", "\n\t"}) {
    EXPECT_THAT(Templates::Load(folder_, practice).status(),
                FailsWith(absl::StatusCode::kInvalidArgument, "PRACTICE_MISSING"));
  }
}

// stderr is for one JSON error of the command line, or for log lines.
TEST_F(TemplatesTest, OfAMissingTemplateOnlyTheErrorTells) {
  std::filesystem::remove(folder_ + "/en/offer.text.tpl");
  testing::internal::CaptureStderr();
  const absl::Status refused = Templates::Load(folder_, "Elm Street Clinic").status();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_THAT(refused, FailsWith(absl::StatusCode::kFailedPrecondition, "TEMPLATE_MISSING"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("en/offer.text.tpl"));
}

TEST_F(TemplatesTest, EveryKindRendersInAllItsParts) {
  ASSERT_OK_AND_ASSIGN(const auto templates, Templates::Load(folder_, "Elm Street Clinic"));
  for (const auto kind : kToPatients) {
    ASSERT_OK_AND_ASSIGN(const Rendered rendered, templates->Render(Of(kind), SampleAppointment(kStart)));
    EXPECT_THAT(rendered.subject, AllOf(HasSubstr("Elm Street Clinic"), Not(HasSubstr("\n"))));
    for (const std::string& body : {rendered.text, rendered.html}) {
      EXPECT_THAT(body, AllOf(HasSubstr("Ada Birch"), HasSubstr("Grace Moss, PT"), HasSubstr("Tuesday, June 9, 2026"),
                              HasSubstr("2:30 PM EDT"), HasSubstr("30 minutes"), HasSubstr("6f1b1f0e")));
      EXPECT_THAT(body, Not(HasSubstr("{{")));
      EXPECT_THAT(body, Not(HasSubstr("6f1b1f0e-")));
    }
    // Paragraphs stay apart.
    EXPECT_THAT(rendered.text, HasSubstr("\n\n"));
  }
}

TEST_F(TemplatesTest, TellsACliniciansLetterInTheirZoneAndWithoutThePatient) {
  ASSERT_OK_AND_ASSIGN(const auto templates, Templates::Load(folder_, "Elm Street Clinic"));
  const booking::v1::Appointment appointment = SampleAppointment(kStart);
  for (const auto kind : {v1::MESSAGE_KIND_CLINICIAN_BOOKING, v1::MESSAGE_KIND_CLINICIAN_CANCELLATION}) {
    ASSERT_OK_AND_ASSIGN(const Rendered rendered, templates->Render(Of(kind), appointment));
    const bool booking = kind == v1::MESSAGE_KIND_CLINICIAN_BOOKING;
    for (const std::string& body : {rendered.text, rendered.html}) {
      EXPECT_THAT(body, AllOf(HasSubstr("Elm Street Clinic"), HasSubstr("6f1b1f0e"), Not(HasSubstr("{{"))));
      EXPECT_THAT(body, Not(HasSubstr("Ada")));
      EXPECT_EQ(absl::StrContains(body, "1:30 PM CDT"), booking);
    }
    EXPECT_THAT(rendered.subject, AllOf(Not(HasSubstr("\n")), Not(HasSubstr("{{"))));
  }
}

TEST_F(TemplatesTest, RefusesToNameThePatientToAClinician) {
  Write("clinician_booking.text.tpl", "A visit with {{PATIENT_NAME}}");
  EXPECT_THAT(Templates::Load(folder_, "Elm"), FailsWith(absl::StatusCode::kFailedPrecondition, "TEMPLATE_VARIABLE"));
}

TEST_F(TemplatesTest, AnOfferSaysUntilWhenTheTimeIsKeptAndWhatToDoInAnEmergency) {
  ASSERT_OK_AND_ASSIGN(const auto templates, Templates::Load(folder_, "Elm Street Clinic"));
  ASSERT_OK_AND_ASSIGN(const Rendered rendered,
                       templates->Render(Of(v1::MESSAGE_KIND_OFFER), SampleAppointment(kStart)));
  EXPECT_THAT(rendered.subject, HasSubstr("kept for you until 2:15 PM EDT"));
  for (const std::string& body : {rendered.text, rendered.html}) {
    EXPECT_THAT(body, AllOf(HasSubstr("2:15 PM EDT"), HasSubstr("not booked yet"), HasSubstr("Call 911")));
  }
}

TEST_F(TemplatesTest, EscapesWhatThePatientWroteInHtml) {
  ASSERT_OK_AND_ASSIGN(const auto templates, Templates::Load(folder_, "Elm Street Clinic"));
  booking::v1::Appointment appointment = SampleAppointment(kStart);
  appointment.mutable_contact()->set_display_name("<img src=x>\r\nBcc: all");
  ASSERT_OK_AND_ASSIGN(const Rendered rendered, templates->Render(Of(v1::MESSAGE_KIND_CONFIRMATION), appointment));
  EXPECT_THAT(rendered.html, Not(HasSubstr("<img")));
  EXPECT_THAT(rendered.text, Not(HasSubstr("\nBcc")));
}

TEST_F(TemplatesTest, TurnsLineBreaksInAPracticesNameIntoSpaces) {
  ASSERT_OK_AND_ASSIGN(const auto templates, Templates::Load(folder_, "Elm\r\nBcc: all@example.com"));
  ASSERT_OK_AND_ASSIGN(const Rendered rendered,
                       templates->Render(Of(v1::MESSAGE_KIND_CANCELLATION), SampleAppointment(kStart)));
  EXPECT_THAT(rendered.subject, AllOf(Not(HasSubstr("\r")), Not(HasSubstr("\n"))));
}

TEST_F(TemplatesTest, RefusesToStartWithoutAFile) {
  std::filesystem::remove(folder_ + "/en/reminder_1h.text.tpl");
  const auto loaded = Templates::Load(folder_, "Elm Street Clinic");
  EXPECT_THAT(loaded, FailsWith(absl::StatusCode::kFailedPrecondition, "TEMPLATE_MISSING"));
  EXPECT_THAT(std::string(loaded.status().message()), HasSubstr("reminder_1h.text.tpl"));
}

TEST_F(TemplatesTest, RefusesAFileThatIsNoTemplate) {
  Write("confirmation.html.tpl", "{{#OPEN}} and never closed");
  EXPECT_THAT(Templates::Load(folder_, "Elm Street Clinic"),
              FailsWith(absl::StatusCode::kFailedPrecondition, "TEMPLATE_MISSING"));
}

TEST_F(TemplatesTest, RefusesAVariableThatNoMessageHas) {
  Write("cancellation.subject.tpl", "About your {{DIAGNOSIS}}");
  const auto loaded = Templates::Load(folder_, "Elm Street Clinic");
  EXPECT_THAT(loaded, FailsWith(absl::StatusCode::kFailedPrecondition, "TEMPLATE_VARIABLE"));
  EXPECT_THAT(std::string(loaded.status().message()),
              AllOf(HasSubstr("cancellation.subject.tpl"), HasSubstr("DIAGNOSIS")));
}

TEST_F(TemplatesTest, RefusesSectionsAndIncludes) {
  Write("cancellation.text.tpl", "{{PRACTICE}} {{#BILLING}}You owe{{/BILLING}}");
  EXPECT_THAT(Templates::Load(folder_, "Elm"), FailsWith(absl::StatusCode::kFailedPrecondition, "TEMPLATE_VARIABLE"));
  Write("cancellation.text.tpl", "{{PRACTICE}} {{>FOOTER}}");
  EXPECT_THAT(Templates::Load(folder_, "Elm"), FailsWith(absl::StatusCode::kFailedPrecondition, "TEMPLATE_VARIABLE"));
}

v1::Message TextOf(v1::MessageKind kind) {
  v1::Message message = Of(kind);
  message.set_channel(v1::CHANNEL_SMS);
  return message;
}

booking::v1::Appointment InSpanish(booking::v1::Appointment appointment) {
  appointment.mutable_contact()->set_language_code("es-MX");
  return appointment;
}

TEST_F(TemplatesTest, WritesToAPatientInSpanishAndToAClinicianInEnglish) {
  ASSERT_OK_AND_ASSIGN(const auto templates, Templates::Load(folder_, "Elm Street Clinic"));
  const auto appointment = InSpanish(SampleAppointment(kStart));
  for (const auto kind : kToPatients) {
    ASSERT_OK_AND_ASSIGN(const Rendered rendered, templates->Render(Of(kind), appointment));
    EXPECT_THAT(rendered.subject, HasSubstr("Elm Street Clinic"));
    EXPECT_THAT(rendered.html, HasSubstr("<html lang=\"es\">"));
    for (const std::string& body : {rendered.text, rendered.html}) {
      EXPECT_THAT(body, AllOf(HasSubstr("martes, 9 de junio de 2026"), HasSubstr("2:30 p.m. EDT"),
                              HasSubstr("Duración"), HasSubstr("911"), Not(HasSubstr("{{")), Not(HasSubstr("visit "))));
    }
  }
  ASSERT_OK_AND_ASSIGN(const Rendered letter, templates->Render(Of(v1::MESSAGE_KIND_CLINICIAN_BOOKING), appointment));
  EXPECT_THAT(letter.text, HasSubstr("Tuesday, June 9, 2026"));
  ASSERT_OK_AND_ASSIGN(const Rendered asked,
                       templates->RenderIn("es", Of(v1::MESSAGE_KIND_CLINICIAN_BOOKING), appointment));
  EXPECT_THAT(asked.text, HasSubstr("martes, 9 de junio de 2026"));
}

TEST_F(TemplatesTest, WritesEnglishInALanguageThatItHasNoTemplatesFor) {
  EXPECT_EQ(TemplateLanguage("ES_419"), "es");
  EXPECT_EQ(TemplateLanguage("est"), "en");
  EXPECT_EQ(TemplateLanguage("fr-CA"), "en");
  EXPECT_EQ(TemplateLanguage(""), "en");
}

TEST_F(TemplatesTest, EveryTextFitsIntoOneSegmentAtItsLongest) {
  ASSERT_OK_AND_ASSIGN(const auto templates, Templates::Load(folder_, "Elm Street Clinic"));
  EXPECT_THAT(templates->long_texts(), IsEmpty());
  for (const auto& appointment : {SampleAppointment(kStart), InSpanish(SampleAppointment(kStart))}) {
    for (const auto kind : kToPatients) {
      ASSERT_OK_AND_ASSIGN(const Rendered rendered, templates->Render(TextOf(kind), appointment));
      EXPECT_THAT(rendered.text, AllOf(HasSubstr("Elm Street Clinic"), Not(HasSubstr("{{")), Not(HasSubstr("Ada"))));
      EXPECT_EQ(MeasureText(rendered.text).segments, 1) << rendered.text;
      EXPECT_TRUE(MeasureText(rendered.text).gsm7) << rendered.text;
      EXPECT_EQ(rendered.html + rendered.subject, "");
    }
  }
}

TEST_F(TemplatesTest, SaysWhichTextsAreLongerThanOneSegment) {
  ASSERT_OK_AND_ASSIGN(const auto templates, Templates::Load(folder_, std::string(60, 'E')));
  ASSERT_THAT(templates->long_texts(), Not(IsEmpty()));
  EXPECT_EQ(templates->long_texts().front().size.segments, 2);
  // One letter that the alphabet lacks, and can't do without, more than halves what fits.
  ASSERT_OK_AND_ASSIGN(const auto chinese, Templates::Load(folder_, "诊所"));
  EXPECT_FALSE(chinese->long_texts().front().size.gsm7);
}

TEST_F(TemplatesTest, ATextNamesNobodyAndNoReference) {
  for (const char* variable : {"PATIENT_NAME", "CLINICIAN_NAME", "APPOINTMENT"}) {
    Write("offer.sms.tpl", std::string("{{PRACTICE}}: {{") + variable + "}}");
    EXPECT_THAT(Templates::Load(folder_, "Elm"), FailsWith(absl::StatusCode::kFailedPrecondition, "TEMPLATE_VARIABLE"));
  }
}

TEST_F(TemplatesTest, RefusesHtmlThatDoesNotEscape) {
  for (const char* bad : {"<p>{{PRACTICE}}</p>", "<p>{{PRACTICE:h}} {{PATIENT_NAME:none}}</p>"}) {
    Write("confirmation.html.tpl", bad);
    EXPECT_THAT(Templates::Load(folder_, "Elm"), FailsWith(absl::StatusCode::kFailedPrecondition, "TEMPLATE_UNESCAPED"))
        << bad;
  }
}

TEST_F(TemplatesTest, RefusesWordsAboutIllnessesAndBillsInEitherLanguage) {
  for (const char* bad :
       {"your DIAGNOSIS", "su diagnóstico", "a copay of $25", "la factura", "your back pain", "CÁNCER"}) {
    Write("cancellation.text.tpl", std::string("{{PRACTICE}}: ") + bad);
    EXPECT_THAT(Templates::Load(folder_, "Elm"), FailsWith(absl::StatusCode::kFailedPrecondition, "TEMPLATE_WORDING"))
        << bad;
  }
  Write("cancellation.text.tpl", "{{PRACTICE}}: your visit is canceled, whatever you feel");
  EXPECT_THAT(Templates::Load(folder_, "Elm"), IsOk());
}

TEST_F(TemplatesTest, RefusesAMessageThatDoesNotNameThePractice) {
  Write("reminder_24h.sms.tpl", "Your visit is on {{VISIT_DAY}}");
  EXPECT_THAT(Templates::Load(folder_, "Elm"), FailsWith(absl::StatusCode::kFailedPrecondition, "TEMPLATE_WORDING"));
}

}  // namespace
}  // namespace lumbar::notification
