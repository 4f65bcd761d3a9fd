// What the tool itself refuses, and how any failure is told to a person.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>

#include <iosfwd>
#include <string>

namespace lumbar::cli {

inline constexpr absl::string_view kWrongInput = "WRONG_INPUT";
// The server's refusal to book a visit for an emergency.
inline constexpr absl::string_view kEmergencyNotBookable = "EMERGENCY_NOT_BOOKABLE";

// INVALID_ARGUMENT/WRONG_INPUT: a file or an argument can't be used; nothing was sent.
absl::Status WrongInput(absl::string_view why);
// FAILED_PRECONDITION/SOURCE_NOT_CURRENT: a copy's source lacks `migration`, or has another than this program's.
absl::Status SourceNotCurrent(absl::string_view migration, absl::string_view service);
// UNAVAILABLE/SERVER_UNREACHABLE: no connection to `server`.
absl::Status ServerUnreachable(absl::string_view server, absl::string_view why);
// DEADLINE_EXCEEDED/SERVER_TOO_SLOW: connected, but no whole answer in time.
absl::Status ServerTooSlow(absl::string_view server);
// INTERNAL/ANSWER_NOT_UNDERSTOOD: something answered that isn't a Lumbar gateway of a version that this tool knows.
absl::Status AnswerNotUnderstood(absl::string_view server, absl::string_view why);

// "lumbar: <message> [REASON]", one indented line per field violation, and one with what to do next if it is known.
void PrintFailure(const absl::Status& status, std::ostream& err);
// For -o json: {"error": {...}} on one line, with the details that the server gave, as the public port writes them.
void PrintFailureJson(const absl::Status& status, std::ostream& err);

}  // namespace lumbar::cli
