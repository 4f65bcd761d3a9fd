// What searches have in common.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <optional>
#include <string>

#include "services/gateway/fhir/step.h"

namespace lumbar::gateway::fhir {

// What is left of time by a date's parameters, such as start=ge2026-11-28&start=lt2026-12-01; both ends are in it.
struct Window {
  std::optional<absl::Time> first;
  std::optional<absl::Time> last;

  bool IsEmpty() const { return first && last && *first > *last; }
};
// INVALID_ARGUMENT/INVALID_FIELD: a value isn't a date, or its prefix isn't one of eq, ge, gt, le, lt.
absl::StatusOr<Window> ReadWindow(const FhirRequest& request, absl::string_view name);

// Makes a window end at `last` at the latest, and begin at `first` at the earliest.
void EndBy(absl::Time last, Window& window);
void BeginAt(absl::Time first, Window& window);

// The code of a token parameter, with its system or without; "" if there is none. INVALID_ARGUMENT/INVALID_FIELD:
// another system.
absl::StatusOr<std::string> ReadToken(const FhirRequest& request, absl::string_view name, absl::string_view system);

// The suite's name of what a reference parameter means: "clinicians/maya-chen" of "Practitioner/maya-chen" or
// "maya-chen" for `collection` "clinicians" and `type` "Practitioner"; "" if there is none.
absl::StatusOr<std::string> ReadName(const FhirRequest& request, absl::string_view parameter, absl::string_view type,
                                     absl::string_view collection);

// Whether an id may be one of the suite's own UUIDs.
bool IsUuid(absl::string_view id);

// Whether an id may be that of a clinician or a protocol, such as "maya-chen".
bool IsSlug(absl::string_view id);

// NOT_FOUND/RESOURCE_NOT_FOUND.
absl::Status NoSuchResource();

}  // namespace lumbar::gateway::fhir
