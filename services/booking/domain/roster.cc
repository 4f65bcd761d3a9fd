#include "services/booking/domain/roster.h"

#include <absl/strings/str_cat.h>

#include "common/status/macros.h"
#include "common/store/page_token.h"
#include "services/booking/domain/clinician_rules.h"

namespace lumbar::booking {
namespace {

// What page tokens of ListClinicians are bound to: it has no filter.
constexpr absl::string_view kEveryone = "clinicians";

// `clinician` under its name, or what is wrong with it.
absl::StatusOr<v1::Clinician> Checked(v1::Clinician clinician, std::string name) {
  LUMBAR_RETURN_IF_ERROR(CheckClinician(clinician));
  clinician.set_name(std::move(name));
  return clinician;
}

// Patients need to know who is licensed where and when they work, and neither licence numbers, nor how to write past
// the clinic, nor who is on leave.
v1::Clinician ShownTo(const auth::Caller& caller, v1::Clinician clinician) {
  if (caller.role != options::v1::ROLE_PATIENT) return clinician;
  clinician.clear_email();
  clinician.clear_time_off();
  for (v1::Licence& licence : *clinician.mutable_licences()) licence.clear_number();
  return clinician;
}

}  // namespace

absl::StatusOr<v1::CreateClinicianResponse> Roster::CreateClinician(const rpc::CallContext& context,
                                                                    const v1::CreateClinicianRequest& request) {
  const std::string name = absl::StrCat("clinicians/", request.clinician_id());
  return clinicians_.Create(context.mutation(), Checked(request.clinician(), name));
}

absl::StatusOr<v1::UpdateClinicianResponse> Roster::UpdateClinician(const rpc::CallContext& context,
                                                                    const v1::UpdateClinicianRequest& request) {
  return clinicians_.Update(context.mutation(), Checked(request.clinician(), request.name()));
}

absl::StatusOr<v1::GetClinicianResponse> Roster::GetClinician(const rpc::CallContext& context,
                                                              const v1::GetClinicianRequest& request) {
  v1::GetClinicianResponse response;
  LUMBAR_ASSIGN_OR_RETURN(v1::Clinician found, clinicians_.Get(request.name()));
  *response.mutable_clinician() = ShownTo(context.caller(), std::move(found));
  return response;
}

absl::StatusOr<v1::ListCliniciansResponse> Roster::ListClinicians(const rpc::CallContext& context,
                                                                  const v1::ListCliniciansRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const int page_size, store::PageSize(request.page_size(), 50, 200));
  LUMBAR_ASSIGN_OR_RETURN(const std::string after, store::DecodePageToken(request.page_token(), kEveryone));
  LUMBAR_ASSIGN_OR_RETURN(std::vector<v1::Clinician> found, clinicians_.List(after, page_size + 1));

  v1::ListCliniciansResponse response;
  const bool more = static_cast<int>(found.size()) > page_size;
  if (more) found.pop_back();
  if (more) response.set_next_page_token(store::EncodePageToken(found.back().name(), kEveryone));
  for (v1::Clinician& clinician : found) {
    *response.add_clinicians() = ShownTo(context.caller(), std::move(clinician));
  }
  return response;
}

}  // namespace lumbar::booking
