// What a read shows was there at some moment between its call and its return: never older than what anybody had seen
// before, never what nobody made, and never two owners of one tick.
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "tests/chaos/model.h"

namespace lumbar::chaos {
namespace {

class Reads {
 public:
  Reads(const Model& model, Findings& findings) : model_(model), findings_(findings) {}

  void CheckAll() {
    for (const auto& [op, attempt] : model_.history->attempts) {
      if (attempt.ok()) See(attempt);
    }
    for (const auto& [op, attempt] : model_.history->attempts) {
      if (!attempt.ok() || !attempt.call.key.empty()) continue;
      findings_.Count("reads");
      if (attempt.call.method == "SearchSlots") CheckSearch(attempt);
      if (attempt.call.method == "ListAppointments") CheckList(attempt);
      for (const Visit& visit : attempt.result.visits) CheckVisit(attempt, visit);
      if (attempt.call.method == "GetAppointment") CheckGet(attempt);
    }
  }

 private:
  const Effect& At(int effect) const { return model_.effects[static_cast<size_t>(effect)]; }

  // From `attempt` on everybody sees this version or a later one.
  void See(const Attempt& attempt) {
    for (const Visit& visit : attempt.result.visits) {
      const auto versions = model_.appointments.find(visit.name);
      if (versions == model_.appointments.end() || visit.version < 1) continue;
      auto& seen = seen_[visit.name];
      if (seen.empty()) {
        for (const int version : versions->second) seen.push_back(At(version).hi);
      }
      for (size_t v = 0; v < seen.size() && static_cast<int64_t>(v) < visit.version; ++v)
        seen[v] = std::min(seen[v], attempt.result.at);
    }
  }

  void CheckVisit(const Attempt& attempt, const Visit& visit) {
    const auto versions = model_.appointments.find(visit.name);
    const bool known = versions != model_.appointments.end() && visit.version >= 1 &&
                       visit.version <= static_cast<int64_t>(versions->second.size());
    if (!known)
      return findings_.Add("asked-for", absl::StrCat("a read shows ", visit.name, " version ", visit.version,
                                                     ", which nobody made: ", Describe(attempt)));
    const Effect& made = At(versions->second[static_cast<size_t>(visit.version) - 1]);
    if (made.visit != visit)
      findings_.Add("read",
                    absl::StrCat("a read shows another ", visit.name, " than was answered: ", Describe(attempt)));
    if (made.lo > attempt.result.at)
      findings_.Add("read", absl::StrCat("read before it was made: ", Describe(attempt)));
    const auto& seen = seen_[visit.name];
    for (size_t later = static_cast<size_t>(visit.version); later < versions->second.size(); ++later) {
      if (std::min(seen[later], At(versions->second[later]).hi) >= attempt.call.at) continue;
      return findings_.Add("stale-read",
                           absl::StrCat("version ", visit.version, " of ", visit.name, " was read after version ",
                                        later + 1, " had been seen: ", Describe(attempt)));
    }
  }

  void CheckGet(const Attempt& attempt) {
    const bool right = attempt.result.visits.size() == 1 && attempt.result.visits.front().name == attempt.call.name;
    if (!right) findings_.Add("read", absl::StrCat("not the appointment asked for: ", Describe(attempt)));
  }

  static bool Matches(const Invocation& call, const Visit& visit) {
    return (call.patient.empty() || visit.patient == call.patient) &&
           (call.clinician.empty() || visit.clinician == call.clinician);
  }

  void CheckList(const Attempt& attempt) {
    absl::flat_hash_map<std::string, const Visit*> listed;
    absl::flat_hash_map<std::string, const Visit*> owners;
    for (const Visit& visit : attempt.result.visits) {
      if (!Matches(attempt.call, visit))
        findings_.Add("read", absl::StrCat(visit.name, " isn't what the list was to have: ", Describe(attempt)));
      listed[visit.name] = &visit;
      const VisitKind* kind = model_.KindOf(visit.clinician, visit.kind);
      if (kind == nullptr || visit.state == "CANCELLED") continue;
      const Span span = SpanOf(*kind, visit.start);
      for (int64_t tick = span.first; tick <= span.last; ++tick) {
        const auto [owner, fresh] = owners.emplace(absl::StrCat(visit.clinician, " ", tick), &visit);
        if (!fresh && owner->second->name != visit.name)
          findings_.Add("no-overlap", absl::StrCat("a list shows ", visit.name, " over ", owner->second->name, ": ",
                                                   Describe(attempt)));
      }
    }
    if (!attempt.result.more) CheckComplete(attempt, listed);
  }

  // Whatever always matched and had been seen before must be listed.
  void CheckComplete(const Attempt& attempt, const absl::flat_hash_map<std::string, const Visit*>& listed) {
    const std::string& filter = attempt.call.patient.empty() ? attempt.call.clinician : attempt.call.patient;
    for (const std::string& name : NamesBy(filter)) {
      if (listed.contains(name)) continue;
      const std::vector<int>& versions = model_.appointments.at(name);
      const bool always = std::all_of(versions.begin(), versions.end(),
                                      [&](int version) { return Matches(attempt.call, At(version).visit); });
      const auto seen = seen_.find(name);
      const Micros since =
          seen == seen_.end() ? At(versions.front()).hi : std::min(seen->second.front(), At(versions.front()).hi);
      if (always && since < attempt.call.at)
        findings_.Add("acknowledged-read", absl::StrCat(name, " is missing from a later list: ", Describe(attempt)));
    }
  }

  const std::vector<std::string>& NamesBy(const std::string& filter) {
    if (names_.empty()) {
      for (const auto& [name, versions] : model_.appointments) {
        const Visit& first = At(versions.front()).visit;
        names_[first.patient].push_back(name);
        names_[first.clinician].push_back(name);
      }
    }
    return names_[filter];
  }

  void CheckSearch(const Attempt& attempt) {
    const Invocation& call = attempt.call;
    const VisitKind* kind = model_.KindOf(call.clinician, call.kind);
    if (kind == nullptr) return;
    std::vector<Micros> listed = attempt.result.slots;
    std::sort(listed.begin(), listed.end());
    for (const Micros start : listed) {
      if (start < call.from || start > call.until || SurelyOwned(call.clinician, SpanOf(*kind, start), attempt)) {
        findings_.Add("search", absl::StrCat("a taken time was offered, ", start, ": ", Describe(attempt)));
      }
    }
    const Micros end = attempt.result.more ? (listed.empty() ? 0 : listed.back()) : call.until;
    for (const Micros start : kind->starts) {
      if (start < call.from || start > end || std::binary_search(listed.begin(), listed.end(), start)) continue;
      if (!MayBeOwned(call.clinician, SpanOf(*kind, start), attempt))
        findings_.Add("search", absl::StrCat("a free time was kept back, ", start, ": ", Describe(attempt)));
    }
  }

  template <typename Predicate>
  bool AnyTenure(const std::string& clinician, Span span, Predicate predicate) const {
    const auto ticks = model_.by_tick.find(clinician);
    if (ticks == model_.by_tick.end()) return false;
    for (int64_t tick = span.first; tick <= span.last; ++tick) {
      const auto tenures = ticks->second.find(tick);
      if (tenures == ticks->second.end()) continue;
      for (const int index : tenures->second) {
        if (predicate(model_.tenures[static_cast<size_t>(index)])) return true;
      }
    }
    return false;
  }
  bool SurelyOwned(const std::string& clinician, Span span, const Attempt& attempt) const {
    return AnyTenure(clinician, span, [&](const Tenure& tenure) {
      return model_.BeginHi(tenure) < attempt.call.at && model_.EndLo(tenure) > attempt.result.at;
    });
  }
  bool MayBeOwned(const std::string& clinician, Span span, const Attempt& attempt) const {
    return AnyTenure(clinician, span, [&](const Tenure& tenure) {
      return model_.BeginLo(tenure) <= attempt.result.at && model_.EndHi(tenure) >= attempt.call.at;
    });
  }

  const Model& model_;
  Findings& findings_;
  // By appointment: when each version, or a later one, was first known to somebody.
  absl::flat_hash_map<std::string, std::vector<Micros>> seen_;
  absl::flat_hash_map<std::string, std::vector<std::string>> names_;
};

}  // namespace

void CheckReads(const Model& model, Findings& findings) { Reads(model, findings).CheckAll(); }

}  // namespace lumbar::chaos
