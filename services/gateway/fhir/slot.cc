#include "services/gateway/fhir/slot.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <array>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/time/proto_time.h"
#include "lumbar/booking/v1/clinician_service.pb.h"
#include "lumbar/booking/v1/slot_calls.pb.h"
#include "services/gateway/fhir/bundle.h"
#include "services/gateway/fhir/names.h"
#include "services/gateway/fhir/practitioner.h"
#include "services/gateway/fhir/search.h"
#include "services/gateway/fhir/times.h"

namespace lumbar::gateway::fhir {
namespace {

using booking::v1::Clinician;
using booking::v1::SearchSlotsRequest;
using booking::v1::SearchSlotsResponse;

constexpr std::array<FieldPath, 6> kSlotPaths = {{{"name", "http.schedule"},
                                                  {"clinician", "http.schedule"},
                                                  {"start_time", "http.start"},
                                                  {"end_time", "http.start"},
                                                  {"page_size", "http._count"},
                                                  {"page_token", "http._page"}}};

absl::StatusOr<std::string> ClinicianNamed(const FhirRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(std::string by_schedule, ReadName(request, "schedule", "Schedule", "clinicians"));
  if (!by_schedule.empty()) return by_schedule;
  LUMBAR_ASSIGN_OR_RETURN(std::string by_actor, ReadName(request, "schedule.actor", "Practitioner", "clinicians"));
  if (!by_actor.empty()) return by_actor;
  return InvalidField("http.schedule", "is missing: name one schedule, or one practitioner by schedule.actor");
}

// Whether the search asks for anything that there is: a slot that isn't free isn't known here.
absl::StatusOr<bool> MayFind(const FhirRequest& request, const Window& window) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string status, ReadToken(request, "status", "http://hl7.org/fhir/slotstatus"));
  LUMBAR_ASSIGN_OR_RETURN(const std::string type, ReadToken(request, "service-type", kVisitTypes));
  return (status.empty() || status == "free") && (type.empty() || type == kVisitType) && !window.IsEmpty();
}

// A state where the clinician may work now; "" if there is none.
std::string StateOf(const Clinician& clinician, absl::Time now) {
  const auto& licences = clinician.licences();
  const auto found = std::find_if(licences.begin(), licences.end(), [&](const booking::v1::Licence& one) {
    return one.status() == booking::v1::LICENCE_STATUS_ACTIVE && FromProto(one.valid_from()) <= now &&
           now < FromProto(one.valid_to());
  });
  return found == licences.end() ? "" : found->state();
}

SearchSlotsRequest FreeOf(const Clinician& clinician, const std::string& state, const Window& window) {
  SearchSlotsRequest wanted;
  wanted.set_clinician(clinician.name());
  wanted.set_patient_state(state);
  wanted.set_patient_age_years(clinician.min_age_years());
  wanted.set_visit_type(std::string(kVisitType));
  if (window.first) *wanted.mutable_start_time() = ToProtoTime(*window.first);
  if (window.last) *wanted.mutable_end_time() = ToProtoTime(*window.last);
  return wanted;
}

absl::StatusOr<Step> FoundSlots(const FhirRequest& request, const SearchSlotsResponse& response) {
  std::vector<Json> resources;
  for (const auto& slot : response.slots()) resources.push_back(Slot(slot));
  FhirAnswer answer;
  answer.resource = SearchSet(request, std::move(resources), response.next_page_token());
  return Answered(std::move(answer));
}

}  // namespace

Json Slot(const booking::v1::Slot& slot) {
  return {{"resourceType", "Slot"},
          {"id", SlotId(slot)},
          {"serviceType", Json::array({Concept(kVisitTypes, slot.visit_type())})},
          {"schedule", ReferenceTo("Schedule", slot.clinician())},
          {"status", "free"},
          {"start", Instant(slot.start_time())},
          {"end", Instant(slot.end_time())}};
}

absl::StatusOr<Step> SearchSlots(const FhirRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string name, ClinicianNamed(request));
  LUMBAR_ASSIGN_OR_RETURN(Window window, ReadWindow(request, "start"));
  LUMBAR_ASSIGN_OR_RETURN(const bool may_find, MayFind(request, window));
  LUMBAR_ASSIGN_OR_RETURN(const int size, PageSize(request));
  booking::v1::GetClinicianRequest wanted;
  wanted.set_name(name);
  return Call<booking::v1::GetClinicianResponse>(
      kGetClinician, wanted, kSlotPaths,
      [=](const booking::v1::GetClinicianResponse& response) -> absl::StatusOr<Step> {
        const std::string state = StateOf(response.clinician(), request.now);
        if (!may_find || state.empty()) return FoundSlots(request, {});
        SearchSlotsRequest free = FreeOf(response.clinician(), state, window);
        free.set_page_size(size);
        free.set_page_token(request.Parameter(kPageParameter));
        return Call<SearchSlotsResponse>(kSearchSlots, free, kSlotPaths, [request](const SearchSlotsResponse& found) {
          return FoundSlots(request, found);
        });
      });
}

}  // namespace lumbar::gateway::fhir
