// Measures rules on vignettes, in the measures of the literature.
#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <ostream>

#include "common/status/macros.h"
#include "services/triage/domain/protocol_loader.h"
#include "services/triage/domain/protocol_registry.h"
#include "services/triage/domain/vignettes.h"
#include "tools/cli/commands/assessment_text.h"
#include "tools/cli/commands/triage_commands.h"
#include "tools/cli/errors.h"
#include "tools/cli/text.h"

namespace lumbar::cli {
namespace {

constexpr size_t kLongestLine = 1 << 18;
constexpr triage::v1::Level kLevels[] = {triage::v1::LEVEL_EMERGENCY_AMBULANCE, triage::v1::LEVEL_EMERGENCY,
                                         triage::v1::LEVEL_CONSULTATION_24, triage::v1::LEVEL_CONSULTATION,
                                         triage::v1::LEVEL_SELF_CARE};

// A case whose level isn't the expected one.
struct Disagreement {
  std::string id, story;
  triage::v1::Level expected, given;
};

// Of one rule set.
struct Tally {
  int cases = 0;
  std::map<triage::v1::Level, int> given;
  triage::Scorecard card;
  std::vector<Disagreement> disagreements;

  void Add(const triage::v1::Vignette& vignette, triage::v1::Level level) {
    ++cases;
    ++given[level];
    if (vignette.level() == triage::v1::LEVEL_UNSPECIFIED) return;
    card.Add(vignette.level(), level);
    if (level != vignette.level()) disagreements.push_back({vignette.id(), vignette.story(), vignette.level(), level});
  }
};

using Tallies = std::map<std::string, Tally>;

// A line that moves while somebody watches.
class Progress {
 public:
  explicit Progress(std::ostream& out) : out_(isatty(STDERR_FILENO) != 0 ? &out : nullptr) {}
  void Show(const std::string& file, double share) {
    if (out_ == nullptr || ++calls_ % 500 != 0) return;
    const int filled = static_cast<int>(share * 30);
    *out_ << absl::StrFormat("\r[%-30s] %3.0f %%  %s", std::string(static_cast<size_t>(filled), '='), share * 100, file)
          << std::flush;
  }
  void End() {
    if (out_ != nullptr && calls_ >= 500) *out_ << "\r" << std::string(kColumns, ' ') << "\r" << std::flush;
  }

 private:
  std::ostream* const out_;
  int calls_ = 0;
};

absl::Status ReadFile(const std::string& path, const triage::CompiledProtocol& protocol, Progress& progress,
                      Tallies& tallies) {
  std::ifstream file(path, std::ios::binary);
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (!file || error) return WrongInput(absl::StrCat(path, ": can't be read"));
  std::string line;
  double read = 0;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.size() > kLongestLine) return WrongInput(absl::StrCat(path, ": line ", number, ": too long"));
    read += static_cast<double>(line.size() + 1);
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    LUMBAR_ASSIGN_OR_RETURN(const auto vignette, triage::ParseVignette(line, path, absl::StrCat("line ", number)));
    LUMBAR_ASSIGN_OR_RETURN(const auto result, triage::JudgeVignette(protocol, vignette));
    tallies[protocol.FindRuleSet(vignette.rule_set())->id].Add(vignette, result.level);
    progress.Show(path, read / static_cast<double>(std::max<uintmax_t>(size, 1)));
  }
  return absl::OkStatus();
}

std::string Percent(double share) { return absl::StrFormat("%.1f %%", share * 100); }

std::string TextOf(const std::string& rule_set, const Tally& tally) {
  std::string out = Heading(absl::StrCat("Rule set ", rule_set, ": ", tally.cases, " cases"));
  std::vector<std::vector<std::string>> rows = {{"level given", "cases", "expected", "of these right"}};
  for (const auto level : kLevels) {
    const auto given = tally.given.find(level);
    const int expected = tally.card.CountOf(level);
    rows.push_back({LevelText(level), absl::StrCat(given == tally.given.end() ? 0 : given->second),
                    absl::StrCat(expected), expected == 0 ? "-" : Percent(tally.card.AccuracyOf(level))});
  }
  absl::StrAppend(&out, Table(rows));
  if (tally.card.total() == 0) return out;
  absl::StrAppend(&out, "\n",
                  Table({{"accuracy", Percent(tally.card.Accuracy()), "at the expected level"},
                         {"safety of advice", Percent(tally.card.SafetyOfAdvice()), "at that level or above"},
                         {"comprehensiveness", Percent(1), "cases that got an answer"},
                         {"inclination to over-triage", Percent(tally.card.InclinationToOvertriage()),
                          "of the wrong answers, those too high"},
                         {"missed emergencies", absl::StrCat(tally.card.missed_emergencies()),
                          "emergencies that could have been booked"}}));
  for (const auto& one : tally.disagreements) {
    absl::StrAppend(&out, Wrapped(absl::StrCat(one.id, ": expected ", LevelText(one.expected), ", got ",
                                               LevelText(one.given), ". ", one.story),
                                  "  - "));
  }
  return out;
}

nlohmann::json JsonOf(const Tally& tally) {
  nlohmann::json json = {{"cases", tally.cases}};
  for (const auto& [level, count] : tally.given) json["given"][triage::v1::Level_Name(level)] = count;
  const auto& card = tally.card;
  if (card.total() == 0) return json;
  for (const auto level : kLevels) {
    if (card.CountOf(level) > 0) json["accuracyByLevel"][triage::v1::Level_Name(level)] = card.AccuracyOf(level);
  }
  json.update({{"measured", card.total()},
               {"accuracy", card.Accuracy()},
               {"safetyOfAdvice", card.SafetyOfAdvice()},
               {"inclinationToOvertriage", card.InclinationToOvertriage()},
               {"missedEmergencies", card.missed_emergencies()}});
  for (const auto& one : tally.disagreements) {
    json["disagreements"].push_back({{"id", one.id},
                                     {"expected", triage::v1::Level_Name(one.expected)},
                                     {"given", triage::v1::Level_Name(one.given)}});
  }
  return json;
}

}  // namespace

absl::StatusOr<ExitCode> Batch(const BatchFlags& flags, const Session& session) {
  LUMBAR_ASSIGN_OR_RETURN(const auto protocols, triage::LoadProtocols(flags.protocols_dir));
  const triage::ProtocolRegistry registry(protocols);
  const auto* protocol = registry.Find("", triage::kEnglish);
  if (protocol == nullptr) return WrongInput(absl::StrCat(flags.protocols_dir, ": has no low-back-pain"));
  Progress progress(session.world.err);
  Tallies tallies;
  for (const auto& file : flags.files) LUMBAR_RETURN_IF_ERROR(ReadFile(file, *protocol, progress, tallies));
  progress.End();
  if (session.flags.json) {
    nlohmann::json json = {{"protocol", protocol->definition().name()}, {"version", protocol->definition().version()}};
    for (const auto& [rule_set, tally] : tallies) json["ruleSets"][rule_set] = JsonOf(tally);
    session.world.out << json.dump() << "\n";
    return ExitCode::kOk;
  }
  session.world.out << protocol->definition().name() << ", version " << protocol->definition().version() << "\n";
  for (const auto& [rule_set, tally] : tallies) session.world.out << TextOf(rule_set, tally);
  session.world.out << "\n" << Wrapped("Cases are answered as structured findings, which is easier than free text.");
  return ExitCode::kOk;
}

}  // namespace lumbar::cli
