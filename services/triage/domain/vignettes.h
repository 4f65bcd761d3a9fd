// Cases whose right level is known from the sources: how well a rule set does, in the measures of the literature
// (Kopka 2023, 10.1177/20552076231194929).
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <array>
#include <string>
#include <vector>

#include "lumbar/triage/v1/protocol.pb.h"
#include "services/triage/domain/compiled_protocol.h"

namespace lumbar::triage {

// One vignette, as protobuf's JSON; `where` is its place in `file`. INVALID_ARGUMENT/VIGNETTE_REFUSED: not a vignette,
// no id, or a level without source. Without a level it is a case, not a measure.
absl::StatusOr<v1::Vignette> ParseVignette(const std::string& line, absl::string_view file, absl::string_view where);

// One vignette per line of `text`; each id once. Errors as in ParseVignette, which name the line.
absl::StatusOr<std::vector<v1::Vignette>> ParseVignettes(const std::string& text, absl::string_view file);

// What the vignette says is known, with the red flags that it calls absent.
v1::Presentation PresentationOf(const v1::Vignette& vignette, const v1::Protocol& protocol);

// What a rule set makes of one vignette.
struct VignetteResult {
  v1::Level level = v1::LEVEL_UNSPECIFIED;
  // Ids of the rules that decided, sorted; empty if none did.
  std::vector<std::string> deciding;
};

// INVALID_ARGUMENT/VIGNETTE_REFUSED: its presentation isn't one, or there is no such rule set.
absl::StatusOr<VignetteResult> JudgeVignette(const CompiledProtocol& protocol, const v1::Vignette& vignette);

// Counts of right, too low and too high answers.
class Scorecard {
 public:
  void Add(v1::Level expected, v1::Level given);

  int total() const { return total_; }
  // Of `level`: how many there are, and how many got it.
  int CountOf(v1::Level level) const { return cases_[level]; }
  int RightOf(v1::Level level) const { return right_[level]; }
  // Share at the right level.
  double Accuracy() const;
  double AccuracyOf(v1::Level level) const;
  // Share at the right level or above.
  double SafetyOfAdvice() const;
  // Of the wrong answers, the share that is too high; 0 if none is wrong.
  double InclinationToOvertriage() const;
  // Emergencies that got a level at which a visit may be booked.
  int missed_emergencies() const { return missed_emergencies_; }

 private:
  int total_ = 0, right_total_ = 0, too_low_ = 0, too_high_ = 0, missed_emergencies_ = 0;
  std::array<int, v1::Level_ARRAYSIZE> cases_{}, right_{};
};

}  // namespace lumbar::triage
