#include "services/booking/domain/free_visits.h"

#include <absl/algorithm/container.h>
#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <utility>

#include "common/status/macros.h"
#include "services/booking/domain/eligibility.h"
#include "services/booking/domain/offer.h"

namespace lumbar::booking {
namespace {

// The window is searched piece by piece, each twice as long as the one before, so that a first page costs an hour's
// work and an empty month few questions.
constexpr absl::Duration kFirstPiece = absl::Hours(1), kLongestPiece = absl::Hours(24);
// What separates times that the stores keep apart.
constexpr absl::Duration kMoment = absl::Microseconds(1);

// A visit that `who` offers.
struct Offered {
  Interval visit;
  TickRange ticks;
  Searched* who;
};

// What they offer in `piece`, both ends included, by begin and then by name, whether taken or free.
std::vector<Offered> OfferedIn(const Reach& piece, std::vector<Searched>& searched, absl::string_view state) {
  std::vector<Offered> offered;
  for (Searched& who : searched) {
    const absl::Time first = std::max(piece.first, who.reach.first), last = std::min(piece.last, who.reach.last);
    if (who.done || first > last) continue;
    for (const Interval& visit : who.schedule.Visits(first, last)) {
      if (!CheckLicences(who.clinician(), state, visit).ok()) continue;
      offered.push_back({visit, TicksOf(WithBuffers(visit, *who.type)), &who});
    }
  }
  // Those searched lie in a row, by name.
  std::sort(offered.begin(), offered.end(), [](const Offered& a, const Offered& b) {
    return a.visit.start != b.visit.start ? a.visit.start < b.visit.start : a.who < b.who;
  });
  return offered;
}

TickRange Extent(const std::vector<Offered>& offered) {
  TickRange extent = offered.front().ticks;
  for (const Offered& one : offered) {
    extent.first = std::min(extent.first, one.ticks.first);
    extent.last = std::max(extent.last, one.ticks.last);
  }
  return extent;
}

bool IsFree(const Offered& offered, const TakenTicks& taken) {
  const auto ticks = taken.find(offered.who->clinician().name());
  if (ticks == taken.end()) return true;
  const auto next = std::lower_bound(ticks->second.begin(), ticks->second.end(), offered.ticks.first);
  return next == ticks->second.end() || *next > offered.ticks.last;
}

// Which days of clinicians with a daily limit are full; each is counted once in a search.
class DayLoads {
 public:
  explicit DayLoads(AppointmentStore& appointments) : appointments_(appointments) {}

  absl::StatusOr<bool> IsFull(const Offered& offered) {
    const Searched& who = *offered.who;
    const auto limit = DailyLimitOf(who.clinician(), *who.listed->hours, offered.visit.start);
    if (!limit) return false;
    const auto [known, is_new] = full_.try_emplace({&who, limit->day.start}, false);
    if (!is_new) return known->second;
    LUMBAR_ASSIGN_OR_RETURN(const int64_t visits, appointments_.CountVisits(who.clinician().name(), limit->day));
    return known->second = visits >= limit->visits;
  }

 private:
  AppointmentStore& appointments_;
  absl::flat_hash_map<std::pair<const Searched*, absl::Time>, bool> full_;
};

// Shows the free ones of `offered`. Returns whether the walk goes on.
absl::StatusOr<bool> Show(const std::vector<Offered>& offered, const TakenTicks& taken, DayLoads& loads,
                          absl::FunctionRef<Walk(const FreeVisit&)> see) {
  for (const Offered& one : offered) {
    if (one.who->done || !IsFree(one, taken)) continue;
    LUMBAR_ASSIGN_OR_RETURN(const bool full, loads.IsFull(one));
    if (full) continue;
    const Walk next = see({one.visit, *one.who});
    if (next == Walk::kStop) return false;
    one.who->done = next == Walk::kEnoughOfThisClinician;
  }
  return true;
}

}  // namespace

Searched SearchedOf(std::shared_ptr<const ListedClinician> listed, absl::string_view visit_type, absl::Time now) {
  const v1::VisitType* const type = FindVisitType(listed->clinician, visit_type);
  Schedule schedule(listed->hours, *type);
  return {std::move(listed), type, std::move(schedule), ReachAt(*type, now)};
}

absl::Status WalkFreeVisits(AppointmentStore& appointments, std::vector<Searched>& searched,
                            absl::string_view patient_state, Reach window,
                            absl::FunctionRef<Walk(const FreeVisit&)> see) {
  DayLoads loads(appointments);
  const std::string only = searched.size() == 1 ? searched.front().clinician().name() : "";
  absl::Time first = window.first;
  for (absl::Duration length = kFirstPiece; first <= window.last; length = std::min(2 * length, kLongestPiece)) {
    if (absl::c_all_of(searched, [](const Searched& who) { return who.done; })) break;
    const Reach piece{first, std::min(window.last, first + length - kMoment)};
    first += length;
    const std::vector<Offered> offered = OfferedIn(piece, searched, patient_state);
    if (offered.empty()) continue;
    LUMBAR_ASSIGN_OR_RETURN(const TakenTicks taken, appointments.Taken(only, Extent(offered)));
    LUMBAR_ASSIGN_OR_RETURN(const bool more, Show(offered, taken, loads, see));
    if (!more) break;
  }
  return absl::OkStatus();
}

}  // namespace lumbar::booking
