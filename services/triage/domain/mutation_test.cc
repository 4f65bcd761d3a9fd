// Would anybody notice a wrong rule? Every rule is broken in every way below, one at a time; the vignettes must tell.
#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include <functional>
#include <iostream>

#include "services/triage/domain/protocol_check.h"
#include "services/triage/domain/testing.h"
#include "services/triage/domain/vignettes.h"

namespace lumbar::triage {
namespace {

// One way to break a condition; `what` tells it apart in the report.
struct Mutation {
  std::string what;
  v1::Condition condition;
};
using Mutations = std::vector<Mutation>;

v1::Condition WithRange(const v1::Condition& condition, const std::function<void(v1::Condition::Range&)>& change) {
  v1::Condition changed = condition;
  change(*changed.mutable_range());
  return changed;
}

// Thresholds shifted by one, comparators turned round.
void MutateRange(const v1::Condition& condition, Mutations& mutations) {
  const auto& range = condition.range();
  if (range.has_at_least()) {
    const uint32_t bound = range.at_least();
    mutations.push_back({"at_least + 1", WithRange(condition, [&](auto& r) { r.set_at_least(bound + 1); })});
    if (bound > 0) {
      mutations.push_back({"at_least - 1", WithRange(condition, [&](auto& r) { r.set_at_least(bound - 1); })});
    }
    mutations.push_back({"at_least -> at_most", WithRange(condition, [&](auto& r) {
                           r.clear_at_least();
                           r.set_at_most(bound);
                         })});
  }
  if (range.has_at_most()) {
    const uint32_t bound = range.at_most();
    mutations.push_back({"at_most + 1", WithRange(condition, [&](auto& r) { r.set_at_most(bound + 1); })});
    if (bound > 0) {
      mutations.push_back({"at_most - 1", WithRange(condition, [&](auto& r) { r.set_at_most(bound - 1); })});
    }
    mutations.push_back({"at_most -> at_least", WithRange(condition, [&](auto& r) {
                           r.clear_at_most();
                           r.set_at_least(bound);
                         })});
  }
}

Mutations MutationsOf(const v1::Condition& condition);

// Each child dropped, and each child broken in its own ways. `list` finds the children in a copy.
template <typename List>
void MutateChildren(const v1::Condition& condition, int size, List list, Mutations& mutations) {
  for (int i = 0; i < size; ++i) {
    if (size > 1) {
      v1::Condition fewer = condition;
      list(fewer)->DeleteSubrange(i, 1);
      mutations.push_back({absl::StrCat("drop ", i), std::move(fewer)});
    }
    v1::Condition whole = condition;
    for (auto& mutation : MutationsOf(list(whole)->Get(i))) {
      v1::Condition broken = condition;
      *list(broken)->Mutable(i) = std::move(mutation.condition);
      mutations.push_back({absl::StrCat(i, ": ", mutation.what), std::move(broken)});
    }
  }
}

Mutations MutationsOf(const v1::Condition& condition) {
  Mutations mutations;
  v1::Condition swapped;
  if (condition.has_range()) MutateRange(condition, mutations);
  if (condition.kind_case() == v1::Condition::kSex) {
    swapped.set_sex(condition.sex() == v1::SEX_MALE ? v1::SEX_FEMALE : v1::SEX_MALE);
    mutations.push_back({"other sex", swapped});
  }
  if (condition.has_all()) {
    *swapped.mutable_any() = condition.all();
    mutations.push_back({"all -> any", swapped});
    MutateChildren(
        condition, condition.all().of_size(), [](auto& c) { return c.mutable_all()->mutable_of(); }, mutations);
  }
  if (condition.has_any()) {
    *swapped.mutable_all() = condition.any();
    mutations.push_back({"any -> all", swapped});
    MutateChildren(
        condition, condition.any().of_size(), [](auto& c) { return c.mutable_any()->mutable_of(); }, mutations);
  }
  if (condition.has_at_least()) {
    for (const int shift : {-1, 1}) {
      v1::Condition shifted = condition;
      shifted.mutable_at_least()->set_count(condition.at_least().count() + static_cast<uint32_t>(shift));
      mutations.push_back({absl::StrCat("count ", shift), std::move(shifted)});
    }
    MutateChildren(
        condition, condition.at_least().of_size(), [](auto& c) { return c.mutable_at_least()->mutable_of(); },
        mutations);
  }
  return mutations;
}

// Whether some vignette that the shipped rules get right shows that `mutant` doesn't, or the loader refuses it.
bool Killed(const v1::Protocol& mutant) {
  if (!CheckProtocol(mutant, "mutant").ok()) return true;
  const CompiledProtocol compiled(mutant);
  for (const auto& vignette : ShippedVignettes()) {
    const auto before = JudgeVignette(Shipped(), vignette);
    const auto after = JudgeVignette(compiled, vignette);
    if (!after.ok() || after->level != before->level || after->deciding != before->deciding) return true;
  }
  return false;
}

struct Tally {
  int mutants = 0, killed = 0;

  void Count(const std::string& what, const v1::Protocol& mutant) {
    ++mutants;
    if (Killed(mutant)) {
      ++killed;
    } else {
      std::cout << "survived: " << what << "\n";
    }
  }
};

// Translations don't change levels, and checking them for each mutant would take most of the time.
v1::Protocol Untranslated() {
  v1::Protocol protocol = Shipped().definition();
  protocol.clear_translations();
  return protocol;
}

void MutateRule(int rule_set, int place, Tally& tally) {
  const v1::Protocol original = Untranslated();
  const auto& rule = original.rule_sets(rule_set).rules(place);
  const std::string name = absl::StrCat(original.rule_sets(rule_set).id(), "/", rule.id(), ": ");
  const auto rule_in = [&](v1::Protocol& protocol) {
    return protocol.mutable_rule_sets(rule_set)->mutable_rules(place);
  };
  for (auto& mutation : MutationsOf(rule.when())) {
    v1::Protocol mutant = original;
    *rule_in(mutant)->mutable_when() = std::move(mutation.condition);
    tally.Count(absl::StrCat(name, mutation.what), mutant);
  }
  if (rule.level() > v1::LEVEL_CONSULTATION) {
    v1::Protocol lower = original;
    rule_in(lower)->set_level(static_cast<v1::Level>(rule.level() - 1));
    tally.Count(absl::StrCat(name, "lower level"), lower);
  }
  v1::Protocol fewer = original;
  fewer.mutable_rule_sets(rule_set)->mutable_rules()->DeleteSubrange(place, 1);
  tally.Count(absl::StrCat(name, "dropped"), fewer);
}

TEST(MutationTest, EveryBrokenRedFlagRuleAndNearlyEveryOtherIsNoticed) {
  Tally red_flags, others;
  for (int set = 0; set < Shipped().definition().rule_sets_size(); ++set) {
    const auto& rules = Shipped().definition().rule_sets(set).rules();
    for (int place = 0; place < rules.size(); ++place) {
      MutateRule(set, place, rules[place].level() > v1::LEVEL_CONSULTATION ? red_flags : others);
    }
  }
  std::cout << "mutants of red-flag rules: " << red_flags.killed << " of " << red_flags.mutants
            << " killed; of other rules: " << others.killed << " of " << others.mutants << "\n";
  EXPECT_EQ(red_flags.killed, red_flags.mutants);
  EXPECT_GE(red_flags.killed + others.killed, 0.95 * (red_flags.mutants + others.mutants));
}

}  // namespace
}  // namespace lumbar::triage
