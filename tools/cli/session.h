// One run of the tool: what it stands on, what was asked of it, and how it ends.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/clock.h>

#include <functional>
#include <iosfwd>
#include <string>

#include "common/time/clock.h"
#include "tools/cli/exit_code.h"
#include "tools/cli/http_transport.h"

namespace lumbar::cli {

// The world around a run; tests bring their own.
struct Surroundings {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  HttpTransport& http;
  const Clock& clock;
  // Whether somebody watches what is written to `err`.
  bool err_is_terminal = false;
  // Waits before something is tried again.
  std::function<void(absl::Duration)> sleep = absl::SleepFor;
};

// Flags that every command takes.
struct GlobalFlags {
  std::string server = "http://127.0.0.1:8080";
  std::string token;
  std::string token_file;
  bool json = false;
};

struct Session {
  Surroundings& world;
  GlobalFlags flags;
  // What the command line asked for; runs after it was read as a whole.
  std::function<absl::StatusOr<ExitCode>()> command;
};

}  // namespace lumbar::cli
