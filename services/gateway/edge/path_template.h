// The path templates of google.api.http, e.g. "/v1/{name=articles/*}:publish".
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <string>
#include <vector>

namespace lumbar::gateway {

inline constexpr absl::string_view kAnySegment = "*";
inline constexpr absl::string_view kAnyPath = "**";

struct PathTemplate {
  // Binds `count` segments from `first` on to a field; with `open_ended`, all that follow too.
  struct Variable {
    std::string field_path;
    size_t first = 0;
    size_t count = 0;
    bool open_ended = false;

    // Of the variables that span one segment even "%2F" is unescaped; in the others it would add a segment.
    bool IsSingleSegment() const { return count == 1 && !open_ended; }
  };

  // Literals, kAnySegment, or as the last one kAnyPath (zero or more segments).
  std::vector<std::string> segments;
  std::vector<Variable> variables;
  // What follows the last colon; empty if there is none.
  std::string verb;
};

// INVALID_ARGUMENT: `text` isn't a template, or "**" isn't its last segment, or a field is bound twice.
absl::StatusOr<PathTemplate> ParsePathTemplate(absl::string_view text);

}  // namespace lumbar::gateway
