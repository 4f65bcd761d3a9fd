// What `lumbar triage` does, one function per command; triage.cc gives them their flags.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "lumbar/triage/v1/assessment.pb.h"
#include "tools/cli/exit_code.h"
#include "tools/cli/session.h"

namespace lumbar::cli {

struct InterviewFlags {
  // What is known beforehand, Presentation as JSON; empty: nothing. Not "-": answers come from there.
  std::string file;
  std::string language;
};

struct BatchFlags {
  std::vector<std::string> files;
  std::string protocols_dir = "services/triage/protocols";
};

struct DiffFlags {
  std::string before;
  std::string after;
  std::string rule_set;
  size_t limit = 40;
};

// Asks the server for the assessment and prints it.
absl::StatusOr<ExitCode> AssessPresentation(const triage::v1::Presentation& presentation, const std::string& rule_set,
                                            const std::string& language, const Session& session);

// Questions and answers through the server, until it has none left; then the assessment.
absl::StatusOr<ExitCode> Interview(const InterviewFlags& flags, Session& session);

// These need no server: they read protocols as the service does.
// Measures the rules on vignettes. Fails with VIGNETTE_REFUSED or PROTOCOL_REFUSED.
absl::StatusOr<ExitCode> Batch(const BatchFlags& flags, const Session& session);
// The loader's checks of one protocol: its folder or its file. Fails with PROTOCOL_REFUSED or PROTOCOL_UNREADABLE.
absl::StatusOr<ExitCode> LintProtocol(const std::string& path, const Session& session);
// The protocol as one file, for a folder archive/; fails as LintProtocol does.
absl::StatusOr<ExitCode> JoinProtocol(const std::string& path, const Session& session);
// Whose level differs between two protocols.
absl::StatusOr<ExitCode> DiffProtocols(const DiffFlags& flags, const Session& session);

}  // namespace lumbar::cli
