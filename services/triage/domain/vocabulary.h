// The questions of a protocol and their places, so that conditions look up by number and not by name.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <optional>
#include <string>
#include <vector>

#include "lumbar/triage/v1/assessment.pb.h"
#include "services/triage/domain/facts.h"

namespace lumbar::triage {

class Vocabulary {
 public:
  // The codes of `protocol` must be distinct.
  explicit Vocabulary(const v1::Protocol& protocol);

  size_t size() const { return questions_.size(); }
  std::optional<size_t> Find(absl::string_view code) const;
  // Atoms are what can be unknown: first the questions, then the four of kMeasureNames.
  size_t atoms() const { return size() + kMeasureNames.size(); }
  absl::string_view AtomName(size_t atom) const;
  // In plain words, in the language of the protocol.
  absl::string_view Label(size_t atom) const;
  // Whether self care is ruled out while the atom is open. A number or the sex always counts.
  bool RulesOutSelfCare(size_t atom) const { return atom >= size() || questions_[atom].red_flag; }

  // Nobody has answered anything.
  Facts NothingKnown() const;
  // What `presentation` says at `now`. Questions it doesn't name are unknown.
  // INVALID_ARGUMENT/UNKNOWN_FINDING, /CONTRADICTORY_FINDING, /INVALID_FIELD (a time to come): names everything at
  // fault.
  absl::StatusOr<Facts> Read(const v1::Presentation& presentation, absl::Time now) const;

 private:
  struct Question {
    std::string code;
    std::string label;
    bool red_flag;
  };
  std::vector<Question> questions_;
  std::array<std::string, kMeasureNames.size()> measure_labels_;
  absl::flat_hash_map<std::string, size_t> places_;
};

}  // namespace lumbar::triage
