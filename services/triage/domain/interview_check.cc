#include "services/triage/domain/interview_check.h"

#include <absl/container/flat_hash_set.h>
#include <absl/strings/str_cat.h>

#include "services/triage/domain/condition.h"
#include "services/triage/domain/vocabulary.h"

namespace lumbar::triage {
namespace {

using Names = absl::flat_hash_set<std::string>;

// The name of a number or of the sex; "" if the question is about neither.
std::string MeasureOf(const v1::QuestionDefinition& question) {
  if (question.sex()) return std::string(kMeasureNames[kQuantities]);
  if (!v1::Quantity_IsValid(question.quantity()) || question.quantity() == v1::QUANTITY_UNSPECIFIED) return "";
  return std::string(kMeasureNames[question.quantity() - 1]);
}

std::string FaultOfQuestion(const v1::QuestionDefinition& question, const Vocabulary& vocabulary, Names& asked) {
  if (question.text().empty()) return "has no text";
  for (const auto& code : question.choices().findings()) {
    if (!vocabulary.Find(code)) return absl::StrCat("asks the unknown finding \"", code, "\"");
    if (!asked.insert(code).second) return absl::StrCat("asks \"", code, "\", which is asked already");
  }
  if (!question.choices().findings().empty()) return "";
  const std::string measure = MeasureOf(question);
  if (measure.empty()) return "asks nothing";
  if (!asked.insert(measure).second) return absl::StrCat("asks \"", measure, "\", which is asked already");
  return "";
}

// Everything that some rule stands on: what is open when nothing is known.
std::string FirstUnasked(const v1::Protocol& protocol, const Vocabulary& vocabulary, const Names& asked) {
  const Facts facts = vocabulary.NothingKnown();
  std::string unasked;
  for (const auto& rule_set : protocol.rule_sets()) {
    for (const auto& rule : rule_set.rules()) {
      Condition(rule.when(), vocabulary).VisitAtoms(facts, Truth::kUnknown, [&](size_t atom) {
        if (unasked.empty() && !asked.contains(vocabulary.AtomName(atom)))
          unasked = std::string(vocabulary.AtomName(atom));
      });
    }
  }
  return unasked;
}

}  // namespace

std::string FaultOfInterview(const v1::Protocol& protocol) {
  const Vocabulary vocabulary(protocol);
  Names ids, asked;
  for (const auto& question : protocol.questions()) {
    if (question.id().empty() || !ids.insert(question.id()).second) {
      return absl::StrCat("the id \"", question.id(), "\" is empty or stands there twice");
    }
    const std::string fault = FaultOfQuestion(question, vocabulary, asked);
    if (!fault.empty()) return absl::StrCat("\"", question.id(), "\" ", fault);
  }
  const std::string unasked = FirstUnasked(protocol, vocabulary, asked);
  return unasked.empty() ? "" : absl::StrCat("a rule stands on \"", unasked, "\", and no question asks it");
}

}  // namespace lumbar::triage
