#include "services/booking/domain/slot_search.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "common/status/macros.h"
#include "common/time/proto_time.h"
#include "services/booking/domain/eligibility.h"
#include "services/booking/domain/offer.h"
#include "services/booking/domain/slot_query.h"

namespace lumbar::booking {
namespace {

// The window is searched piece by piece, each twice as long as the one before, so that a first page costs an hour's
// work and an empty month few questions.
constexpr absl::Duration kFirstPiece = absl::Hours(1), kLongestPiece = absl::Hours(24);
// What separates times that the stores keep apart.
constexpr absl::Duration kMoment = absl::Microseconds(1);

// A clinician who is searched.
struct Searched {
  std::shared_ptr<const ListedClinician> listed;
  const v1::VisitType* type;
  Schedule schedule;
  // Begins that can be booked now.
  Reach reach;
  const v1::Clinician& clinician() const { return listed->clinician; }
};

// A visit that `who` offers.
struct Candidate {
  Interval visit;
  TickRange ticks;
  const Searched* who;
};

std::vector<Searched> SearchedOf(const ClinicianList& list, const v1::SearchSlotsRequest& request, absl::Time now) {
  std::vector<Searched> searched;
  for (const auto& listed : list) {
    if (listed->hours == nullptr || !IsWanted(listed->clinician, request)) continue;
    const v1::VisitType* const type = FindVisitType(listed->clinician, request.visit_type());
    searched.push_back({listed, type, Schedule(listed->hours, *type), ReachAt(*type, now)});
  }
  return searched;
}

// What they offer in `piece`, both ends included, by begin and then by name, whether taken or free.
std::vector<Candidate> Offered(const std::vector<Searched>& searched, absl::string_view state, const Reach& piece) {
  std::vector<Candidate> offered;
  for (const Searched& who : searched) {
    const absl::Time first = std::max(piece.first, who.reach.first), last = std::min(piece.last, who.reach.last);
    if (first > last) continue;
    for (const Interval& visit : who.schedule.Visits(first, last)) {
      if (!CheckLicences(who.clinician(), state, visit).ok()) continue;
      offered.push_back({visit, TicksOf(WithBuffers(visit, *who.type)), &who});
    }
  }
  // Those searched lie in a row, by name.
  std::sort(offered.begin(), offered.end(), [](const Candidate& a, const Candidate& b) {
    return a.visit.start != b.visit.start ? a.visit.start < b.visit.start : a.who < b.who;
  });
  return offered;
}

TickRange Extent(const std::vector<Candidate>& candidates) {
  TickRange extent = candidates.front().ticks;
  for (const Candidate& candidate : candidates) {
    extent.first = std::min(extent.first, candidate.ticks.first);
    extent.last = std::max(extent.last, candidate.ticks.last);
  }
  return extent;
}

bool IsFree(const Candidate& candidate, const TakenTicks& taken) {
  const auto ticks = taken.find(candidate.who->clinician().name());
  if (ticks == taken.end()) return true;
  const auto next = std::lower_bound(ticks->second.begin(), ticks->second.end(), candidate.ticks.first);
  return next == ticks->second.end() || *next > candidate.ticks.last;
}

// Which days of clinicians with a daily limit are full; each is counted once in a search.
class DayLoads {
 public:
  explicit DayLoads(AppointmentStore& appointments) : appointments_(appointments) {}

  absl::StatusOr<bool> IsFull(const Candidate& candidate) {
    const Searched& who = *candidate.who;
    const auto limit = DailyLimitOf(who.clinician(), *who.listed->hours, candidate.visit.start);
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

v1::Slot SlotOf(const Candidate& candidate, const SlotQuery& query) {
  v1::Slot slot = MakeSlot(candidate.who->clinician(), candidate.who->type->code(), candidate.visit);
  if (!query.patient_zone) return slot;
  constexpr char kLocal[] = "%Y-%m-%dT%H:%M:%S%Ez";
  slot.set_local_start_time(absl::FormatTime(kLocal, candidate.visit.start, candidate.who->listed->hours->zone()));
  slot.set_patient_local_start_time(absl::FormatTime(kLocal, candidate.visit.start, *query.patient_zone));
  return slot;
}

// A page that fills.
class Page {
 public:
  Page(const SlotQuery& query, AppointmentStore& appointments) : query_(query), loads_(appointments) {}

  // Adds those that are free. Returns whether there are more than the page has room for.
  absl::StatusOr<bool> Fill(const std::vector<Candidate>& offered, const TakenTicks& taken) {
    for (const Candidate& candidate : offered) {
      if (!query_.after.Precedes(candidate.visit.start, candidate.who->clinician().name())) continue;
      if (!IsFree(candidate, taken)) continue;
      LUMBAR_ASSIGN_OR_RETURN(const bool full, loads_.IsFull(candidate));
      if (full) continue;
      if (response_.slots_size() == query_.page_size) return true;
      *response_.add_slots() = SlotOf(candidate, query_);
    }
    return false;
  }
  v1::SearchSlotsResponse& response() { return response_; }

 private:
  const SlotQuery& query_;
  DayLoads loads_;
  v1::SearchSlotsResponse response_;
};

}  // namespace

absl::StatusOr<v1::SearchSlotsResponse> SlotSearch::Search(const v1::SearchSlotsRequest& request) {
  const absl::Time now = clock_.Now();
  LUMBAR_ASSIGN_OR_RETURN(const SlotQuery query, Understand(request, now));
  LUMBAR_ASSIGN_OR_RETURN(std::shared_ptr<const ClinicianList> list, directory_.Everybody());
  if (!request.clinician().empty()) {
    LUMBAR_ASSIGN_OR_RETURN(auto only, ClinicianDirectory::Find(*list, request.clinician()));
    list = std::make_shared<ClinicianList>(1, std::move(only));
  }
  const std::vector<Searched> searched = SearchedOf(*list, request, now);

  Page page(query, appointments_);
  absl::Time first = std::max({query.window.first, query.after.start, now});
  const absl::Time last = std::min(query.window.last, now + kLongestHorizon);
  for (absl::Duration length = kFirstPiece; first <= last; length = std::min(2 * length, kLongestPiece)) {
    const Reach piece{first, std::min(last, first + length - kMoment)};
    first += length;
    const std::vector<Candidate> offered = Offered(searched, request.patient_state(), piece);
    if (offered.empty()) continue;
    LUMBAR_ASSIGN_OR_RETURN(const TakenTicks taken, appointments_.Taken(request.clinician(), Extent(offered)));
    LUMBAR_ASSIGN_OR_RETURN(const bool more, page.Fill(offered, taken));
    if (!more) continue;
    page.response().set_next_page_token(TokenAfter(*page.response().slots().rbegin(), request));
    break;
  }
  return std::move(page.response());
}

}  // namespace lumbar::booking
