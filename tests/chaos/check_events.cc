// Each version of an appointment is one event, told at least once, in order; told again only after something broke.
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "tests/chaos/model.h"

namespace lumbar::chaos {
namespace {

// What the sink was told of one appointment so far.
struct Told {
  // Versions that the sink took, and the last one that it was told of.
  int64_t taken = 0;
  int64_t last = 0;
  Micros taken_at = 0;
  std::map<int64_t, std::string> ids;
};

class Events {
 public:
  Events(const Model& model, Findings& findings) : model_(model), findings_(findings) {}

  void CheckAll() {
    std::vector<const Event*> events;
    for (const Event& event : model_.history->events) events.push_back(&event);
    std::stable_sort(events.begin(), events.end(), [](const Event* a, const Event* b) { return a->at < b->at; });
    for (const Event* event : events) Tell(*event);
    for (const OutboxRow& row : model_.history->outbox) Wait(row);
    for (const auto& [name, versions] : model_.appointments) {
      if (told_[name].taken < static_cast<int64_t>(versions.size()))
        findings_.Add("events", absl::StrCat("nobody was told of ", name, " version ", told_[name].taken + 1));
    }
  }

 private:
  // Whether the visit is what was answered under this version, and its id the version's only one.
  bool IsKnown(const std::string& id, const Visit& visit) {
    const auto versions = model_.appointments.find(visit.name);
    const bool known = versions != model_.appointments.end() && visit.version >= 1 &&
                       visit.version <= static_cast<int64_t>(versions->second.size());
    if (!known ||
        model_.effects[static_cast<size_t>(versions->second[static_cast<size_t>(visit.version) - 1])].visit != visit) {
      findings_.Add("events",
                    absl::StrCat("event ", id, " tells of what never was: ", visit.name, " version ", visit.version));
      return false;
    }
    const auto [first, fresh] = told_[visit.name].ids.emplace(visit.version, id);
    if (first->second != id)
      findings_.Add("events", absl::StrCat("two events of ", visit.name, " version ", visit.version));
    return first->second == id;
  }

  void Tell(const Event& event) {
    findings_.Count("events");
    if (!IsKnown(event.id, event.visit)) return;
    Told& told = told_[event.visit.name];
    const int64_t version = event.visit.version;
    if (version > told.taken + 1 || version < told.last) {
      findings_.Add("events",
                    absl::StrCat("out of order: ", event.visit.name, " version ", version, " after ", told.last));
    }
    told.last = std::max(told.last, version);
    if (version <= told.taken) {
      findings_.Count("events_told_again");
      if (!BrokeBetween(told.taken_at, event.at))
        findings_.Add("events", absl::StrCat("told again for no reason: ", event.visit.name, " version ", version));
    } else if (event.taken) {
      told.taken = version;
      told.taken_at = event.at;
    }
  }

  // An event that still waits counts as told, once those before it are.
  void Wait(const OutboxRow& row) {
    findings_.Count("events_waiting");
    if (!row.given_up.empty())
      findings_.Add("events", absl::StrCat("given up: ", row.visit.name, " version ", row.visit.version));
    if (!IsKnown(row.id, row.visit)) return;
    waiting_[row.visit.name].push_back(row.visit.version);
    auto& versions = waiting_[row.visit.name];
    std::sort(versions.begin(), versions.end());
    Told& told = told_[row.visit.name];
    for (const int64_t version : versions) told.taken = version == told.taken + 1 ? version : told.taken;
  }

  bool BrokeBetween(Micros from, Micros until) const {
    const auto& faults = model_.history->faults;
    return std::any_of(faults.begin(), faults.end(),
                       [&](const Fault& fault) { return fault.at <= until && fault.until >= from; });
  }

  const Model& model_;
  Findings& findings_;
  absl::flat_hash_map<std::string, Told> told_;
  absl::flat_hash_map<std::string, std::vector<int64_t>> waiting_;
};

}  // namespace

void CheckEvents(const Model& model, Findings& findings) { Events(model, findings).CheckAll(); }

}  // namespace lumbar::chaos
