// Plain text for a terminal of 100 columns.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>
#include <google/protobuf/timestamp.pb.h>

#include <iosfwd>
#include <string>
#include <vector>

namespace lumbar::cli {

inline constexpr size_t kColumns = 100;

// Without the control characters that would move a terminal's cursor or colour its text; line breaks are kept.
std::string Plain(absl::string_view text);

// `text` broken at spaces so that no line is over kColumns, unless one word is; the first line begins with `first`, the
// others with as many spaces. Ends with a line break; nothing for an empty text.
std::string Wrapped(absl::string_view text, absl::string_view first = "");

// A heading over what follows: an empty line, then "Why".
std::string Heading(absl::string_view text);

// "Tue 24 Nov 2026 09:30 PST", in the IANA `zone`; in UTC if there is no such zone.
std::string LocalTime(const google::protobuf::Timestamp& time, absl::string_view zone);
// "2026-11-24T17:30:00Z", as every flag takes it.
std::string UtcTime(const google::protobuf::Timestamp& time);

// "AMBULANCE" of LEVEL_AMBULANCE: `name` without the prefix that its enum gives it, in lower case with spaces.
std::string Label(absl::string_view name, absl::string_view prefix);

// Columns as wide as their widest cell; the last may be any width. The first row is the headings.
std::string Table(const std::vector<std::vector<std::string>>& rows);

}  // namespace lumbar::cli
