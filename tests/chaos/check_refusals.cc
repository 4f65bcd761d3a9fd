// A refusal must be true at some moment between the call and its return.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <functional>

#include "tests/chaos/model.h"

namespace lumbar::chaos {
namespace {

const Effect* EffectAt(const Model& model, int index) {
  return index < 0 ? nullptr : &model.effects[static_cast<size_t>(index)];
}

bool MayBeDone(const Effect* effect, Micros by) { return effect != nullptr && effect->lo <= by; }

bool MayBeOwned(const Model& model, const Tenure& tenure, const Attempt& attempt) {
  return model.BeginLo(tenure) <= attempt.result.at && model.EndHi(tenure) >= attempt.call.at;
}

const std::vector<int>* VersionsOf(const Model& model, const std::string& name) {
  const auto versions = model.appointments.find(name);
  return versions == model.appointments.end() ? nullptr : &versions->second;
}

bool SomebodyOwns(const Model& model, const std::string& clinician, const std::string& kind_code,
                  const Attempt& attempt, const std::string& chain) {
  const VisitKind* kind = model.KindOf(clinician, kind_code);
  const auto ticks = model.by_tick.find(clinician);
  if (kind == nullptr || ticks == model.by_tick.end()) return false;
  const Span span = SpanOf(*kind, attempt.call.start);
  for (int64_t tick = span.first; tick <= span.last; ++tick) {
    const auto tenures = ticks->second.find(tick);
    if (tenures == ticks->second.end()) continue;
    for (const int index : tenures->second) {
      const Tenure& tenure = model.tenures[static_cast<size_t>(index)];
      if (tenure.chain != chain && MayBeOwned(model, tenure, attempt)) return true;
    }
  }
  return false;
}

bool SlotMayBeTaken(const Model& model, const Attempt& attempt) {
  const Invocation& call = attempt.call;
  if (call.method == "CreateHold") return SomebodyOwns(model, call.clinician, call.kind, attempt, "");
  const std::vector<int>* versions = VersionsOf(model, call.name);
  const auto chain = model.chains.find(call.name);
  if (versions == nullptr || chain == model.chains.end()) return false;
  return std::any_of(versions->begin(), versions->end(), [&](int index) {
    const Visit& visit = model.effects[static_cast<size_t>(index)].visit;
    return SomebodyOwns(model, call.clinician.empty() ? visit.clinician : call.clinician, visit.kind, attempt,
                        chain->second);
  });
}

using HoldsOf = absl::flat_hash_map<std::string, std::vector<const HoldStory*>>;

bool PatientMayHaveTooMany(const Model& model, const HoldsOf& holds, const Attempt& attempt) {
  const auto of = holds.find(attempt.call.patient);
  if (of == holds.end()) return false;
  return std::count_if(of->second.begin(), of->second.end(), [&](const HoldStory* hold) {
           const Effect& made = *EffectAt(model, hold->create);
           const Effect* end = EffectAt(model, hold->confirm >= 0 ? hold->confirm : hold->release);
           const Micros over = end == nullptr ? made.visit.expire : std::min(made.visit.expire, end->hi);
           return made.lo <= attempt.result.at && over >= attempt.call.at;
         }) >= model.history->config.live_holds;
}

bool HoldMayBe(const Model& model, const Attempt& attempt) {
  const auto hold = model.holds.find(attempt.call.name);
  const Effect* made = hold == model.holds.end() ? nullptr : EffectAt(model, hold->second.create);
  if (made == nullptr) return false;
  const std::string& reason = attempt.result.reason;
  if (reason == "HOLD_CONFIRMED") return MayBeDone(EffectAt(model, hold->second.confirm), attempt.result.at);
  if (attempt.call.method != "ConfirmHold") return false;
  if (reason == "HOLD_EXPIRED") return attempt.result.at >= made->visit.expire;
  const Effect* release = EffectAt(model, hold->second.release);
  return MayBeDone(release, attempt.result.at) && release->visit.state == "RELEASED";
}

bool MayBeOver(const Model& model, const Attempt& attempt) {
  const std::vector<int>* versions = VersionsOf(model, attempt.call.name);
  const Effect* last = versions == nullptr ? nullptr : EffectAt(model, versions->back());
  return MayBeDone(last, attempt.result.at) && last->visit.state == "CANCELLED";
}

// Whether another version than the etag's may have been the last one. Also what a move without a clinician meets when
// the clinician changed meanwhile.
bool MayBeAnotherVersion(const Model& model, const Attempt& attempt) {
  const std::vector<int>* versions = VersionsOf(model, attempt.call.name);
  if (versions == nullptr) return false;
  for (size_t v = 0; v < versions->size(); ++v) {
    const Effect& effect = *EffectAt(model, (*versions)[v]);
    const Effect* next = v + 1 < versions->size() ? EffectAt(model, (*versions)[v + 1]) : nullptr;
    const bool last = effect.lo <= attempt.result.at && (next == nullptr || next->hi >= attempt.call.at);
    if (!attempt.call.etag.empty() && last && attempt.call.etag != absl::StrCat("v", effect.visit.version)) return true;
    if (attempt.call.etag.empty() && v > 0 && effect.lo <= attempt.result.at && effect.hi >= attempt.call.at)
      return true;
  }
  return false;
}

bool KeyMayBeTaken(const Model& model, const Attempt& attempt) {
  const Invocation& call = attempt.call;
  const auto story = model.keys.find(absl::StrCat(call.caller, " ", call.method, " ", call.key));
  return call.other_body && story != model.keys.end() &&
         MayBeDone(EffectAt(model, story->second.effect), attempt.result.at);
}

}  // namespace

void CheckRefusals(const Model& model, Findings& findings) {
  HoldsOf holds;
  for (const auto& [name, hold] : model.holds) {
    if (hold.create >= 0) holds[EffectAt(model, hold.create)->visit.patient].push_back(&hold);
  }
  const auto always = [](const Attempt&) { return true; };
  const auto hold = [&](const Attempt& attempt) { return HoldMayBe(model, attempt); };
  const std::map<std::string, std::function<bool(const Attempt&)>> rules = {
      {"SLOT_TAKEN", [&](const Attempt& attempt) { return SlotMayBeTaken(model, attempt); }},
      {"TOO_MANY_HOLDS", [&](const Attempt& attempt) { return PatientMayHaveTooMany(model, holds, attempt); }},
      {"HOLD_EXPIRED", hold},
      {"HOLD_RELEASED", hold},
      {"HOLD_CONFIRMED", hold},
      {"NOT_BOOKED", [&](const Attempt& attempt) { return MayBeOver(model, attempt); }},
      {"ETAG_MISMATCH", [&](const Attempt& attempt) { return MayBeAnotherVersion(model, attempt); }},
      {"REQUEST_ID_REUSED", [&](const Attempt& attempt) { return KeyMayBeTaken(model, attempt); }},
      {"OVERLOADED", always},
      {"STORE_CONFLICT", always},
  };
  for (const auto& [op, attempt] : model.history->attempts) {
    if (!attempt.failed()) continue;
    findings.Count("refusals");
    const auto rule = rules.find(attempt.result.reason);
    const bool only_reused = attempt.call.other_body && attempt.result.reason != "REQUEST_ID_REUSED" &&
                             attempt.result.reason != "OVERLOADED" && attempt.result.reason != "STORE_CONFLICT";
    if (rule == rules.end() || only_reused || !rule->second(attempt))
      findings.Add("refusal", absl::StrCat("refused for no reason: ", Describe(attempt)));
  }
}

}  // namespace lumbar::chaos
