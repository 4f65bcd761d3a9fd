// One key, one result: what was acknowledged was done, what was done was asked for, and every answer to a request is
// the same.
#include <absl/strings/str_cat.h>

#include "tests/chaos/model.h"

namespace lumbar::chaos {
namespace {

bool MayBeRefusedAnyway(const Return& result) {
  return result.reason == "OVERLOADED" || result.reason == "STORE_CONFLICT";
}

// What is wrong with the answer to `call`, or nothing.
const char* WrongAnswer(const Model& model, const Invocation& call, const Visit& got) {
  const VisitKind* kind = model.KindOf(got.clinician, got.kind);
  if (kind == nullptr || got.start % kTick != 0 || got.end != got.start + kind->length * kTick)
    return "is no visit of that kind";
  if (call.method == "CreateHold") {
    const bool asked = got.patient == call.patient && got.clinician == call.clinician && got.kind == call.kind &&
                       got.start == call.start;
    return asked && got.state == "ACTIVE" && got.version == 0 ? nullptr : "isn't the hold asked for";
  }
  if (call.method == "ReleaseHold") {
    const bool ended = got.state == "RELEASED" || got.state == "EXPIRED";
    return got.name == call.name && ended ? nullptr : "isn't the hold given back";
  }
  if (call.method == "ConfirmHold") {
    const auto hold = model.holds.find(call.name);
    if (hold == model.holds.end() || hold->second.create < 0) return "confirms a hold that nobody made";
    const Visit& held = model.effects[static_cast<size_t>(hold->second.create)].visit;
    const bool same = got.patient == held.patient && got.clinician == held.clinician && got.kind == held.kind &&
                      got.start == held.start;
    return same && got.version == 1 && got.state == "BOOKED" ? nullptr : "isn't what was held";
  }
  if (got.name != call.name || got.version < 2) return "is another appointment";
  if (!call.etag.empty() && call.etag != absl::StrCat("v", got.version - 1)) return "changed another version";
  if (call.method == "CancelAppointment") return got.state == "CANCELLED" ? nullptr : "isn't called off";
  const bool moved = got.start == call.start && (call.clinician.empty() || got.clinician == call.clinician);
  return moved && got.state == "BOOKED" ? nullptr : "isn't where it was to be moved";
}

void CheckStory(const Model& model, const KeyStory& story, Findings& findings) {
  const Effect* effect = story.effect < 0 ? nullptr : &model.effects[static_cast<size_t>(story.effect)];
  Micros answered = kNever;
  int answers = 0;
  for (const Attempt* attempt : story.own) {
    if (!attempt->ok()) continue;
    ++answers;
    answered = std::min(answered, attempt->result.at);
    if (story.row == nullptr) findings.Add("acknowledged-kept", absl::StrCat("lost: ", Describe(*attempt)));
    if (attempt->result.visits.size() != 1 || attempt->result.visits.front() != effect->visit) {
      findings.Add("one-answer", absl::StrCat("another answer: ", Describe(*attempt)));
    }
  }
  if (answers > 1) findings.Count("replays_answered", answers - 1);
  for (const Attempt* attempt : story.own) {
    if (!attempt->failed() || attempt->call.at <= answered || MayBeRefusedAnyway(attempt->result)) continue;
    findings.Add("one-answer", absl::StrCat("refused after it was answered: ", Describe(*attempt)));
  }
  for (const Attempt* attempt : story.other_body) {
    if (attempt->ok()) findings.Add("one-body", absl::StrCat("two bodies under one key: ", Describe(*attempt)));
    if (attempt->failed()) findings.Count("other_bodies_refused");
  }
  if (effect == nullptr) return;
  if (const char* wrong = WrongAnswer(model, *effect->call, effect->visit); wrong != nullptr) {
    findings.Add("asked-for", absl::StrCat(wrong, ": ", Describe(*effect)));
  }
}

}  // namespace

void CheckKeys(const Model& model, Findings& findings) {
  for (const auto& [key, story] : model.keys) CheckStory(model, story, findings);
  for (const auto& [name, hold] : model.holds) {
    if (hold.create < 0) findings.Add("asked-for", absl::StrCat(name, " was never made"));
  }
  for (const auto& [name, versions] : model.appointments) {
    if (!model.chains.contains(name)) findings.Add("asked-for", absl::StrCat(name, " was never confirmed"));
    for (size_t v = 0; v + 1 < versions.size(); ++v) {
      const Visit& visit = model.effects[static_cast<size_t>(versions[v])].visit;
      if (visit.state != "BOOKED")
        findings.Add("versions", absl::StrCat(name, " went on after version ", visit.version));
    }
  }
}

}  // namespace lumbar::chaos
