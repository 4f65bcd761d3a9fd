#include "services/triage/domain/protocol_check.h"

#include <absl/container/flat_hash_set.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <re2/re2.h>

#include <algorithm>
#include <limits>

#include "common/status/macros.h"
#include "services/triage/domain/condition_check.h"
#include "services/triage/domain/facts.h"
#include "services/triage/domain/interview_check.h"
#include "services/triage/domain/language.h"
#include "services/triage/domain/rule_logic.h"
#include "services/triage/errors.h"

namespace lumbar::triage {
namespace {

// What the wire accepts as a code, so that a question can be answered; ids of rules and the like keep to it too.
constexpr char kId[] = "[a-z][a-z0-9_]{1,63}";

class Checker {
 public:
  Checker(const v1::Protocol& protocol, absl::string_view file) : protocol_(protocol), file_(file) {}

  absl::Status Check() {
    LUMBAR_RETURN_IF_ERROR(CheckHead());
    LUMBAR_RETURN_IF_ERROR(CheckFindings());
    LUMBAR_RETURN_IF_ERROR(CheckRuleSets());
    LUMBAR_RETURN_IF_ERROR(CheckCauses());
    LUMBAR_RETURN_IF_ERROR(CheckAdvice());
    LUMBAR_RETURN_IF_ERROR(CheckLevels());
    LUMBAR_RETURN_IF_ERROR(CheckInterview());
    return CheckTranslations();
  }

 private:
  using Ids = absl::flat_hash_set<std::string>;

  absl::Status Refuse(absl::string_view where, absl::string_view why) const {
    return ProtocolRefused(file_, where, why);
  }

  absl::Status CheckId(const std::string& where, const std::string& id, Ids& seen) const {
    static const RE2 pattern(kId);
    if (!RE2::FullMatch(id, pattern)) return Refuse(where, absl::StrCat("the id must match ", kId));
    if (!seen.insert(id).second) return Refuse(where, "duplicate id");
    return absl::OkStatus();
  }

  template <typename Sources>
  absl::Status CheckSources(const std::string& where, const Sources& sources) const {
    if (sources.empty()) return Refuse(where, "no source");
    if (std::any_of(sources.begin(), sources.end(), [](const auto& source) { return source.title().empty(); })) {
      return Refuse(where, "a source without a title");
    }
    return absl::OkStatus();
  }

  absl::Status CheckCondition(const std::string& where, const v1::Condition& condition,
                              const ConditionLimits& limits) const {
    const std::string fault = FaultOf(condition, red_flags_, limits);
    return fault.empty() ? absl::OkStatus() : Refuse(where, fault);
  }

  absl::Status CheckHead() const {
    static const RE2 pattern("protocols/[a-z0-9-]{1,63}");
    if (!RE2::FullMatch(protocol_.name(), pattern)) {
      return Refuse("name", "must be protocols/ and small letters, digits or hyphens");
    }
    if (protocol_.title().empty()) return Refuse("title", "missing");
    if (protocol_.version().empty()) return Refuse("version", "missing");
    if (protocol_.safety_net().empty()) return Refuse("safety_net", "missing: every answer needs one");
    if (protocol_.specialties().empty()) return Refuse("specialties", "missing: who sees what no rule sends elsewhere");
    return CheckWording();
  }

  absl::Status CheckWording() const {
    const auto& wording = protocol_.wording();
    if (wording.unanswered_headline().empty() || wording.unanswered_instructions().empty()) {
      return Refuse("wording", "missing what is said about unanswered red flags");
    }
    for (const std::string* text : {&wording.blocked(), &wording.blocked_until_answered()}) {
      if (!absl::StrContains(*text, "{reasons}")) return Refuse("wording", "what is said of a block needs {reasons}");
    }
    for (const std::string* text :
         {&wording.age_label(), &wording.duration_label(), &wording.severity_label(), &wording.sex_label(),
          &wording.none_of_these(), &wording.not_known(), &wording.female(), &wording.male()}) {
      if (text->empty()) return Refuse("wording", "a number, the sex or a common answer has no name");
    }
    return absl::OkStatus();
  }

  absl::Status CheckFindings() {
    Ids seen(kMeasureNames.begin(), kMeasureNames.end());
    for (const auto& finding : protocol_.findings()) {
      const std::string where = absl::StrCat("finding \"", finding.code(), "\"");
      LUMBAR_RETURN_IF_ERROR(CheckId(where, finding.code(), seen));
      if (finding.question().empty() || finding.label().empty()) return Refuse(where, "no question or no label");
      // Only what was defined before is known here, so that each inference stands on finished ones.
      if (finding.has_absent_when()) {
        LUMBAR_RETURN_IF_ERROR(CheckCondition(where, finding.absent_when(), {.presence_allowed = false}));
      }
      red_flags_[finding.code()] = finding.red_flag();
    }
    return absl::OkStatus();
  }

  absl::Status CheckRuleSets() const {
    if (protocol_.rule_sets().empty()) return Refuse("rule_sets", "missing");
    Ids seen;
    for (const auto& rule_set : protocol_.rule_sets()) {
      const std::string where = absl::StrCat("rule set \"", rule_set.id(), "\"");
      LUMBAR_RETURN_IF_ERROR(CheckId(where, rule_set.id(), seen));
      if (rule_set.title().empty()) return Refuse(where, "no title");
      if (rule_set.rules().empty()) return Refuse(where, "no rules");
      LUMBAR_RETURN_IF_ERROR(CheckRules(rule_set));
    }
    return absl::OkStatus();
  }

  absl::Status CheckRules(const v1::RuleSet& rule_set) const {
    Ids seen;
    for (const auto& rule : rule_set.rules()) {
      const std::string where = absl::StrCat("rule \"", rule_set.id(), "/", rule.id(), "\"");
      LUMBAR_RETURN_IF_ERROR(CheckId(where, rule.id(), seen));
      if (!v1::Level_IsValid(rule.level()) || rule.level() <= v1::LEVEL_SELF_CARE) {
        return Refuse(where, "the level must be above self care");
      }
      if (!v1::Group_IsValid(rule.group()) || rule.group() == v1::GROUP_UNSPECIFIED) return Refuse(where, "no group");
      if (rule.note().empty()) return Refuse(where, "no note");
      LUMBAR_RETURN_IF_ERROR(CheckSources(where, rule.sources()));
      LUMBAR_RETURN_IF_ERROR(
          CheckCondition(where, rule.when(),
                         {.absence_allowed = false, .soft_findings_allowed = rule.level() <= v1::LEVEL_CONSULTATION}));
    }
    return CheckLogic(rule_set);
  }

  absl::Status CheckLogic(const v1::RuleSet& rule_set) const {
    const Vocabulary vocabulary(protocol_);
    const RuleLogic logic(vocabulary);
    for (const auto& rule : rule_set.rules()) {
      const std::string where = absl::StrCat("rule \"", rule_set.id(), "/", rule.id(), "\"");
      if (logic.CountFindings(rule.when()) > kMostFindingsOfARule) {
        return Refuse(where,
                      absl::StrCat("stands on more than ", kMostFindingsOfARule, " findings; make two rules of it"));
      }
      if (!logic.CanHold(rule.when())) return Refuse(where, "can never fire: no patient fulfils its condition");
      for (const auto& harder : rule_set.rules()) {
        if (harder.level() > rule.level() && logic.Implies(rule.when(), harder.when())) {
          return Refuse(where,
                        absl::StrCat("contradicts rule \"", harder.id(), "\", which asks for more whenever it fires"));
        }
      }
    }
    return absl::OkStatus();
  }

  absl::Status CheckCauses() const {
    Ids seen;
    for (const auto& cause : protocol_.causes()) {
      const std::string where = absl::StrCat("cause \"", cause.id(), "\"");
      LUMBAR_RETURN_IF_ERROR(CheckId(where, cause.id(), seen));
      if (cause.title().empty() || cause.explanation().empty()) return Refuse(where, "no title or no explanation");
      LUMBAR_RETURN_IF_ERROR(CheckCondition(where, cause.when(), {}));
    }
    return absl::OkStatus();
  }

  absl::Status CheckAdvice() const {
    Ids seen;
    for (const auto& advice : protocol_.advice()) {
      const std::string where = absl::StrCat("advice \"", advice.id(), "\"");
      LUMBAR_RETURN_IF_ERROR(CheckId(where, advice.id(), seen));
      if (advice.text().empty()) return Refuse(where, "no text");
      LUMBAR_RETURN_IF_ERROR(CheckSources(where, advice.sources()));
      if (advice.has_when()) LUMBAR_RETURN_IF_ERROR(CheckCondition(where, advice.when(), {}));
      for (const auto& block : advice.blocks()) {
        if (block.because().empty()) return Refuse(where, "a block without because");
        LUMBAR_RETURN_IF_ERROR(CheckCondition(where, block.when(), {}));
      }
    }
    return absl::OkStatus();
  }

  absl::Status CheckLevels() const {
    int64_t slowest = std::numeric_limits<int64_t>::max();
    for (int level = v1::LEVEL_SELF_CARE; level <= v1::Level_MAX; ++level) {
      const std::string where = v1::Level_Name(static_cast<v1::Level>(level));
      const auto is_it = [&](const v1::LevelDefinition& definition) { return definition.level() == level; };
      const auto& levels = protocol_.levels();
      if (std::count_if(levels.begin(), levels.end(), is_it) != 1) return Refuse(where, "must be defined once");
      const auto& definition = *std::find_if(levels.begin(), levels.end(), is_it);
      if (definition.headline().empty() || definition.instructions().empty()) {
        return Refuse(where, "no headline or no instructions");
      }
      LUMBAR_RETURN_IF_ERROR(CheckDeadline(where, definition, slowest));
    }
    return protocol_.levels_size() == v1::Level_MAX ? absl::OkStatus() : Refuse("levels", "one level too many");
  }

  absl::Status CheckInterview() const {
    const std::string fault = FaultOfInterview(protocol_);
    return fault.empty() ? absl::OkStatus() : Refuse("questions", fault);
  }

  absl::Status CheckTranslations() const {
    for (const auto& language : TranslatedTo(protocol_)) {
      const std::string where = absl::StrCat("translation to \"", language, "\"");
      static const RE2 pattern("[a-z]{2,3}");
      if (!RE2::FullMatch(language, pattern)) return Refuse(where, "the language must be two or three small letters");
      if (language == kEnglish) return Refuse(where, "a protocol is written in English");
      const std::string fault = FaultOfTranslation(protocol_, language);
      if (!fault.empty()) return Refuse(where, fault);
    }
    return absl::OkStatus();
  }

  absl::Status CheckDeadline(const std::string& where, const v1::LevelDefinition& definition, int64_t& slowest) const {
    if (definition.has_act_within() == (definition.level() == v1::LEVEL_SELF_CARE)) {
      return Refuse(where, "every level but self care, and only they, need act_within");
    }
    if (!definition.has_act_within()) return absl::OkStatus();
    const int64_t seconds = definition.act_within().seconds();
    // 100 years: beyond any sense, and still far from what a Timestamp can't hold.
    if (seconds < 0 || seconds > 3'155'760'000 || definition.act_within().nanos() != 0) {
      return Refuse(where, "act_within must be whole seconds, 0 or more");
    }
    if (seconds > slowest) return Refuse(where, "a more urgent level must not allow more time");
    slowest = seconds;
    return absl::OkStatus();
  }

  const v1::Protocol& protocol_;
  const absl::string_view file_;
  RedFlags red_flags_;
};

}  // namespace

absl::Status CheckProtocol(const v1::Protocol& protocol, absl::string_view file) {
  return Checker(protocol, file).Check();
}

}  // namespace lumbar::triage
