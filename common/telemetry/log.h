// One JSON line per event, on stderr. What is logged never holds patient data: identifiers, codes and durations only.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <ostream>
#include <string>
#include <variant>

namespace lumbar {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// "debug", "info", "warning" or "error". INVALID_ARGUMENT/INVALID_FIELD for anything else.
absl::StatusOr<LogLevel> ParseLogLevel(absl::string_view text);

// A key and a value of one event; views what it is given, so make it inside the call to Log.
struct LogField {
  LogField(absl::string_view name, absl::string_view text) : key(name), value(text) {}
  LogField(absl::string_view name, const char* text) : key(name), value(absl::string_view(text)) {}
  LogField(absl::string_view name, const std::string& text) : key(name), value(absl::string_view(text)) {}
  LogField(absl::string_view name, bool truth) : key(name), value(truth) {}
  LogField(absl::string_view name, double number) : key(name), value(number) {}
  LogField(absl::string_view name, std::integral auto number) : key(name), value(static_cast<int64_t>(number)) {}

  absl::string_view key;
  std::variant<absl::string_view, bool, double, int64_t> value;
};

// Called once at start, before other threads run. Lines below `level` are dropped. A thread of its own writes to stderr
// from a bounded queue every 50 ms, and at once after an error: a reader that doesn't keep up costs the oldest lines,
// never a request's time.
void InitLogging(absl::string_view service, LogLevel level);
// For tests: writes to `out` before Log returns, until the next Init.
void InitLoggingTo(std::ostream& out, absl::string_view service, LogLevel level);
// Writes what is queued; at the end of main, when no other thread logs any more.
void FlushLogging();

// Writes {"ts", "level", "service", "event", fields...}; `ts` is RFC 3339, UTC, microseconds. `event` is a constant in
// lower_snake_case. Bytes that are not UTF-8 become U+FFFD; a field can't replace one of the first four. Thread safe.
void Log(LogLevel level, absl::string_view event, std::initializer_list<LogField> fields = {});

}  // namespace lumbar
