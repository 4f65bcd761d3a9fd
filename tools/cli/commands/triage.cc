#include <CLI/CLI.hpp>

#include <memory>
#include <ostream>

#include "common/status/macros.h"
#include "lumbar/triage/v1/triage_service.pb.h"
#include "tools/cli/commands/assessment_text.h"
#include "tools/cli/commands/commands.h"
#include "tools/cli/gateway.h"
#include "tools/cli/input.h"
#include "tools/cli/session.h"

namespace lumbar::cli {
namespace {

struct AssessFlags {
  std::string file;
  std::string rule_set;
};

absl::StatusOr<ExitCode> Assess(const AssessFlags& flags, const Session& session) {
  triage::v1::AssessRequest request;
  LUMBAR_RETURN_IF_ERROR(ReadMessage(flags.file, session.world.in, *request.mutable_presentation()));
  request.set_rule_set(flags.rule_set);
  triage::v1::Assessment assessment;
  LUMBAR_RETURN_IF_ERROR(Post(session, "/v1/triage:assess", request, assessment));
  if (!session.flags.json) session.world.out << Explained(assessment);
  return IsEmergency(assessment.level()) ? ExitCode::kEmergency : ExitCode::kOk;
}

}  // namespace

void AddTriage(CLI::App& app, Session& session) {
  auto* triage = app.add_subcommand("triage", "Scores how dangerous a sore back is, and explains it");
  triage->require_subcommand(1);
  auto* assess = triage->add_subcommand("assess", "Assesses a presentation; ends with 4 at an emergency");
  const auto flags = std::make_shared<AssessFlags>();
  assess->add_option("FILE", flags->file, "lumbar.triage.v1.Presentation as JSON; -: standard input")->required();
  assess->add_option("--rule-set", flags->rule_set, "guideline or article; the protocol's default if left out");
  assess->callback([flags, &session] { session.command = [flags, &session] { return Assess(*flags, session); }; });
}

}  // namespace lumbar::cli
