// For whoever edits rules: the loader's checks, and whose level an edit changes.
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <google/protobuf/text_format.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <ostream>

#include "common/status/macros.h"
#include "services/triage/domain/comparison.h"
#include "services/triage/domain/protocol_loader.h"
#include "tools/cli/commands/assessment_text.h"
#include "tools/cli/commands/triage_commands.h"
#include "tools/cli/errors.h"
#include "tools/cli/input.h"
#include "tools/cli/text.h"

namespace lumbar::cli {
namespace {

absl::StatusOr<triage::v1::Protocol> Load(const std::string& path, const Session& session) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return triage::LoadProtocol(path);
  LUMBAR_ASSIGN_OR_RETURN(const std::string text, ReadInput(path, session.world.in));
  return triage::ParseProtocol(text, path);
}

std::string SomebodyWith(const triage::LevelChange& change) {
  return change.present.empty() ? change.background
                                : absl::StrCat(change.background, ", ", absl::StrJoin(change.present, " + "));
}

nlohmann::json JsonOf(const triage::Comparison& comparison) {
  nlohmann::json changes = nlohmann::json::array();
  for (const auto& change : comparison.changes) {
    changes.push_back({{"background", change.background},
                       {"present", change.present},
                       {"before", triage::v1::Level_Name(change.before)},
                       {"after", triage::v1::Level_Name(change.after)}});
  }
  return {{"cases", comparison.cases}, {"changes", changes}};
}

}  // namespace

absl::StatusOr<ExitCode> LintProtocol(const std::string& path, const Session& session) {
  LUMBAR_ASSIGN_OR_RETURN(const triage::v1::Protocol protocol, Load(path, session));
  const triage::CompiledProtocol compiled(protocol);
  nlohmann::json json = {{"protocol", protocol.name()},
                         {"version", protocol.version()},
                         {"findings", protocol.findings_size()},
                         {"questions", protocol.questions_size()},
                         {"languages", triage::TranslatedTo(protocol)}};
  std::string text =
      absl::StrCat(protocol.name(), ", version ", protocol.version(), ": ok\n  ", protocol.findings_size(),
                   " findings, ", protocol.questions_size(), " questions, translated to ",
                   absl::StrJoin(triage::TranslatedTo(protocol), ", "), "\n");
  for (const auto& rule_set : compiled.rule_sets()) {
    json["ruleSets"][rule_set.id] = {{"rules", rule_set.rules.size()}, {"sha256", rule_set.sha256}};
    absl::StrAppend(&text, "  ", rule_set.id, ": ", rule_set.rules.size(), " rules, sha256 ", rule_set.sha256, "\n");
  }
  session.world.out << (session.flags.json ? json.dump() + "\n" : text);
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> JoinProtocol(const std::string& path, const Session& session) {
  LUMBAR_ASSIGN_OR_RETURN(const triage::v1::Protocol protocol, Load(path, session));
  google::protobuf::TextFormat::Printer printer;
  printer.SetUseUtf8StringEscaping(true);
  std::string text;
  printer.PrintToString(protocol, &text);
  session.world.out
      << "# proto-file: proto/lumbar/triage/v1/protocol.proto\n# proto-message: lumbar.triage.v1.Protocol\n"
      << text;
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> DiffProtocols(const DiffFlags& flags, const Session& session) {
  LUMBAR_ASSIGN_OR_RETURN(const triage::v1::Protocol before, Load(flags.before, session));
  LUMBAR_ASSIGN_OR_RETURN(const triage::v1::Protocol after, Load(flags.after, session));
  const triage::CompiledProtocol from(before), to(after);
  if (from.FindRuleSet(flags.rule_set) == nullptr || to.FindRuleSet(flags.rule_set) == nullptr) {
    return WrongInput(absl::StrCat("one of the two has no rule set \"", flags.rule_set, "\""));
  }
  const auto comparison = triage::Compare(from, to, flags.rule_set);
  if (session.flags.json) {
    session.world.out << JsonOf(comparison).dump() << "\n";
    return ExitCode::kOk;
  }
  auto& out = session.world.out;
  out << comparison.cases << " cases tried, " << comparison.changes.size() << " change level\n";
  for (size_t i = 0; i < std::min(flags.limit, comparison.changes.size()); ++i) {
    const auto& change = comparison.changes[i];
    out << Wrapped(absl::StrCat(SomebodyWith(change), ": ", LevelText(change.before), " -> ", LevelText(change.after)),
                   change.after < change.before ? "  LOWER   " : "  higher  ");
  }
  if (comparison.changes.size() > flags.limit) {
    out << "  and " << comparison.changes.size() - flags.limit << " more; see --limit or -o json\n";
  }
  return ExitCode::kOk;
}

}  // namespace lumbar::cli
