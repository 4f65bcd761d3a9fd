#include <absl/synchronization/mutex.h>
#include <sys/resource.h>

#include <iostream>

#include "common/server/command_line.h"
#include "common/server/host.h"
#include "common/server/signals.h"
#include "common/status/errors.h"
#include "common/telemetry/log.h"

namespace lumbar::server {
namespace {

int Failed(const Flags& flags, const absl::Status& status) {
  FlushLogging();
  std::cerr << "lumbar-" << flags.service << ": " << status.message() << " [" << ReasonOf(status) << "]\n";
  return 1;
}

// A soft limit of 1,024 files is for programs that call select.
void AllowManyFiles() {
  rlimit files = {};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  // If it fails the program has what it had.
  setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace

int Main(int argc, char** argv, CommandLine& line, Flags& flags, const std::function<absl::Status(Host&)>& serve) {
  BlockStopSignals();
  AllowManyFiles();
  // Debian builds Abseil with its hunt for deadlocks on: each lock of the transport would be entered into a graph.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  AddFlags(line, flags);
  if (const auto exit_code = line.Parse(argc, argv)) return *exit_code;
  const auto level = ParseLogLevel(flags.log_level);
  if (!level.ok()) return Failed(flags, level.status());
  InitLogging(flags.service, *level);
  auto host = Host::Create(flags);
  if (!host.ok()) return Failed(flags, host.status());
  const absl::Status status = serve(**host);
  if (!status.ok()) return Failed(flags, status);
  FlushLogging();
  return 0;
}

}  // namespace lumbar::server
