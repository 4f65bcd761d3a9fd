#include "tools/cli/commands/assessment_text.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include "common/time/proto_time.h"
#include "tools/cli/text.h"

namespace lumbar::cli {
namespace {

template <typename Sources>
std::string SourcesText(const Sources& sources) {
  std::string out;
  for (const triage::v1::Source& source : sources) {
    const std::string doi = source.doi().empty() ? "" : absl::StrCat(", https://doi.org/", source.doi());
    absl::StrAppend(&out, Wrapped(absl::StrCat(source.title(), doi), "      Source: "));
  }
  return out;
}

std::string WhatToDo(const triage::v1::Assessment& assessment) {
  std::string out = Heading("What to do") + Wrapped(assessment.instructions(), "  ");
  // An emergency's deadline is now, which its instructions say better.
  if (assessment.has_act_by_time() && !IsEmergency(assessment.level())) {
    absl::StrAppend(&out, "  Be seen by ", LocalTime(assessment.act_by_time(), "UTC"), ", within ",
                    absl::FormatDuration(FromProto(assessment.act_within())), " of this assessment.\n");
  }
  return out;
}

std::string Counterfactual(const triage::v1::Assessment& assessment) {
  if (!assessment.has_counterfactual()) return "";
  return Wrapped(absl::StrCat("Without ", absl::StrJoin(assessment.counterfactual().absent_findings(), " and "), ": ",
                              LevelText(assessment.counterfactual().level()), "."),
                 "  - ");
}

std::string Why(const triage::v1::Assessment& assessment) {
  std::string out = Heading("Why");
  if (assessment.fired_rules().empty()) absl::StrAppend(&out, "  No rule asks for more.\n");
  for (const triage::v1::FiredRule& rule : assessment.fired_rules()) {
    absl::StrAppend(
        &out, Wrapped(absl::StrCat(rule.note(), " (", LevelText(rule.level()), "; rule ", rule.id(), ")"), "  - "));
    absl::StrAppend(&out, SourcesText(rule.sources()));
  }
  for (const triage::v1::Disagreement& other : assessment.disagreements()) {
    absl::StrAppend(&out, Wrapped(absl::StrCat("The rules of \"", other.rule_set(),
                                               "\" say otherwise: ", LevelText(other.level()), "."),
                                  "  - "));
  }
  return out + Counterfactual(assessment);
}

// Score, how long it has lasted, the prognosis and who should see it.
std::string Figures(const triage::v1::Assessment& assessment) {
  std::string out = Heading("Figures");
  absl::StrAppend(&out, "  score ", assessment.score(), " of 100");
  if (assessment.duration_class() != triage::v1::DURATION_CLASS_UNSPECIFIED) {
    absl::StrAppend(&out, ", ", Label(triage::v1::DurationClass_Name(assessment.duration_class()), "DURATION_CLASS_"),
                    " pain");
  }
  if (assessment.has_start_back()) {
    absl::StrAppend(&out, ", STarT Back ", assessment.start_back().total(), " (",
                    Label(triage::v1::StartBackRisk_Name(assessment.start_back().risk()), "START_BACK_RISK_"),
                    " risk)");
  }
  absl::StrAppend(&out, "\n");
  return out + Wrapped(absl::StrJoin(assessment.specialties(), ", "), "  fitting specialties: ");
}

std::string Causes(const triage::v1::Assessment& assessment) {
  if (assessment.causes().empty()) return "";
  std::string out = Heading("Likely causes, the likeliest first; not a diagnosis");
  for (const triage::v1::Cause& cause : assessment.causes()) {
    absl::StrAppend(&out, Wrapped(absl::StrCat(cause.title(), ": ", cause.explanation()), "  - "));
    absl::StrAppend(&out, Wrapped(absl::StrJoin(cause.reasons(), "; "), "      Because of: "));
  }
  return out;
}

std::string Care(const triage::v1::Assessment& assessment) {
  if (assessment.advice().empty()) return "";
  std::string out = Heading("Care");
  for (const triage::v1::Advice& advice : assessment.advice()) {
    const bool blocked = !advice.blocked_because().empty();
    absl::StrAppend(&out, Wrapped(advice.text(), blocked ? "  - NOT FOR YOU: " : "  - "));
    if (blocked) absl::StrAppend(&out, Wrapped(advice.blocked_because(), "      Why not: "));
    absl::StrAppend(&out, SourcesText(advice.sources()));
  }
  return out;
}

}  // namespace

std::string Unanswered(const triage::v1::Assessment& assessment) {
  if (assessment.unanswered_red_flags().empty()) return "";
  std::string out = Heading("Not answered yet; each could make this more urgent");
  if (assessment.evidence_unknown().empty()) {
    for (const auto& code : assessment.unanswered_red_flags()) absl::StrAppend(&out, Wrapped(code, "  - "));
  }
  for (const triage::v1::Evidence& open : assessment.evidence_unknown()) {
    absl::StrAppend(
        &out, Wrapped(absl::StrCat(open.label(), " (", open.code(), "): up to ", LevelText(open.level())), "  - "));
  }
  return out;
}

bool IsEmergency(triage::v1::Level level) { return level >= triage::v1::LEVEL_EMERGENCY; }

std::string LevelText(triage::v1::Level level) {
  switch (level) {
    case triage::v1::LEVEL_SELF_CARE:
      return "care at home";
    case triage::v1::LEVEL_CONSULTATION:
      return "a clinician within days";
    case triage::v1::LEVEL_CONSULTATION_24:
      return "a clinician within 24 hours";
    case triage::v1::LEVEL_EMERGENCY:
      return "EMERGENCY: an emergency room now";
    case triage::v1::LEVEL_EMERGENCY_AMBULANCE:
      return "EMERGENCY: call 911 now";
    default:
      return "a level that this tool doesn't know; update it";
  }
}

std::string Explained(const triage::v1::Assessment& assessment) {
  std::string level = LevelText(assessment.level());
  level[0] = absl::ascii_toupper(static_cast<unsigned char>(level[0]));
  return absl::StrCat(Wrapped(level), Wrapped(assessment.headline()), WhatToDo(assessment), Why(assessment),
                      Unanswered(assessment), Causes(assessment), Care(assessment), Figures(assessment),
                      Heading("Warning signs"), Wrapped(assessment.safety_net(), "  "), "\n",
                      Wrapped(absl::StrCat(assessment.protocol(), ", rule set ", assessment.rule_set(), ", rules ",
                                           assessment.rules_sha256().substr(0, 12))));
}

}  // namespace lumbar::cli
