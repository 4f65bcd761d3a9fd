// Finds what a patient's own words say of a protocol's findings.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <string>
#include <vector>

#include "common/rpc/call_context.h"
#include "common/time/clock.h"
#include "lumbar/triage/v1/lexicon.pb.h"
#include "lumbar/triage/v1/triage_service.pb.h"
#include "services/triage/domain/compiled_protocol.h"

namespace lumbar::triage {

// Reads the words for `protocol` from `file`.
// NOT_FOUND/PROTOCOL_UNREADABLE; INVALID_ARGUMENT/PROTOCOL_REFUSED: names the place and what is wrong there.
absl::StatusOr<v1::Lexicon> LoadLexicon(const std::string& file, const v1::Protocol& protocol);
absl::StatusOr<v1::Lexicon> ParseLexicon(const std::string& text, absl::string_view file, const v1::Protocol& protocol);

// Thread safe. Never waits.
class TextScanner {
 public:
  // `lexicon` as LoadLexicon gives it for `protocol`. `clock` must outlive it.
  TextScanner(const v1::Lexicon& lexicon, const v1::Protocol& protocol, const Clock& clock);

  // NOT_FOUND/PROTOCOL_NOT_FOUND.
  absl::StatusOr<v1::ScanTextResponse> ScanText(const rpc::CallContext& context, const v1::ScanTextRequest& request);
  // In the text's order; each finding once.
  v1::ScanTextResponse Scan(absl::string_view text) const;

 private:
  struct PhraseWord {
    std::string text;
    // Every word that begins so.
    bool is_beginning = false;
    // Other words may stand before it.
    bool after_gap = false;
  };
  struct Phrase {
    std::vector<PhraseWord> words;
    // In the lexicon.
    int entry = 0;
    std::string text;
    // No cue takes it back.
    bool firm = false;
    size_t language = 0;
  };
  struct Negation {
    std::vector<std::string> cues, ends;
    std::vector<Phrase> false_cues;
  };
  // A clause, without its commas.
  struct Clause {
    std::vector<std::string> words;
    std::vector<bool> after_comma;
  };

  static Phrase Compile(absl::string_view text);
  static bool Matches(const Phrase& phrase, const Clause& clause, size_t begin);
  static bool MatchesFrom(const Phrase& phrase, size_t word, const Clause& clause, size_t at);
  bool IsNegated(const Phrase& phrase, const Clause& clause, size_t begin) const;
  bool IsCue(const Negation& negation, const Clause& clause, size_t at) const;
  void Note(const Phrase& phrase, bool negated, v1::ScanTextResponse& response) const;
  v1::Level LevelOfMentions(const v1::ScanTextResponse& response) const;

  const v1::Lexicon lexicon_;
  const CompiledProtocol protocol_;
  const Clock& clock_;
  std::vector<Phrase> phrases_;
  std::vector<Negation> negations_;
};

}  // namespace lumbar::triage
