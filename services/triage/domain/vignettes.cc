#include "services/triage/domain/vignettes.h"

#include <absl/container/flat_hash_set.h>
#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "common/status/macros.h"
#include "services/triage/domain/verdict.h"
#include "services/triage/errors.h"

namespace lumbar::triage {
namespace {

double Share(int some, int all) { return all == 0 ? 0 : static_cast<double>(some) / all; }

}  // namespace

absl::StatusOr<v1::Vignette> ParseVignette(const std::string& line, absl::string_view file, absl::string_view where) {
  v1::Vignette vignette;
  const auto parsed = google::protobuf::util::JsonStringToMessage(line, &vignette);
  if (!parsed.ok()) return VignetteRefused(file, where, std::string(parsed.message()));
  if (vignette.id().empty()) return VignetteRefused(file, where, "no id");
  if (vignette.level() != v1::LEVEL_UNSPECIFIED && vignette.sources().empty()) {
    return VignetteRefused(file, where, "a level without a source");
  }
  return vignette;
}

absl::StatusOr<std::vector<v1::Vignette>> ParseVignettes(const std::string& text, absl::string_view file) {
  std::vector<v1::Vignette> vignettes;
  absl::flat_hash_set<std::string> ids;
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::string where = absl::StrCat("line ", ++number);
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    LUMBAR_ASSIGN_OR_RETURN(v1::Vignette vignette, ParseVignette(std::string(line), file, where));
    if (!ids.insert(vignette.id()).second) return VignetteRefused(file, where, "its id stands there twice");
    vignettes.push_back(std::move(vignette));
  }
  return vignettes;
}

v1::Presentation PresentationOf(const v1::Vignette& vignette, const v1::Protocol& protocol) {
  v1::Presentation presentation = vignette.presentation();
  if (!vignette.others_absent()) return presentation;
  absl::flat_hash_set<std::string> named;
  for (const auto& finding : presentation.findings()) named.insert(finding.code());
  for (const auto& finding : protocol.findings()) {
    if (!finding.red_flag() || named.contains(finding.code())) continue;
    auto* absent = presentation.add_findings();
    absent->set_code(finding.code());
    absent->set_presence(v1::PRESENCE_ABSENT);
  }
  return presentation;
}

absl::StatusOr<VignetteResult> JudgeVignette(const CompiledProtocol& protocol, const v1::Vignette& vignette) {
  const auto facts = protocol.ReadFacts(PresentationOf(vignette, protocol.definition()), absl::UnixEpoch());
  if (!facts.ok()) return VignetteRefused(vignette.id(), "presentation", facts.status().message());
  const auto* rule_set = protocol.FindRuleSet(vignette.rule_set());
  if (rule_set == nullptr) return VignetteRefused(vignette.id(), "rule_set", "the protocol has none of that name");
  const Verdict verdict = Judge(protocol, *rule_set, *facts);
  VignetteResult result{verdict.level, {}};
  for (const auto* rule : verdict.fired) {
    if (rule->answer.level() == verdict.level) result.deciding.push_back(rule->answer.id());
  }
  std::sort(result.deciding.begin(), result.deciding.end());
  return result;
}

void Scorecard::Add(v1::Level expected, v1::Level given) {
  ++total_;
  ++cases_[expected];
  right_[expected] += given == expected;
  right_total_ += given == expected;
  too_low_ += given < expected;
  too_high_ += given > expected;
  missed_emergencies_ += expected >= v1::LEVEL_EMERGENCY && given < v1::LEVEL_EMERGENCY;
}

double Scorecard::Accuracy() const { return Share(right_total_, total_); }

double Scorecard::AccuracyOf(v1::Level level) const { return Share(right_[level], cases_[level]); }

double Scorecard::SafetyOfAdvice() const { return Share(total_ - too_low_, total_); }

double Scorecard::InclinationToOvertriage() const { return Share(too_high_, too_high_ + too_low_); }

}  // namespace lumbar::triage
