#include <CLI/CLI.hpp>

#include <memory>
#include <ostream>

#include "common/status/macros.h"
#include "lumbar/triage/v1/triage_service.pb.h"
#include "tools/cli/commands/assessment_text.h"
#include "tools/cli/commands/commands.h"
#include "tools/cli/commands/triage_commands.h"
#include "tools/cli/gateway.h"
#include "tools/cli/input.h"

namespace lumbar::cli {
namespace {

struct AssessFlags {
  std::string file;
  std::string rule_set;
  std::string language;
};

constexpr char kLanguage[] = "language of the texts, e.g. es; English if the protocol doesn't have it";

absl::StatusOr<ExitCode> Assess(const AssessFlags& flags, const Session& session) {
  triage::v1::Presentation presentation;
  LUMBAR_RETURN_IF_ERROR(ReadMessage(flags.file, session.world.in, presentation));
  return AssessPresentation(presentation, flags.rule_set, flags.language, session);
}

void AddAssess(CLI::App& triage, Session& session) {
  auto* assess = triage.add_subcommand("assess", "Assesses a presentation; ends with 4 at an emergency");
  const auto flags = std::make_shared<AssessFlags>();
  assess->add_option("FILE", flags->file, "lumbar.triage.v1.Presentation as JSON; -: standard input")->required();
  assess->add_option("--rule-set", flags->rule_set, "guideline or article; the protocol's default if left out");
  assess->add_option("--language", flags->language, kLanguage);
  assess->callback([flags, &session] { session.command = [flags, &session] { return Assess(*flags, session); }; });
}

void AddInterview(CLI::App& triage, Session& session) {
  auto* interview = triage.add_subcommand("interview", "Asks in the terminal what matters, then assesses");
  const auto flags = std::make_shared<InterviewFlags>();
  interview->add_option("--known", flags->file, "what is known beforehand: Presentation as JSON")
      ->check(CLI::ExistingFile);
  interview->add_option("--language", flags->language, kLanguage);
  interview->callback(
      [flags, &session] { session.command = [flags, &session] { return Interview(*flags, session); }; });
}

void AddBatch(CLI::App& triage, Session& session) {
  auto* batch = triage.add_subcommand("batch", "Measures the rules on vignettes; needs no server");
  const auto flags = std::make_shared<BatchFlags>();
  batch->add_option("FILE", flags->files, "lumbar.triage.v1.Vignette as JSON, one per line; several files")->required();
  batch->add_option("--protocols-dir", flags->protocols_dir, "folder of the protocols")
      ->envname("LUMBAR_PROTOCOLS_DIR")
      ->capture_default_str();
  batch->callback([flags, &session] { session.command = [flags, &session] { return Batch(*flags, session); }; });
}

void AddRules(CLI::App& triage, Session& session) {
  auto* lint = triage.add_subcommand("lint", "Checks a protocol as the service does at its start; needs no server");
  const auto path = std::make_shared<std::string>();
  lint->add_option("PATH", *path, "the protocol's folder, or one file that is a whole protocol")->required();
  lint->callback([path, &session] { session.command = [path, &session] { return LintProtocol(*path, session); }; });

  auto* join = triage.add_subcommand("join", "Prints a protocol as one file, to be kept in archive/; needs no server");
  join->add_option("PATH", *path, "as for lint")->required();
  join->callback([path, &session] { session.command = [path, &session] { return JoinProtocol(*path, session); }; });

  auto* diff = triage.add_subcommand("diff", "Shows whose level differs between two protocols; needs no server");
  const auto flags = std::make_shared<DiffFlags>();
  diff->add_option("OLD", flags->before, "folder or file, as for lint")->required();
  diff->add_option("NEW", flags->after, "folder or file")->required();
  diff->add_option("--rule-set", flags->rule_set, "the default of each if left out");
  diff->add_option("--limit", flags->limit, "changes to print")->capture_default_str();
  diff->callback([flags, &session] { session.command = [flags, &session] { return DiffProtocols(*flags, session); }; });
}

}  // namespace

absl::StatusOr<ExitCode> AssessPresentation(const triage::v1::Presentation& presentation, const std::string& rule_set,
                                            const std::string& language, const Session& session) {
  triage::v1::AssessRequest request;
  *request.mutable_presentation() = presentation;
  request.set_rule_set(rule_set);
  request.set_language_code(language);
  triage::v1::Assessment assessment;
  LUMBAR_RETURN_IF_ERROR(Post(session, "/v1/triage:assess", request, assessment));
  if (!session.flags.json) session.world.out << Explained(assessment);
  return IsEmergency(assessment.level()) ? ExitCode::kEmergency : ExitCode::kOk;
}

void AddTriage(CLI::App& app, Session& session) {
  auto* triage = app.add_subcommand("triage", "Scores how dangerous a sore back is, and explains it");
  triage->require_subcommand(1);
  AddAssess(*triage, session);
  AddInterview(*triage, session);
  AddBatch(*triage, session);
  AddRules(*triage, session);
}

}  // namespace lumbar::cli
