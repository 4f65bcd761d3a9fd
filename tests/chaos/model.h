// What a history says was done: the changes, and the life of each hold and appointment.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/strings/string_view.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/chaos/checker.h"
#include "tests/chaos/history.h"

namespace lumbar::chaos {

// A request that was carried out, once: between `lo` and `hi`, both included.
struct Effect {
  const Invocation* call = nullptr;
  Visit visit;
  Micros lo = 0;
  Micros hi = kNever;
  // When the server says it was; a hint at the order, no more.
  Micros stamp = 0;
};

// Everything that was sent under one request_id.
struct KeyStory {
  std::vector<const Attempt*> own;
  std::vector<const Attempt*> other_body;
  const KeyRow* row = nullptr;
  // Index of its effect; -1: it was never carried out.
  int effect = -1;
};

// Indices of effects; -1: none.
struct HoldStory {
  int create = -1;
  int confirm = -1;
  int release = -1;
};

// Ticks owned without a break by a hold and the appointment it became.
struct Tenure {
  std::string clinician;
  int64_t first = 0;
  int64_t last = 0;
  // The hold's name: both belong to one chain.
  std::string chain;
  // Who owns the ticks in the end.
  std::string owner;
  int acquire = -1;
  // What ends it; -1: nothing but `expire`.
  int release = -1;
  Micros expire = kNever;
};

struct Model {
  const History* history = nullptr;
  absl::flat_hash_map<std::string, KeyStory> keys;
  std::vector<Effect> effects;
  absl::flat_hash_map<std::string, HoldStory> holds;
  // Effects by version, from 1 on.
  absl::flat_hash_map<std::string, std::vector<int>> appointments;
  // The hold that each appointment was.
  absl::flat_hash_map<std::string, std::string> chains;
  std::vector<Tenure> tenures;
  absl::flat_hash_map<std::string, const VisitKind*> kinds;
  // By clinician and tick.
  absl::flat_hash_map<std::string, absl::flat_hash_map<int64_t, std::vector<int>>> by_tick;

  const VisitKind* KindOf(absl::string_view clinician, absl::string_view code) const;
  // Bounds of a tenure: it surely began by `hi`, and surely not before `lo`.
  Micros BeginLo(const Tenure& tenure) const { return effects[static_cast<size_t>(tenure.acquire)].lo; }
  Micros BeginHi(const Tenure& tenure) const { return effects[static_cast<size_t>(tenure.acquire)].hi; }
  Micros EndLo(const Tenure& tenure) const;
  Micros EndHi(const Tenure& tenure) const;
};

struct Span {
  int64_t first = 0;
  int64_t last = 0;
};
// The ticks of a visit of `kind` that begins at `start`, buffers included.
Span SpanOf(const VisitKind& kind, Micros start);

// Collects what is found; of each rule the first few are kept in words, the others counted.
class Findings {
 public:
  explicit Findings(Verdict& verdict) : verdict_(verdict) {}
  void Add(const std::string& rule, const std::string& what);
  void Count(const std::string& figure, int64_t more = 1) { verdict_.figures[figure] += more; }

 private:
  Verdict& verdict_;
  std::map<std::string, int> found_;
};

std::string Describe(const Attempt& attempt);
std::string Describe(const Effect& effect);

Model BuildModel(const History& history, Findings& findings);

// The rules; each looks at the model and adds what it finds. CheckOrder narrows the bounds of the effects, and comes
// before those that rest on them.
void CheckKeys(const Model& model, Findings& findings);
void CheckOrder(Model& model, Findings& findings);
void CheckRefusals(const Model& model, Findings& findings);
void CheckReads(const Model& model, Findings& findings);
void CheckTables(const Model& model, Findings& findings);
void CheckEvents(const Model& model, Findings& findings);
void CheckAudit(const Model& model, Findings& findings);

}  // namespace lumbar::chaos
