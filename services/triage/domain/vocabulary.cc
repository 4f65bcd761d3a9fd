#include "services/triage/domain/vocabulary.h"

#include <algorithm>
#include <cstdlib>

#include "common/time/proto_time.h"
#include "services/triage/errors.h"

namespace lumbar::triage {
namespace {

// As the contract's bound of duration_days.
constexpr int64_t kLongestDays = 36'500;

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

// What is wrong with the onset, or ""; without a fault it becomes the duration.
std::string ReadOnset(const v1::Presentation& presentation, absl::Time now, Facts& facts) {
  if (!presentation.has_onset_time()) return "";
  const absl::Duration since = now - FromProto(presentation.onset_time());
  if (since < absl::ZeroDuration()) return "is a time to come";
  const int64_t days = since / absl::Hours(24);
  if (days > kLongestDays) return "is over 100 years ago";
  auto& duration = facts.quantities[v1::QUANTITY_DURATION_DAYS - 1];
  if (duration && std::abs(int64_t{*duration} - days) > 1) return "differs from duration_days by more than a day";
  duration = static_cast<uint32_t>(days);
  return "";
}

}  // namespace

Vocabulary::Vocabulary(const v1::Protocol& protocol)
    : measure_labels_{protocol.wording().age_label(), protocol.wording().duration_label(),
                      protocol.wording().severity_label(), protocol.wording().sex_label()} {
  for (const auto& finding : protocol.findings()) {
    places_.emplace(finding.code(), questions_.size());
    questions_.push_back({finding.code(), finding.label(), finding.red_flag()});
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

absl::string_view Vocabulary::Label(size_t atom) const {
  return atom < size() ? questions_[atom].label : measure_labels_[atom - size()];
}

Facts Vocabulary::NothingKnown() const {
  Facts facts;
  facts.findings.assign(size(), Truth::kUnknown);
  facts.asked_in_vain.assign(atoms(), false);
  return facts;
}

absl::StatusOr<Facts> Vocabulary::Read(const v1::Presentation& presentation, absl::Time now) const {
  Facts facts = NothingKnown();
  ReadMeasures(presentation, facts);
  for (size_t i = 0; i < kMeasureNames.size(); ++i) {
    const auto& names = presentation.not_known();
    facts.asked_in_vain[size() + i] = std::find(names.begin(), names.end(), kMeasureNames[i]) != names.end();
  }
  std::vector<bool> told(size());
  PresentationFaults faults;
  faults.onset = ReadOnset(presentation, now, facts);
  for (int i = 0; i < presentation.findings_size(); ++i) {
    const auto place = Find(presentation.findings(i).code());
    if (!place) {
      faults.unknown_findings.push_back(i);
      continue;
    }
    const Truth truth = TruthOf(presentation.findings(i).presence());
    if (told[*place] && facts.findings[*place] != truth) faults.contradictory_findings.push_back(i);
    facts.findings[*place] = truth;
    facts.asked_in_vain[*place] = presentation.findings(i).presence() == v1::PRESENCE_UNKNOWN;
    told[*place] = true;
  }
  if (faults.any()) return PresentationRefused(faults);
  return facts;
}

}  // namespace lumbar::triage
