#include "services/gateway/fhir/practitioner.h"

#include <absl/strings/str_cat.h>

#include <array>

#include "common/status/macros.h"
#include "lumbar/booking/v1/clinician_service.pb.h"
#include "services/gateway/fhir/bundle.h"
#include "services/gateway/fhir/names.h"
#include "services/gateway/fhir/search.h"
#include "services/gateway/fhir/times.h"

namespace lumbar::gateway::fhir {
namespace {

using booking::v1::Clinician;
using ClinicianWriter = Json (*)(const Clinician&);

constexpr std::array<FieldPath, 3> kClinicianPaths = {
    {{"name", "http._id"}, {"page_size", "http._count"}, {"page_token", "http._page"}}};

Json Qualification(const booking::v1::Licence& licence) {
  Json qualification;
  if (!licence.number().empty()) qualification["identifier"] = Json::array({Json{{"value", licence.number()}}});
  qualification["code"] = {{"text", absl::StrCat(licence.type(), ", licensed in ", licence.state())}};
  qualification["period"] = {{"start", Instant(licence.valid_from())}, {"end", Instant(licence.valid_to())}};
  return qualification;
}

Json ClinicianHeader(const char* type, const Clinician& clinician) {
  return {{"resourceType", type},
          {"id", IdOf(clinician.name())},
          {"meta", {{"versionId", clinician.etag()}}},
          {"active", true}};
}

absl::StatusOr<Step> ReadClinician(const FhirRequest& request, ClinicianWriter write) {
  if (!IsSlug(request.id)) return NoSuchResource();
  booking::v1::GetClinicianRequest wanted;
  wanted.set_name(absl::StrCat("clinicians/", request.id));
  return Call<booking::v1::GetClinicianResponse>(kGetClinician, wanted, kClinicianPaths,
                                                 [write](const booking::v1::GetClinicianResponse& response) {
                                                   FhirAnswer answer;
                                                   answer.resource = write(response.clinician());
                                                   answer.version = response.clinician().etag();
                                                   return Answered(std::move(answer));
                                                 });
}

absl::StatusOr<Step> ListClinicians(const FhirRequest& request, ClinicianWriter write) {
  booking::v1::ListCliniciansRequest wanted;
  LUMBAR_ASSIGN_OR_RETURN(const int size, PageSize(request));
  wanted.set_page_size(size);
  wanted.set_page_token(request.Parameter(kPageParameter));
  return Call<booking::v1::ListCliniciansResponse>(
      kListClinicians, wanted, kClinicianPaths, [request, write](const booking::v1::ListCliniciansResponse& response) {
        std::vector<Json> resources;
        for (const auto& clinician : response.clinicians()) resources.push_back(write(clinician));
        FhirAnswer answer;
        answer.resource = SearchSet(request, std::move(resources), response.next_page_token());
        return Answered(std::move(answer));
      });
}

}  // namespace

Json Practitioner(const Clinician& clinician) {
  Json resource = ClinicianHeader("Practitioner", clinician);
  resource["name"] = Json::array({Json{{"text", clinician.display_name()}}});
  if (!clinician.email().empty()) {
    resource["telecom"] = Json::array({Json{{"system", "email"}, {"value", clinician.email()}, {"use", "work"}}});
  }
  if (!clinician.credential().empty()) {
    resource["qualification"].push_back({{"code", {{"text", clinician.credential()}}}});
  }
  for (const auto& licence : clinician.licences()) {
    if (licence.status() == booking::v1::LICENCE_STATUS_ACTIVE) {
      resource["qualification"].push_back(Qualification(licence));
    }
  }
  for (const auto& language : clinician.language_codes()) {
    resource["communication"].push_back(Concept("urn:ietf:bcp:47", language));
  }
  return resource;
}

Json Schedule(const Clinician& clinician) {
  Json resource = ClinicianHeader("Schedule", clinician);
  for (const auto& type : clinician.visit_types()) {
    resource["serviceType"].push_back(Concept(kVisitTypes, type.code()));
  }
  for (const auto& specialty : clinician.specialties()) resource["specialty"].push_back({{"text", specialty}});
  Json actor = ReferenceTo("Practitioner", clinician.name());
  actor["display"] = clinician.display_name();
  resource["actor"] = Json::array({std::move(actor)});
  return resource;
}

absl::StatusOr<Step> ReadPractitioner(const FhirRequest& request) { return ReadClinician(request, Practitioner); }

absl::StatusOr<Step> SearchPractitioners(const FhirRequest& request) { return ListClinicians(request, Practitioner); }

absl::StatusOr<Step> ReadSchedule(const FhirRequest& request) { return ReadClinician(request, Schedule); }

absl::StatusOr<Step> SearchSchedules(const FhirRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string name, ReadName(request, "actor", "Practitioner", "clinicians"));
  if (name.empty()) return ListClinicians(request, Schedule);
  booking::v1::GetClinicianRequest wanted;
  wanted.set_name(name);
  return Call<booking::v1::GetClinicianResponse>(
      kGetClinician, wanted, kClinicianPaths, [request](const booking::v1::GetClinicianResponse& response) {
        FhirAnswer answer;
        answer.resource = SearchSet(request, {Schedule(response.clinician())}, "");
        return Answered(std::move(answer));
      });
}

}  // namespace lumbar::gateway::fhir
