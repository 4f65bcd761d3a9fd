// Assess on arbitrary findings: no crash, no level that isn't one, and never less danger for one more present finding.
#include <cstdint>
#include <cstdlib>

#include "services/triage/domain/engine.h"
#include "services/triage/domain/testing.h"

namespace lumbar::triage {
namespace {

v1::Assessment AssessOf(const v1::Presentation& presentation) {
  const auto facts = Shipped().ReadFacts(presentation, kTestTime);
  if (!facts.ok()) return {};
  return AssessFacts(Shipped(), *Shipped().FindRuleSet(""), *facts, kTestTime);
}

// Two bits of each byte answer a question, the rest choose it; the last bytes are the numbers.
v1::Presentation Read(const uint8_t* bytes, size_t size) {
  v1::Presentation presentation;
  const int questions = Shipped().definition().findings_size();
  for (size_t i = 2; i + 1 < size; i += 2) {
    const auto& question = Shipped().definition().findings(bytes[i] % questions);
    presentation = With(std::move(presentation), {question.code()}, static_cast<v1::Presence>(bytes[i + 1] % 4));
  }
  if (size > 1) {
    presentation.set_age_years(bytes[0]);
    presentation.set_duration_days(bytes[1]);
    presentation.set_sex(static_cast<v1::Sex>(bytes[0] % 3));
  }
  return presentation;
}

}  // namespace
}  // namespace lumbar::triage

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace lumbar::triage;
  v1::Presentation raw;
  if (raw.ParseFromArray(bytes, static_cast<int>(size))) AssessOf(raw);
  const auto presentation = Read(bytes, size);
  const auto before = AssessOf(presentation);
  if (before.level() == v1::LEVEL_UNSPECIFIED || before.safety_net().empty()) std::abort();
  const auto& findings = Shipped().definition().findings();
  const auto& more = findings.at(size == 0 ? 0 : bytes[size - 1] % findings.size());
  if (AssessOf(With(presentation, {more.code()})).level() < before.level()) std::abort();
  return 0;
}
