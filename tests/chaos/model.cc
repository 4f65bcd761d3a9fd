#include "tests/chaos/model.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

namespace lumbar::chaos {
namespace {

constexpr int kMostInWords = 20;

std::string KeyOf(absl::string_view caller, absl::string_view method, absl::string_view key) {
  return absl::StrCat(caller, " ", method, " ", key);
}

void CollectKeys(const History& history, Model& model, Findings& findings) {
  for (const auto& [op, attempt] : history.attempts) {
    const Invocation& call = attempt.call;
    if (call.key.empty()) continue;
    KeyStory& story = model.keys[KeyOf(call.caller, call.method, call.key)];
    (call.other_body ? story.other_body : story.own).push_back(&attempt);
  }
  for (const KeyRow& row : history.keys) {
    const auto story = model.keys.find(KeyOf(row.caller, row.method, row.key));
    if (story == model.keys.end() || story->second.own.empty()) {
      findings.Add("asked-for", absl::StrCat(row.method, " ", row.key, " was carried out, and nobody asked for it"));
    } else {
      story->second.row = &row;
    }
  }
}

// A request was carried out if the database says so, or if any answer did.
std::optional<Effect> EffectOf(const KeyStory& story, Micros final_at) {
  Effect effect;
  effect.hi = final_at == 0 ? kNever : final_at;
  bool done = story.row != nullptr;
  if (done) effect.visit = story.row->visit, effect.stamp = story.row->created;
  for (const Attempt* attempt : story.own) {
    if (effect.call == nullptr || attempt->call.at < effect.call->at) effect.call = &attempt->call;
    if (!attempt->ok() || attempt->result.visits.size() != 1) continue;
    if (!done) effect.visit = attempt->result.visits.front(), effect.stamp = attempt->result.at;
    done = true;
    effect.hi = std::min(effect.hi, attempt->result.at);
  }
  if (!done || effect.call == nullptr) return std::nullopt;
  effect.lo = effect.call->at;
  return effect;
}

void CollectEffects(const History& history, Model& model) {
  for (auto& [key, story] : model.keys) {
    auto effect = EffectOf(story, history.final_at);
    if (!effect) continue;
    story.effect = static_cast<int>(model.effects.size());
    model.effects.push_back(*std::move(effect));
  }
}

void Claim(int& place, int effect, const Model& model, const char* what, Findings& findings) {
  if (place >= 0)
    findings.Add("once", absl::StrCat("twice ", what, ": ", Describe(model.effects[static_cast<size_t>(effect)])));
  place = effect;
}

void CollectStories(Model& model, Findings& findings) {
  for (int i = 0; i < static_cast<int>(model.effects.size()); ++i) {
    const Effect& effect = model.effects[static_cast<size_t>(i)];
    const std::string& method = effect.call->method;
    if (method == "CreateHold") {
      Claim(model.holds[effect.visit.name].create, i, model, "created", findings);
    } else if (method == "ReleaseHold") {
      int& release = model.holds[effect.call->name].release;
      // Giving back again what is given back does nothing.
      if (release < 0 || effect.lo < model.effects[static_cast<size_t>(release)].lo) release = i;
    } else {
      if (method == "ConfirmHold") {
        Claim(model.holds[effect.call->name].confirm, i, model, "confirmed", findings);
        model.chains[effect.visit.name] = effect.call->name;
      }
      model.appointments[effect.visit.name].push_back(i);
    }
  }
  for (auto& [name, versions] : model.appointments) {
    std::sort(versions.begin(), versions.end(), [&](int a, int b) {
      return model.effects[static_cast<size_t>(a)].visit.version < model.effects[static_cast<size_t>(b)].visit.version;
    });
    for (size_t v = 0; v < versions.size(); ++v) {
      const Effect& effect = model.effects[static_cast<size_t>(versions[v])];
      if (effect.visit.version == static_cast<int64_t>(v) + 1) continue;
      findings.Add("versions", absl::StrCat(name, " has no version ", v + 1, " or has it twice: ", Describe(effect)));
      break;
    }
  }
}

}  // namespace

void Findings::Add(const std::string& rule, const std::string& what) {
  verdict_.figures["violations"] += 1;
  if (++found_[rule] <= kMostInWords) verdict_.findings.push_back({rule, what});
}

const VisitKind* Model::KindOf(absl::string_view clinician, absl::string_view code) const {
  const auto kind = kinds.find(absl::StrCat(clinician, " ", code));
  return kind == kinds.end() ? nullptr : kind->second;
}

Micros Model::EndLo(const Tenure& tenure) const {
  return tenure.release < 0 ? tenure.expire : effects[static_cast<size_t>(tenure.release)].lo;
}

Micros Model::EndHi(const Tenure& tenure) const {
  return tenure.release < 0 ? tenure.expire : effects[static_cast<size_t>(tenure.release)].hi;
}

Span SpanOf(const VisitKind& kind, Micros start) {
  const int64_t first = start / kTick;
  return {first - kind.before, first + kind.length + kind.after - 1};
}

std::string Describe(const Attempt& attempt) {
  return absl::StrCat("op ", attempt.call.op, " ", attempt.call.method, " ", attempt.call.name, " of client ",
                      attempt.call.client, " at ", attempt.call.at, " -> ", attempt.result.outcome, " ",
                      attempt.result.code, "/", attempt.result.reason, " at ", attempt.result.at);
}

std::string Describe(const Effect& effect) {
  return absl::StrCat("op ", effect.call->op, " ", effect.call->method, " ", effect.visit.name, " version ",
                      effect.visit.version, " of ", effect.visit.clinician, " in [", effect.lo, ", ", effect.hi, "]");
}

Model BuildModel(const History& history, Findings& findings) {
  Model model;
  model.history = &history;
  for (const VisitKind& kind : history.config.kinds) model.kinds[absl::StrCat(kind.clinician, " ", kind.code)] = &kind;
  CollectKeys(history, model, findings);
  CollectEffects(history, model);
  CollectStories(model, findings);
  findings.Count("changes", static_cast<int64_t>(model.effects.size()));
  return model;
}

}  // namespace lumbar::chaos
