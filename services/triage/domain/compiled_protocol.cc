#include "services/triage/domain/compiled_protocol.h"

#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "common/digest/sha256.h"
#include "common/status/macros.h"

namespace lumbar::triage {
namespace {

// Raise it when the engine turns the same protocol and findings into another answer.
constexpr absl::string_view kEngineVersion = "lumbar-triage-engine-2";

// The whole protocol is hashed: its other rule sets, questions, causes, advice and texts are in the answer too. The
// wire form is canonical here, because the schema has no map and the parser lets no unknown field in.
std::string HashOf(const v1::Protocol& protocol, const std::string& rule_set) {
  return absl::BytesToHexString(
      Sha256(absl::StrCat(kEngineVersion, "\n", rule_set, "\n", protocol.SerializeAsString())));
}

CompiledRule Compile(const v1::Rule& rule, const Vocabulary& vocabulary) {
  CompiledRule compiled{Condition(rule.when(), vocabulary), {}, {}};
  compiled.answer.set_id(rule.id());
  compiled.answer.set_level(rule.level());
  compiled.answer.set_note(rule.note());
  *compiled.answer.mutable_sources() = rule.sources();
  compiled.specialties.assign(rule.specialties().begin(), rule.specialties().end());
  return compiled;
}

CompiledAdvice Compile(const v1::AdviceDefinition& advice, const Vocabulary& vocabulary) {
  CompiledAdvice compiled;
  if (advice.has_when()) compiled.when = Condition(advice.when(), vocabulary);
  for (const auto& block : advice.blocks()) {
    compiled.blocks.push_back({Condition(block.when(), vocabulary), block.because()});
  }
  compiled.drug = advice.drug();
  compiled.answer.set_id(advice.id());
  compiled.answer.set_text(advice.text());
  *compiled.answer.mutable_sources() = advice.sources();
  return compiled;
}

std::vector<std::string> HashesOf(const v1::Protocol& protocol) {
  std::vector<std::string> hashes;
  for (const auto& rule_set : protocol.rule_sets()) hashes.push_back(HashOf(protocol, rule_set.id()));
  return hashes;
}

void AddChoice(const std::string& code, const std::string& label, v1::Question& question) {
  auto* choice = question.add_choices();
  choice->set_code(code);
  choice->set_label(label);
}

v1::Protocol In(absl::string_view language, v1::Protocol protocol) {
  Translate(language, protocol);
  protocol.clear_translations();
  return protocol;
}

}  // namespace

CompiledProtocol::CompiledProtocol(const v1::Protocol& definition, absl::string_view language)
    : language_(language), definition_(In(language, definition)), vocabulary_(definition_) {
  for (const auto& finding : definition_.findings()) {
    auto& when = absent_when_.emplace_back();
    if (finding.has_absent_when()) when.emplace(finding.absent_when(), vocabulary_);
  }
  CompileRuleSets(HashesOf(definition));
  CompileEvidence();
  CompileQuestions();
  CompileCauses();
  CompileAdvice();
  for (const auto& level : definition_.levels()) levels_[level.level()] = level;
}

const CompiledRuleSet* CompiledProtocol::FindRuleSet(absl::string_view id) const {
  for (const auto& rule_set : rule_sets_) {
    if (id.empty() || rule_set.id == id) return &rule_set;
  }
  return nullptr;
}

absl::StatusOr<Facts> CompiledProtocol::ReadFacts(const v1::Presentation& presentation, absl::Time now) const {
  LUMBAR_ASSIGN_OR_RETURN(Facts facts, vocabulary_.Read(presentation, now));
  InferAbsent(facts);
  return facts;
}

void CompiledProtocol::InferAbsent(Facts& facts) const {
  // In the order of the file: each stands on earlier ones only.
  for (size_t place = 0; place < absent_when_.size(); ++place) {
    if (facts.findings[place] == Truth::kUnknown && absent_when_[place] &&
        absent_when_[place]->Evaluate(facts) == Truth::kTrue) {
      facts.findings[place] = Truth::kFalse;
    }
  }
}

const Condition* CompiledProtocol::AbsentWhen(size_t atom) const {
  return atom < absent_when_.size() && absent_when_[atom] ? &*absent_when_[atom] : nullptr;
}

void CompiledProtocol::CompileEvidence() {
  evidence_.resize(vocabulary_.atoms());
  for (size_t atom = 0; atom < evidence_.size(); ++atom) {
    for (int level = v1::Level_MIN; level <= v1::Level_MAX; ++level) {
      auto& evidence = evidence_[atom][static_cast<size_t>(level)];
      evidence.set_code(std::string(vocabulary_.AtomName(atom)));
      evidence.set_label(std::string(vocabulary_.Label(atom)));
      evidence.set_level(static_cast<v1::Level>(level));
    }
  }
}

void CompiledProtocol::CompileQuestions() {
  const auto& wording = definition_.wording();
  for (const auto& question : definition_.questions()) {
    CompiledQuestion compiled;
    compiled.answer.set_id(question.id());
    compiled.answer.set_text(question.text());
    compiled.answer.set_unknown_label(wording.not_known());
    for (const auto& code : question.choices().findings()) {
      compiled.atoms.push_back(*vocabulary_.Find(code));
      compiled.answer.set_none_label(wording.none_of_these());
    }
    if (question.has_quantity()) {
      compiled.atoms.push_back(vocabulary_.size() + question.quantity() - 1);
      compiled.answer.set_quantity(question.quantity());
    }
    if (question.sex()) {
      compiled.atoms.push_back(vocabulary_.size() + kQuantities);
      compiled.answer.set_sex(true);
      AddChoice(v1::Sex_Name(v1::SEX_FEMALE), wording.female(), compiled.answer);
      AddChoice(v1::Sex_Name(v1::SEX_MALE), wording.male(), compiled.answer);
    }
    questions_.push_back(std::move(compiled));
  }
}

void CompiledProtocol::CompileRuleSets(const std::vector<std::string>& hashes) {
  for (const auto& rule_set : definition_.rule_sets()) {
    CompiledRuleSet compiled{rule_set.id(), hashes[rule_sets_.size()], {}};
    for (const auto& rule : rule_set.rules()) compiled.rules.push_back(Compile(rule, vocabulary_));
    std::stable_sort(compiled.rules.begin(), compiled.rules.end(),
                     [](const auto& a, const auto& b) { return a.answer.level() > b.answer.level(); });
    rule_sets_.push_back(std::move(compiled));
  }
}

void CompiledProtocol::CompileCauses() {
  std::vector<const v1::CauseDefinition*> ranked;
  for (const auto& cause : definition_.causes()) ranked.push_back(&cause);
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto* a, const auto* b) { return a->weight() > b->weight(); });
  for (const auto* cause : ranked) {
    CompiledCause compiled{Condition(cause->when(), vocabulary_), {}};
    compiled.answer.set_id(cause->id());
    compiled.answer.set_title(cause->title());
    compiled.answer.set_explanation(cause->explanation());
    causes_.push_back(std::move(compiled));
  }
}

void CompiledProtocol::CompileAdvice() {
  for (const auto& advice : definition_.advice()) advice_.push_back(Compile(advice, vocabulary_));
  std::stable_partition(advice_.begin(), advice_.end(), [](const auto& advice) { return !advice.drug; });
}

}  // namespace lumbar::triage
