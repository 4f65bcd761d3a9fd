#include "services/triage/domain/prognosis.h"

namespace lumbar::triage {

v1::DurationClass DurationClassOf(const Facts& facts) {
  const auto& days = facts.quantities[v1::QUANTITY_DURATION_DAYS - 1];
  if (!days) return v1::DURATION_CLASS_UNSPECIFIED;
  if (*days < 4 * 7) return v1::DURATION_CLASS_ACUTE;
  return *days <= 12 * 7 ? v1::DURATION_CLASS_SUBACUTE : v1::DURATION_CLASS_CHRONIC;
}

v1::StartBackScore ScoreStartBack(const v1::StartBackAnswers& answers) {
  constexpr int kFirstPsychosocial = 4;
  v1::StartBackScore score;
  for (int item = 0; item < answers.items_size(); ++item) {
    score.set_total(score.total() + answers.items(item));
    if (item >= kFirstPsychosocial) score.set_psychosocial(score.psychosocial() + answers.items(item));
  }
  if (score.psychosocial() >= 4) {
    score.set_risk(v1::START_BACK_RISK_HIGH);
  } else {
    score.set_risk(score.total() >= 4 ? v1::START_BACK_RISK_MEDIUM : v1::START_BACK_RISK_LOW);
  }
  return score;
}

}  // namespace lumbar::triage
