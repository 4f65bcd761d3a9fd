#include "services/gateway/consult/domain/routing.h"

#include <absl/algorithm/container.h>
#include <absl/container/flat_hash_set.h>
#include <absl/strings/strip.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "common/time/proto_time.h"
#include "services/gateway/consult/domain/declining.h"

namespace lumbar::gateway {
namespace {

using booking::v1::Candidate;
using booking::v1::Slot;
using consult::v1::Consult;

constexpr absl::Duration kCloseTogether = absl::Hours(4);

// A candidate with times before the deadline.
struct Ranked {
  const Candidate* candidate;
  // The earliest first; never empty.
  std::vector<const Slot*> slots;
  // Those of one class are equally early.
  int64_t earliness;
  bool offered = false;

  absl::Time earliest() const { return FromProto(slots.front()->start_time()); }
  auto Order() const {
    // In tenths: finer differences say nothing.
    const auto load = static_cast<int64_t>(candidate->load() * 10);
    const absl::Time booked =
        candidate->has_last_booked_time() ? FromProto(candidate->last_booked_time()) : absl::InfinitePast();
    return std::make_tuple(earliness, !candidate->speaks_language(), !candidate->has_last_seen_time(), load, booked,
                           absl::string_view(candidate->clinician()));
  }
};

void AddNote(Consult& consult, const std::string& clinician, absl::string_view reason) {
  if (consult.routing_notes_size() >= kMaxRoutingNotes) return;
  auto* note = consult.add_routing_notes();
  note->set_clinician(clinician);
  note->set_reason(std::string(reason));
}

// In consult's own terms: what isn't free in the window comes too late for the patient.
std::string NoteOf(booking::v1::PassOverReason reason) {
  if (reason == booking::v1::PASS_OVER_REASON_NO_FREE_TIME) return "NO_SLOT_BEFORE_ACT_BY";
  return std::string(absl::StripPrefix(booking::v1::PassOverReason_Name(reason), "PASS_OVER_REASON_"));
}

void NoteDeclines(Consult& consult) {
  absl::flat_hash_set<absl::string_view> noted;
  for (const auto& decline : consult.declines()) {
    if (noted.insert(decline.clinician()).second) AddNote(consult, decline.clinician(), "DECLINED");
  }
}

std::vector<Ranked> SoonEnough(const booking::v1::FindCandidatesResponse& found, const Consult& consult, absl::Time now,
                               absl::Time deadline) {
  const absl::Duration alike = std::max(std::min((deadline - now) / 8, kCloseTogether), absl::Minutes(1));
  std::vector<Ranked> ranked;
  for (const Candidate& candidate : found.candidates()) {
    if (HasDeclined(consult, candidate.clinician())) continue;
    Ranked one{&candidate, {}, 0};
    for (const Slot& slot : candidate.slots()) {
      if (FromProto(slot.start_time()) <= deadline) one.slots.push_back(&slot);
    }
    if (one.slots.empty()) continue;
    one.earliness = (one.earliest() - now) / alike;
    ranked.push_back(std::move(one));
  }
  return ranked;
}

// Takes those out who don't speak the patient's language, if somebody who does has time early enough.
std::vector<Ranked> KeepToLanguage(std::vector<Ranked>& ranked, absl::Time now, absl::Time deadline) {
  const absl::Time halfway = now + (deadline - now) / 2;
  const auto speaks = [](const Ranked& one) { return one.candidate->speaks_language(); };
  if (absl::c_none_of(ranked, [&](const Ranked& one) { return speaks(one) && one.earliest() <= halfway; })) return {};
  const auto others = std::stable_partition(ranked.begin(), ranked.end(), speaks);
  std::vector<Ranked> out(others, ranked.end());
  ranked.erase(others, ranked.end());
  return out;
}

void Offer(std::vector<Ranked>& ranked, Consult& consult) {
  for (size_t round = 0; round < kMaxOffersPerClinician; ++round) {
    for (Ranked& one : ranked) {
      if (consult.offers_size() >= kMaxOffers) return;
      if (round >= one.slots.size()) continue;
      *consult.add_offers() = *one.slots[round];
      one.offered = true;
    }
  }
}

}  // namespace

void MakeOffers(const booking::v1::FindCandidatesResponse& found, absl::Time now, absl::Time deadline,
                Consult& consult) {
  consult.clear_offers();
  consult.clear_routing_notes();
  NoteDeclines(consult);
  std::vector<Ranked> ranked = SoonEnough(found, consult, now, deadline);
  const std::vector<Ranked> others = KeepToLanguage(ranked, now, deadline);
  absl::c_sort(ranked, [](const Ranked& a, const Ranked& b) { return a.Order() < b.Order(); });
  Offer(ranked, consult);
  for (const Ranked& one : ranked)
    AddNote(consult, one.candidate->clinician(), one.offered ? "OFFERED" : "RANKED_LOWER");
  for (const Ranked& one : others) AddNote(consult, one.candidate->clinician(), "OTHER_LANGUAGE");
  for (const auto& passed : found.passed_over()) {
    if (!HasDeclined(consult, passed.clinician())) AddNote(consult, passed.clinician(), NoteOf(passed.reason()));
  }
}

}  // namespace lumbar::gateway
