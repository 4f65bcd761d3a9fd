// Failures as FHIR tells them.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>

#include "services/gateway/fhir/element.h"
#include "services/gateway/fhir/step.h"

namespace lumbar::gateway::fhir {

// INVALID_ARGUMENT/NOT_ACCEPTABLE, answered as 406: the client wants none of the forms there are.
absl::Status NotAcceptable();
// INVALID_ARGUMENT/UNSUPPORTED_MEDIA_TYPE: the body is none of the forms that are read.
absl::Status FhirMediaType(bool is_form);
// NOT_FOUND/ROUTE_NOT_FOUND.
absl::Status NoSuchInteraction();
// INVALID_ARGUMENT/CHANGE_NOT_SUPPORTED: an update that asks for something else than to call off.
absl::Status ChangeNotSupported(absl::string_view path);
// ABORTED/ETAG_MISMATCH, answered as 412: a version is named of what has none.
absl::Status HasNoVersions();
// ALREADY_EXISTS/SLOT_TAKEN: the time that was offered isn't free any more.
absl::Status NoLongerFree();
// FAILED_PRECONDITION/AFTER_ACT_BY, as booking says it.
absl::Status AfterActBy();
// UNAVAILABLE/STILL_BOOKING: the time is chosen, and booking can't be reached just now; the consult goes on by itself.
absl::Status StillBooking();

// A failure of a call with its fields named as the client knows them; a field that has no such name is left out.
absl::Status InWordsOf(FieldPaths paths, const absl::Status& failure);

// As the edge has it, and 406, 412 for an older version, and 422 for what a rule forbids.
int FhirStatusOf(const absl::Status& failure);

// An OperationOutcome: an issue for each field at fault, or one. Each has details.text, and the reason as its code.
Json Outcome(const absl::Status& failure);

}  // namespace lumbar::gateway::fhir
