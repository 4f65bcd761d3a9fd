#include "tests/chaos/world.h"

#include <absl/strings/str_cat.h>
#include <absl/time/clock.h>

#include "common/auth/assessment_token.h"
#include "common/auth/signer.h"
#include "common/status/macros.h"
#include "common/store/resource_name.h"
#include "common/time/proto_time.h"

namespace lumbar::chaos {
namespace {

namespace v1 = booking::v1;

constexpr int64_t kDayTicks = 288;
constexpr int64_t kHotTicks = 96;
constexpr const char* kClinicians[] = {"clinicians/chaos-a", "clinicians/chaos-b", "clinicians/chaos-c"};

// Every begin of the kind in the first hours of the day after tomorrow; hours are the whole day in UTC.
VisitKind KindOf(const std::string& clinician, const std::string& code, int64_t length, int64_t before, int64_t after) {
  VisitKind kind{clinician, code, length, before, after, {}};
  const int64_t today = absl::ToUnixMicros(absl::Now()) / (kTick * kDayTicks);
  const int64_t first = (today + 2) * kDayTicks;
  for (int64_t tick = 0; tick < kHotTicks; tick += length + before + after) {
    kind.starts.push_back((first + tick) * kTick);
  }
  return kind;
}

v1::VisitType TypeOf(const VisitKind& kind) {
  v1::VisitType type;
  type.set_code(kind.code);
  type.mutable_duration()->set_seconds(kind.length * 300);
  type.mutable_buffer_before()->set_seconds(kind.before * 300);
  type.mutable_buffer_after()->set_seconds(kind.after * 300);
  return type;
}

absl::StatusOr<std::string> Assess(const auth::AssessmentSigner& signer, const std::string& patient, absl::Time now) {
  return signer.Sign({.patient = patient,
                      .level = "CONSULTATION",
                      .act_by = now + absl::Hours(24 * 6),
                      .findings_sha256 = std::string(64, 'a'),
                      .rules_sha256 = std::string(64, 'b'),
                      .protocol = "protocols/low-back-pain",
                      .issued_at = now - absl::Seconds(1),
                      .expires_at = now + absl::Hours(4)});
}

v1::Clinician ClinicianOf(const std::string& name) {
  v1::Clinician clinician;
  clinician.set_display_name(absl::StrCat("Clinician ", name.substr(name.size() - 1)));
  clinician.set_time_zone("UTC");
  clinician.set_min_age_years(18);
  for (int day = google::type::MONDAY; day <= google::type::SUNDAY; ++day) {
    v1::WeeklyHours& hours = *clinician.add_weekly_hours();
    hours.set_day(static_cast<google::type::DayOfWeek>(day));
    hours.mutable_start()->set_hours(0);
    hours.mutable_end()->set_hours(24);
  }
  v1::Licence& licence = *clinician.add_licences();
  licence.set_state("NY");
  licence.set_type("DO");
  licence.set_number("1");
  licence.set_status(v1::LICENCE_STATUS_ACTIVE);
  *licence.mutable_valid_from() = ToProtoTime(absl::Now() - absl::Hours(24 * 365));
  *licence.mutable_valid_to() = ToProtoTime(absl::Now() + absl::Hours(24 * 365));
  return clinician;
}

}  // namespace

std::string World::PatientName(int patient) { return absl::StrCat("patients/chaos-", patient); }

absl::StatusOr<World> World::Make(const std::string& keys, const std::string& engine, int64_t seed) {
  Config config{engine, seed, 5, {}};
  for (const char* clinician : kClinicians) {
    config.kinds.push_back(KindOf(clinician, "short", 3, 0, 1));
    config.kinds.push_back(KindOf(clinician, "long", 6, 1, 2));
  }
  World world(keys, std::move(config));
  LUMBAR_ASSIGN_OR_RETURN(auth::Signer triage, auth::Signer::Open(keys + "/triage.pem", "triage"));
  const auth::AssessmentSigner signer(std::move(triage));
  for (int patient = 0; patient < kPatients; ++patient) {
    LUMBAR_ASSIGN_OR_RETURN(std::string assessment, Assess(signer, PatientName(patient), absl::Now()));
    world.assessments_.push_back(std::move(assessment));
  }
  return world;
}

absl::StatusOr<std::string> World::Token(const std::string& subject, const std::string& role) const {
  LUMBAR_ASSIGN_OR_RETURN(const auth::Signer signer, auth::Signer::Open(keys_ + "/issuer.pem", "issuer"));
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  return signer.Sign(
      "JWT",
      {{"iss", "lumbar-dev"}, {"aud", "lumbar"}, {"sub", subject}, {"role", role}, {"iat", now}, {"exp", now + 3600}});
}

std::vector<v1::CreateClinicianRequest> World::Clinicians() const {
  std::vector<v1::CreateClinicianRequest> requests;
  for (const char* name : kClinicians) {
    v1::CreateClinicianRequest& request = requests.emplace_back();
    request.set_request_id(store::NewUuid());
    request.set_clinician_id(std::string(name).substr(std::string("clinicians/").size()));
    *request.mutable_clinician() = ClinicianOf(name);
    for (const VisitKind& kind : config_.kinds) {
      if (kind.clinician == name) *request.mutable_clinician()->add_visit_types() = TypeOf(kind);
    }
  }
  return requests;
}

}  // namespace lumbar::chaos
