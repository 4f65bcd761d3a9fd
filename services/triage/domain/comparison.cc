#include "services/triage/domain/comparison.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "services/triage/domain/verdict.h"

namespace lumbar::triage {
namespace {

struct Background {
  const char* name;
  bool known = true;
  uint32_t age = 40;
  v1::Sex sex = v1::SEX_MALE;
  uint32_t days = 3;
};

constexpr Background kBackgrounds[] = {
    {.name = "man of 40 for 3 days"},
    {.name = "woman of 75 for 3 days", .age = 75, .sex = v1::SEX_FEMALE},
    {.name = "man of 30 for 100 days", .age = 30, .days = 100},
    {.name = "nothing else known", .known = false},
};

// Everything absent, or everything unknown.
Facts FactsOf(const CompiledProtocol& protocol, const Background& background) {
  Facts facts = protocol.vocabulary().NothingKnown();
  if (!background.known) return facts;
  std::fill(facts.findings.begin(), facts.findings.end(), Truth::kFalse);
  facts.quantities = {background.age, background.days, 4};
  facts.sex = background.sex;
  return facts;
}

// One of the two protocols, and a patient to whom findings are added and taken away.
class Side {
 public:
  Side(const CompiledProtocol& protocol, absl::string_view rule_set, const Background& background)
      : protocol_(protocol), rules_(*protocol.FindRuleSet(rule_set)), facts_(FactsOf(protocol, background)) {}

  v1::Level LevelWith(const std::vector<std::string>& present) const {
    Facts facts = facts_;
    for (const auto& code : present) {
      if (const auto place = protocol_.vocabulary().Find(code)) facts.findings[*place] = Truth::kTrue;
    }
    protocol_.InferAbsent(facts);
    return LevelOf(protocol_, rules_, facts);
  }

 private:
  const CompiledProtocol& protocol_;
  const CompiledRuleSet& rules_;
  const Facts facts_;
};

std::vector<std::string> CodesOf(const CompiledProtocol& before, const CompiledProtocol& after) {
  std::set<std::string> codes;
  for (const auto* protocol : {&before, &after}) {
    for (const auto& finding : protocol->definition().findings()) codes.insert(finding.code());
  }
  return {codes.begin(), codes.end()};
}

using Levels = std::pair<v1::Level, v1::Level>;

void CompareOn(const Background& background, const Side& before, const Side& after,
               const std::vector<std::string>& codes, Comparison& comparison) {
  const auto add = [&](std::vector<std::string> present, const Levels& levels) {
    comparison.changes.push_back({background.name, std::move(present), levels.first, levels.second});
  };
  const auto levels_with = [&](const std::vector<std::string>& present) {
    ++comparison.cases;
    return Levels{before.LevelWith(present), after.LevelWith(present)};
  };
  const Levels none = levels_with({});
  if (none.first != none.second) add({}, none);
  std::map<std::string, Levels> alone;
  for (const auto& code : codes) {
    const Levels levels = alone[code] = levels_with({code});
    if (levels.first != levels.second && levels != none) add({code}, levels);
  }
  for (size_t a = 0; a < codes.size(); ++a) {
    for (size_t b = a + 1; b < codes.size(); ++b) {
      const Levels levels = levels_with({codes[a], codes[b]});
      if (levels.first == levels.second || levels == alone[codes[a]] || levels == alone[codes[b]]) continue;
      add({codes[a], codes[b]}, levels);
    }
  }
}

}  // namespace

Comparison Compare(const CompiledProtocol& before, const CompiledProtocol& after, absl::string_view rule_set) {
  Comparison comparison;
  const auto codes = CodesOf(before, after);
  for (const auto& background : kBackgrounds) {
    CompareOn(background, Side(before, rule_set, background), Side(after, rule_set, background), codes, comparison);
  }
  return comparison;
}

}  // namespace lumbar::triage
