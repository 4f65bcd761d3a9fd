// The final tables hold what was answered, and nothing else: no row lost, none that nobody made, no tick leaked.
#include <absl/strings/str_cat.h>

#include "tests/chaos/model.h"

namespace lumbar::chaos {
namespace {

using Rows = absl::flat_hash_map<std::string, const Visit*>;

Rows ByName(const std::vector<Visit>& rows) {
  Rows by_name;
  for (const Visit& row : rows) by_name[row.name] = &row;
  return by_name;
}

void CheckAppointments(const Model& model, Findings& findings) {
  const Rows rows = ByName(model.history->appointments);
  for (const auto& [name, versions] : model.appointments) {
    const Effect& last = model.effects[static_cast<size_t>(versions.back())];
    const auto row = rows.find(name);
    if (row == rows.end()) {
      findings.Add("acknowledged-kept", absl::StrCat("no row of ", Describe(last)));
    } else if (*row->second != last.visit) {
      findings.Add("acknowledged-kept", absl::StrCat("the row, version ", row->second->version, " ", row->second->state,
                                                     ", isn't what was answered: ", Describe(last)));
    }
  }
  for (const auto& [name, row] : rows) {
    if (!model.appointments.contains(name)) findings.Add("asked-for", absl::StrCat("nobody made ", name));
  }
}

std::string StateOf(const Model& model, const HoldStory& hold) {
  if (hold.confirm >= 0) return "CONFIRMED";
  return hold.release >= 0 ? model.effects[static_cast<size_t>(hold.release)].visit.state : "ACTIVE";
}

void CheckHolds(const Model& model, Findings& findings) {
  const Rows rows = ByName(model.history->holds);
  for (const auto& [name, hold] : model.holds) {
    if (hold.create < 0) continue;
    const Visit& made = model.effects[static_cast<size_t>(hold.create)].visit;
    const auto row = rows.find(name);
    if (row == rows.end()) {
      findings.Add("acknowledged-kept", absl::StrCat("no row of ", name));
      continue;
    }
    const std::string& became = row->second->appointment;
    const std::string& wanted = hold.confirm >= 0 ? model.effects[static_cast<size_t>(hold.confirm)].visit.name : "";
    const bool same = row->second->patient == made.patient && row->second->clinician == made.clinician &&
                      row->second->start == made.start && row->second->expire == made.expire;
    if (!same || became != wanted || row->second->state != StateOf(model, hold)) {
      findings.Add("acknowledged-kept",
                   absl::StrCat("the row of ", name, ", ", row->second->state, ", isn't what was answered"));
    }
  }
  for (const auto& [name, row] : rows) {
    if (!model.holds.contains(name)) findings.Add("asked-for", absl::StrCat("nobody made ", name));
  }
}

// Who must own each tick. Whose time is over may have left rows behind, which count for nothing.
void CheckTicks(const Model& model, Findings& findings) {
  const Micros now = model.history->final_at;
  absl::flat_hash_map<std::string, const TickRow*> rows;
  for (const TickRow& row : model.history->ticks) rows[absl::StrCat(row.clinician, " ", row.tick)] = &row;
  absl::flat_hash_map<std::string, const Tenure*> expired;
  for (const Tenure& tenure : model.tenures) {
    if (tenure.release >= 0) continue;
    if (tenure.expire <= now) {
      expired[tenure.owner] = &tenure;
      continue;
    }
    for (int64_t tick = tenure.first; tick <= tenure.last; ++tick) {
      const std::string place = absl::StrCat(tenure.clinician, " ", tick);
      const auto row = rows.find(place);
      const Micros expire = tenure.expire == kNever ? 0 : tenure.expire;
      if (row == rows.end() || row->second->owner != tenure.owner || row->second->expire != expire) {
        findings.Add("ticks", absl::StrCat(tenure.owner, " doesn't own ", place));
      }
      if (row != rows.end()) rows.erase(row);
    }
  }
  for (const auto& [place, row] : rows) {
    const auto owner = expired.find(row->owner);
    const bool leftover = owner != expired.end() && row->expire == owner->second->expire &&
                          row->clinician == owner->second->clinician && row->tick >= owner->second->first &&
                          row->tick <= owner->second->last;
    if (!leftover) findings.Add("ticks", absl::StrCat("leaked: ", place, " of ", row->owner));
  }
}

}  // namespace

void CheckTables(const Model& model, Findings& findings) {
  if (model.history->final_at == 0) return findings.Add("history", "the final tables weren't read");
  CheckAppointments(model, findings);
  CheckHolds(model, findings);
  CheckTicks(model, findings);
}

}  // namespace lumbar::chaos
