#include "services/triage/domain/care_advice.h"

#include <absl/strings/str_join.h>
#include <absl/strings/str_replace.h>

#include "services/triage/domain/lend.h"

namespace lumbar::triage {
namespace {

std::string Fill(absl::string_view sentence, const std::vector<absl::string_view>& reasons) {
  return absl::StrReplaceAll(sentence, {{"{reasons}", absl::StrJoin(reasons, ", ")}});
}

std::string WhyBlocked(const CompiledAdvice& advice, const Facts& facts, const v1::Wording& wording) {
  std::vector<absl::string_view> known, unknown;
  for (const auto& block : advice.blocks) {
    const Truth truth = block.when.Evaluate(facts);
    if (truth == Truth::kTrue) known.push_back(block.because);
    if (truth == Truth::kUnknown && advice.drug) unknown.push_back(block.because);
  }
  if (!known.empty()) return Fill(wording.blocked(), known);
  return unknown.empty() ? "" : Fill(wording.blocked_until_answered(), unknown);
}

}  // namespace

void AddAdvice(const CompiledProtocol& protocol, const Facts& facts, v1::Assessment& assessment) {
  for (const auto& advice : protocol.advice()) {
    if (advice.when.Evaluate(facts) != Truth::kTrue) continue;
    std::string why = WhyBlocked(advice, facts, protocol.definition().wording());
    if (why.empty()) {
      Lend(advice.answer, *assessment.mutable_advice());
      continue;
    }
    auto* blocked = assessment.add_advice();
    blocked->set_id(advice.answer.id());
    blocked->set_text(advice.answer.text());
    blocked->set_blocked_because(std::move(why));
    LendAll(advice.answer.sources(), *blocked->mutable_sources());
  }
}

}  // namespace lumbar::triage
