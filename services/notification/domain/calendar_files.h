// The port to booking's calendar files, which go with letters about a visit.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <string>

namespace lumbar::notification {

struct CalendarFile {
  // What a calendar is to do with it, RFC 5546: "REQUEST" or "CANCEL".
  std::string method;
  std::string text;
  // The appointment's version that it shows.
  int64_t version = 0;
  // Whom the file is for.
  std::string reader_name;
  std::string reader_address;
};

class CalendarFiles {
 public:
  virtual ~CalendarFiles() = default;

  // The file of the appointment as it is now, for `clinician`, also if it is another's by now, or if that is empty for
  // the patient. Blocks for 2 s at most.
  // UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNAUTHENTICATED: booking can't be asked about any now.
  // Any other failure: there is no file for this one.
  virtual absl::StatusOr<CalendarFile> For(absl::string_view appointment, const std::string& clinician) = 0;
};

}  // namespace lumbar::notification
