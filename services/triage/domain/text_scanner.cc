#include "services/triage/domain/text_scanner.h"

#include <absl/strings/str_split.h>

#include <algorithm>
#include <utility>

#include "common/status/macros.h"
#include "common/text/words.h"
#include "services/triage/domain/verdict.h"
#include "services/triage/errors.h"

namespace lumbar::triage {
namespace {

// Words that a phrase's "..." may stand for.
constexpr size_t kLongestGap = 4;
// Words that a negation reaches.
constexpr size_t kReach = 6;

bool Contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

TextScanner::TextScanner(const v1::Lexicon& lexicon, const v1::Protocol& protocol, const Clock& clock)
    : lexicon_(lexicon), protocol_(protocol), clock_(clock) {
  for (const auto& one : lexicon_.negations()) {
    Negation negation{{one.cues().begin(), one.cues().end()}, {one.ends().begin(), one.ends().end()}, {}};
    for (const std::string& text : one.false_cues()) negation.false_cues.push_back(Compile(text));
    negations_.push_back(std::move(negation));
  }
  for (int i = 0; i < lexicon_.entries_size(); ++i) {
    const auto& entry = lexicon_.entries(i);
    const auto& all = lexicon_.negations();
    const auto own = std::find_if(all.begin(), all.end(), [&](const auto& negation) {
      return negation.language_code() == entry.language_code();
    });
    for (const std::string& text : entry.phrases()) {
      Phrase phrase = Compile(text);
      phrase.entry = i;
      phrase.language = static_cast<size_t>(own - all.begin());
      phrase.firm = std::any_of(phrase.words.begin(), phrase.words.end(), [&](const PhraseWord& word) {
        return Contains(negations_[phrase.language].cues, word.text) ||
               std::find(own->firm().begin(), own->firm().end(), word.text) != own->firm().end();
      });
      phrases_.push_back(std::move(phrase));
    }
  }
}

TextScanner::Phrase TextScanner::Compile(absl::string_view text) {
  Phrase phrase;
  phrase.text = std::string(text);
  bool gap = false;
  for (const absl::string_view word : absl::StrSplit(text, ' ')) {
    if (word == "...") {
      gap = true;
      continue;
    }
    const bool is_beginning = word.back() == '*';
    phrase.words.push_back({std::string(word.substr(0, word.size() - (is_beginning ? 1 : 0))), is_beginning, gap});
    gap = false;
  }
  return phrase;
}

bool TextScanner::MatchesFrom(const Phrase& phrase, size_t word, const Clause& clause, size_t at) {
  if (word == phrase.words.size()) return true;
  const PhraseWord& wanted = phrase.words[word];
  const size_t last = std::min(clause.words.size(), at + (wanted.after_gap ? kLongestGap : 0) + 1);
  for (; at < last; ++at) {
    const std::string& there = clause.words[at];
    const bool same =
        wanted.is_beginning ? there.compare(0, wanted.text.size(), wanted.text) == 0 : there == wanted.text;
    if (same && MatchesFrom(phrase, word + 1, clause, at + 1)) return true;
  }
  return false;
}

bool TextScanner::Matches(const Phrase& phrase, const Clause& clause, size_t begin) {
  return MatchesFrom(phrase, 0, clause, begin);
}

bool TextScanner::IsCue(const Negation& negation, const Clause& clause, size_t at) const {
  return Contains(negation.cues, clause.words[at]) &&
         std::none_of(negation.false_cues.begin(), negation.false_cues.end(),
                      [&](const Phrase& phrase) { return Matches(phrase, clause, at); });
}

bool TextScanner::IsNegated(const Phrase& phrase, const Clause& clause, size_t begin) const {
  if (phrase.firm) return false;
  const Negation& negation = negations_[phrase.language];
  for (size_t back = 1; back <= kReach && back <= begin; ++back) {
    const size_t at = begin - back;
    if (clause.after_comma[at + 1]) return false;
    if (IsCue(negation, clause, at)) return true;
    if (Contains(negation.ends, clause.words[at])) return false;
  }
  return false;
}

void TextScanner::Note(const Phrase& phrase, bool negated, v1::ScanTextResponse& response) const {
  const auto& entry = lexicon_.entries(phrase.entry);
  for (auto& mention : *response.mutable_mentions()) {
    if (mention.finding() != entry.finding()) continue;
    if (mention.negated() && !negated) {
      mention.set_negated(false);
      mention.set_phrase(phrase.text);
      mention.set_language_code(entry.language_code());
    }
    return;
  }
  auto& mention = *response.add_mentions();
  mention.set_finding(entry.finding());
  mention.set_negated(negated);
  mention.set_phrase(phrase.text);
  mention.set_language_code(entry.language_code());
}

v1::Level TextScanner::LevelOfMentions(const v1::ScanTextResponse& response) const {
  v1::Presentation presentation;
  v1::Level level = v1::LEVEL_UNSPECIFIED;
  for (const auto& mention : response.mentions()) {
    if (mention.negated()) continue;
    if (mention.finding().empty()) {
      level = v1::LEVEL_EMERGENCY_AMBULANCE;
      continue;
    }
    auto& finding = *presentation.add_findings();
    finding.set_code(mention.finding());
    finding.set_presence(v1::PRESENCE_PRESENT);
  }
  const auto facts = protocol_.ReadFacts(presentation, clock_.Now());
  if (presentation.findings().empty() || !facts.ok()) return level;
  return std::max(level, Judge(protocol_, *protocol_.FindRuleSet(""), *facts).by_rules);
}

v1::ScanTextResponse TextScanner::Scan(absl::string_view text) const {
  v1::ScanTextResponse response;
  response.set_lexicon_version(lexicon_.version());
  for (const std::vector<std::string>& all : FoldedClauses(text)) {
    Clause clause;
    bool comma = false;
    for (const std::string& word : all) {
      if (word != ",") {
        clause.words.push_back(word);
        clause.after_comma.push_back(comma);
      }
      comma = word == ",";
    }
    for (size_t at = 0; at < clause.words.size(); ++at) {
      for (const Phrase& phrase : phrases_) {
        if (Matches(phrase, clause, at)) Note(phrase, IsNegated(phrase, clause, at), response);
      }
    }
  }
  if (const v1::Level level = LevelOfMentions(response); level != v1::LEVEL_UNSPECIFIED) response.set_level(level);
  return response;
}

absl::StatusOr<v1::ScanTextResponse> TextScanner::ScanText(const rpc::CallContext&,
                                                           const v1::ScanTextRequest& request) {
  if (!request.protocol().empty() && request.protocol() != lexicon_.protocol()) return ProtocolNotFound();
  return Scan(request.text());
}

}  // namespace lumbar::triage
