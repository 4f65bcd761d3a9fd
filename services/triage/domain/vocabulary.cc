#include "services/triage/domain/vocabulary.h"

#include "services/triage/errors.h"

namespace lumbar::triage {
namespace {

Truth TruthOf(v1::Presence presence) {
  switch (presence) {
    case v1::PRESENCE_PRESENT:
      return Truth::kTrue;
    case v1::PRESENCE_ABSENT:
      return Truth::kFalse;
    default:
      return Truth::kUnknown;
  }
}

void ReadMeasures(const v1::Presentation& presentation, Facts& facts) {
  if (presentation.has_age_years()) facts.quantities[v1::QUANTITY_AGE_YEARS - 1] = presentation.age_years();
  if (presentation.has_duration_days()) facts.quantities[v1::QUANTITY_DURATION_DAYS - 1] = presentation.duration_days();
  if (presentation.has_pain_severity()) facts.quantities[v1::QUANTITY_PAIN_SEVERITY - 1] = presentation.pain_severity();
  if (v1::Sex_IsValid(presentation.sex())) facts.sex = presentation.sex();
}

}  // namespace

Vocabulary::Vocabulary(const v1::Protocol& protocol) {
  for (const auto& finding : protocol.findings()) {
    places_.emplace(finding.code(), questions_.size());
    questions_.push_back({finding.code(), finding.red_flag()});
  }
}

std::optional<size_t> Vocabulary::Find(absl::string_view code) const {
  const auto place = places_.find(code);
  if (place == places_.end()) return std::nullopt;
  return place->second;
}

absl::string_view Vocabulary::AtomName(size_t atom) const {
  return atom < size() ? absl::string_view(questions_[atom].code) : kMeasureNames[atom - size()];
}

absl::StatusOr<Facts> Vocabulary::Read(const v1::Presentation& presentation) const {
  Facts facts;
  facts.findings.assign(size(), Truth::kUnknown);
  ReadMeasures(presentation, facts);
  std::vector<bool> told(size());
  std::vector<int> unknown, contradictory;
  for (int i = 0; i < presentation.findings_size(); ++i) {
    const auto place = Find(presentation.findings(i).code());
    if (!place) {
      unknown.push_back(i);
      continue;
    }
    const Truth truth = TruthOf(presentation.findings(i).presence());
    if (told[*place] && facts.findings[*place] != truth) contradictory.push_back(i);
    facts.findings[*place] = truth;
    told[*place] = true;
  }
  if (!unknown.empty()) return UnknownFindings(unknown);
  if (!contradictory.empty()) return ContradictoryFindings(contradictory);
  return facts;
}

}  // namespace lumbar::triage
