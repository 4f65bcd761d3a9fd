// FHIR's dates and times.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>
#include <google/protobuf/timestamp.pb.h>

#include <string>

#include "services/gateway/fhir/element.h"

namespace lumbar::gateway::fhir {

// A FHIR instant in UTC.
std::string Instant(const google::protobuf::Timestamp& time);

// From the first to the last microsecond that a dateTime names: one moment, or all of a day in UTC.
struct Moments {
  absl::Time first;
  absl::Time last;
};
// A day, or a time with its seconds and zone. INVALID_ARGUMENT/INVALID_FIELD, at `path`: it is neither.
absl::StatusOr<Moments> ReadDateTime(absl::string_view text, absl::string_view path);

// A time with its seconds and zone. Fails as above.
absl::StatusOr<google::protobuf::Timestamp> ReadInstant(const Element& element);

}  // namespace lumbar::gateway::fhir
