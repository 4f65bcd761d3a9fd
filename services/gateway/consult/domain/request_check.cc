#include "services/gateway/consult/domain/request_check.h"

#include <absl/container/flat_hash_set.h>
#include <absl/strings/string_view.h>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/time/zone.h"

namespace lumbar::gateway {
namespace {

namespace v1 = consult::v1;

absl::Status AgreeOnAge(v1::RequestConsultRequest& request) {
  booking::v1::PatientContact& contact = *request.mutable_contact();
  triage::v1::Presentation& presentation = *request.mutable_presentation();
  if (!presentation.has_age_years()) {
    if (contact.age_years() > 0) presentation.set_age_years(contact.age_years());
    return absl::OkStatus();
  }
  if (contact.age_years() == 0) contact.set_age_years(presentation.age_years());
  if (presentation.age_years() == contact.age_years()) return absl::OkStatus();
  return InvalidField("presentation.age_years", "must be the same as contact.age_years");
}

absl::Status CheckTimeZone(const std::string& zone) {
  if (zone.empty() || IsKnownZone(zone)) return absl::OkStatus();
  return InvalidField("contact.time_zone", "isn't an IANA time zone, e.g. America/Los_Angeles");
}

// The states, the district and the territories that license clinicians.
absl::Status CheckState(absl::string_view state) {
  static const auto* const kStates = new absl::flat_hash_set<absl::string_view>{
      "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA",
      "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR",
      "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY", "AS", "GU", "MP", "PR", "VI"};
  if (kStates->contains(state)) return absl::OkStatus();
  return InvalidField("contact.state", "isn't a US state or territory, e.g. CA");
}

}  // namespace

absl::Status CheckRequest(v1::RequestConsultRequest& request) {
  LUMBAR_RETURN_IF_ERROR(AgreeOnAge(request));
  LUMBAR_RETURN_IF_ERROR(CheckTimeZone(request.contact().time_zone()));
  return CheckState(request.contact().state());
}

absl::Status CheckOpened(const v1::Consult& opened) {
  const bool needs_age = opened.state() == v1::CONSULT_STATE_TRIAGED && opened.contact().age_years() == 0;
  return needs_age ? InvalidField("contact.age_years", "must be told, in whole years") : absl::OkStatus();
}

}  // namespace lumbar::gateway
