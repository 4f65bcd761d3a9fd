// Reading a consult that one has no part in.
#pragma once

#include <absl/status/status.h>

#include <string>

#include "tools/cli/session.h"

namespace lumbar::cli {

struct BreakGlassFlags {
  // Empty: the glass stays whole.
  std::string reason;
  // 0: the server's default.
  int minutes = 0;
};

// Opens `consult` to the caller if there is a reason; prints until when, unless JSON is wanted.
absl::Status BreakGlass(const Session& session, const std::string& consult, const BreakGlassFlags& flags);

}  // namespace lumbar::cli
