#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <algorithm>

#include "common/status/macros.h"
#include "common/text/words.h"
#include "services/triage/domain/definition_file.h"
#include "services/triage/domain/text_scanner.h"
#include "services/triage/errors.h"

namespace lumbar::triage {
namespace {

// What is wrong with a phrase, or "".
absl::string_view FaultOf(const std::string& phrase) {
  std::vector<std::string> words = absl::StrSplit(phrase, ' ');
  if (words.front() == "..." || words.back() == "...") return "a phrase begins and ends with a word";
  words.erase(std::remove(words.begin(), words.end(), "..."), words.end());
  for (std::string& word : words) {
    if (!absl::EndsWith(word, "*")) continue;
    word.pop_back();
    if (word.size() < 2) return "a beginning has two letters at least";
  }
  return FoldedWords(absl::StrJoin(words, " ")) == words ? "" : "write it without case, accents and marks";
}

template <typename Phrases>
absl::Status CheckPhrases(const Phrases& phrases, absl::string_view file, absl::string_view place) {
  for (const std::string& phrase : phrases) {
    const absl::string_view fault = phrase.empty() ? "is empty" : FaultOf(phrase);
    if (!fault.empty()) return ProtocolRefused(file, absl::StrCat(place, ", \"", phrase, "\""), fault);
  }
  return absl::OkStatus();
}

absl::Status CheckEntry(const v1::Lexicon& lexicon, const v1::Lexicon::Entry& entry, absl::string_view file,
                        const v1::Protocol& protocol) {
  const auto& findings = protocol.findings();
  const bool is_known = std::any_of(findings.begin(), findings.end(),
                                    [&](const auto& finding) { return finding.code() == entry.finding(); });
  const std::string place = absl::StrCat("entry \"", entry.finding(), "\"");
  if (!entry.finding().empty() && !is_known) return ProtocolRefused(file, place, "is no finding of the protocol");
  const auto wanted = entry.finding().empty() ? v1::LEVEL_EMERGENCY_AMBULANCE : v1::LEVEL_UNSPECIFIED;
  if (entry.level() != wanted) {
    return ProtocolRefused(file, place, "has LEVEL_EMERGENCY_AMBULANCE without a finding, and no level with one");
  }
  const auto& negations = lexicon.negations();
  const auto own = std::count_if(negations.begin(), negations.end(), [&](const auto& negation) {
    return negation.language_code() == entry.language_code();
  });
  if (own != 1) return ProtocolRefused(file, place, "needs the negation of its language, once");
  if (entry.phrases().empty()) return ProtocolRefused(file, place, "has no phrases");
  return CheckPhrases(entry.phrases(), file, place);
}

}  // namespace

absl::StatusOr<v1::Lexicon> ParseLexicon(const std::string& text, absl::string_view file,
                                         const v1::Protocol& protocol) {
  v1::Lexicon lexicon;
  LUMBAR_RETURN_IF_ERROR(ParseDefinition(text, file, lexicon));
  if (lexicon.protocol() != protocol.name()) return ProtocolRefused(file, "protocol", "is another protocol's");
  if (lexicon.version().empty()) return ProtocolRefused(file, "version", "is missing");
  for (const auto& entry : lexicon.entries()) LUMBAR_RETURN_IF_ERROR(CheckEntry(lexicon, entry, file, protocol));
  for (const auto& negation : lexicon.negations()) {
    LUMBAR_RETURN_IF_ERROR(CheckPhrases(negation.false_cues(), file, "false_cues"));
  }
  return lexicon;
}

absl::StatusOr<v1::Lexicon> LoadLexicon(const std::string& file, const v1::Protocol& protocol) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string text, ReadDefinition(file));
  return ParseLexicon(text, file, protocol);
}

}  // namespace lumbar::triage
