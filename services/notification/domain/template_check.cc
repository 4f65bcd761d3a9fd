#include "services/notification/domain/template_check.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <ctemplate/template_dictionary_interface.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "common/status/macros.h"
#include "common/text/words.h"
#include "services/notification/errors.h"

namespace lumbar::notification {
namespace {

// Folded; a star stands for every ending. Others may read a message over the patient's shoulder, or pay for their
// telephone: neither what ails them nor what they owe is theirs to know.
constexpr std::array<absl::string_view, 46> kForbidden = {
    // What ails the patient, English and Spanish.
    "diagnos*", "cancer", "tumor*", "pregnan*", "embaraz*", "infect*", "infecc*", "sciatica", "ciatica", "hernia*",
    "fractur*", "pain*", "dolor*", "disease*", "enfermedad*", "disc", "disco", "opioid*", "prescri*", "receta*",
    "assessment*", "triage", "triaje",
    // What it costs.
    "bill", "bills", "billing", "invoice*", "factura*", "pay", "pays", "paying", "payment*", "paid", "pago*", "pagar*",
    "copay*", "copago*", "owe*", "balance", "saldo", "insurance", "aseguradora*", "fee", "fees", "tarifa*", "cobro*"};

bool IsForbidden(absl::string_view word) {
  return std::any_of(kForbidden.begin(), kForbidden.end(), [&](absl::string_view entry) {
    return absl::EndsWith(entry, "*") ? absl::StartsWith(word, entry.substr(0, entry.size() - 1)) : word == entry;
  });
}

// What readers see: without variables, tags and what styles are made of.
std::string WordingOf(absl::string_view content) {
  std::string text(content);
  RE2::GlobalReplace(&text, R"(\{\{[^}]*\}\})", " ");
  RE2::GlobalReplace(&text, R"(<[^>]*>)", " ");
  return text;
}

// Notes the first name that a template asks for and no message has. Messages have no sections and no includes.
class Examiner final : public ctemplate::TemplateDictionaryInterface {
 public:
  explicit Examiner(const std::vector<Variable>& known) : known_(known) {}
  const std::string& stranger() const { return stranger_; }
  bool names_practice() const { return names_practice_; }

 protected:
  ctemplate::TemplateString GetValue(const ctemplate::TemplateString& variable) const override {
    const auto known = std::find_if(known_.begin(), known_.end(), [&](const Variable& one) {
      return one.name == absl::string_view(variable.data(), variable.size());
    });
    if (known == known_.end()) return Note(variable);
    names_practice_ = names_practice_ || known->type == VariableType::kPractice;
    return ctemplate::TemplateString("");
  }
  bool IsHiddenSection(const ctemplate::TemplateString& name) const override { return Hide(name); }
  bool IsUnhiddenSection(const ctemplate::TemplateString& name) const override { return !Hide(name); }
  bool IsHiddenTemplate(const ctemplate::TemplateString& name) const override { return Hide(name); }
  void DumpToString(std::string*, int) const override {}
  const char* GetIncludeTemplateName(const ctemplate::TemplateString&, int) const override { return ""; }
  Iterator* CreateTemplateIterator(const ctemplate::TemplateString&) const override { return nullptr; }
  Iterator* CreateSectionIterator(const ctemplate::TemplateString&) const override { return nullptr; }

 private:
  ctemplate::TemplateString Note(const ctemplate::TemplateString& name) const {
    if (stranger_.empty()) stranger_ = std::string(name.data(), name.size());
    return ctemplate::TemplateString("");
  }
  bool Hide(const ctemplate::TemplateString& name) const {
    Note(name);
    return true;
  }

  const std::vector<Variable>& known_;
  mutable std::string stranger_;
  mutable bool names_practice_ = false;
};

absl::Status CheckVariables(const std::string& file, Part part, const std::vector<Variable>& variables,
                            ctemplate::TemplateCache& files) {
  const Examiner examiner(variables);
  std::string ignored;
  if (!files.ExpandWithData(file, kStrip, &examiner, nullptr, &ignored)) return TemplateMissing(file);
  if (!examiner.stranger().empty()) return TemplateVariable(file, examiner.stranger());
  // A subject stands beside the sender, which is the practice.
  if (part != Part::kSubject && !examiner.names_practice()) return TemplateWithoutPractice(file);
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckTemplate(const std::string& file, absl::string_view content, Part part,
                           const std::vector<Variable>& variables, ctemplate::TemplateCache& files) {
  // The library would tell of a file that isn't there on stderr itself.
  if (content.empty() || !files.LoadTemplate(file, kStrip)) return TemplateMissing(file);
  LUMBAR_RETURN_IF_ERROR(CheckVariables(file, part, variables, files));
  std::string bare;
  if (part == Part::kHtml && RE2::PartialMatch(re2::StringPiece(content.data(), content.size()),
                                               R"(\{\{([A-Z_]+)(?:\}\}|:[^h}]|:h[^}]))", &bare)) {
    return TemplateUnescaped(file, bare);
  }
  for (const std::string& word : FoldedWords(WordingOf(content))) {
    if (IsForbidden(word)) return TemplateWording(file, word);
  }
  return absl::OkStatus();
}

}  // namespace lumbar::notification
