#include "services/booking/domain/slot_search.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/status/macros.h"
#include "common/time/proto_time.h"
#include "services/booking/domain/free_visits.h"
#include "services/booking/domain/offer.h"
#include "services/booking/domain/slot_query.h"

namespace lumbar::booking {
namespace {

std::vector<Searched> Wanted(const ClinicianList& list, const v1::SearchSlotsRequest& request, absl::Time now) {
  std::vector<Searched> searched;
  for (const auto& listed : list) {
    if (listed->hours == nullptr || !IsWanted(listed->clinician, request)) continue;
    searched.push_back(SearchedOf(listed, request.visit_type(), now));
  }
  return searched;
}

v1::Slot SlotOf(const FreeVisit& free, const SlotQuery& query) {
  v1::Slot slot = MakeSlot(free.who.clinician(), free.who.type->code(), free.time);
  if (!query.patient_zone) return slot;
  constexpr char kLocal[] = "%Y-%m-%dT%H:%M:%S%Ez";
  slot.set_local_start_time(absl::FormatTime(kLocal, free.time.start, free.who.listed->hours->zone()));
  slot.set_patient_local_start_time(absl::FormatTime(kLocal, free.time.start, *query.patient_zone));
  return slot;
}

}  // namespace

absl::StatusOr<v1::SearchSlotsResponse> SlotSearch::Search(const v1::SearchSlotsRequest& request) {
  const absl::Time now = clock_.Now();
  LUMBAR_ASSIGN_OR_RETURN(const SlotQuery query, Understand(request, now));
  LUMBAR_ASSIGN_OR_RETURN(std::shared_ptr<const ClinicianList> list, directory_.Everybody());
  if (!request.clinician().empty()) {
    LUMBAR_ASSIGN_OR_RETURN(auto only, ClinicianDirectory::Find(*list, request.clinician()));
    list = std::make_shared<ClinicianList>(1, std::move(only));
  }
  std::vector<Searched> searched = Wanted(*list, request, now);
  const Reach window{std::max({query.window.first, query.after.start, now}),
                     std::min(query.window.last, now + kLongestHorizon)};

  v1::SearchSlotsResponse page;
  bool more = false;
  LUMBAR_RETURN_IF_ERROR(
      WalkFreeVisits(appointments_, searched, request.patient_state(), window, [&](const FreeVisit& free) {
        if (!query.after.Precedes(free.time.start, free.who.clinician().name())) return Walk::kOn;
        more = page.slots_size() == query.page_size;
        if (more) return Walk::kStop;
        *page.add_slots() = SlotOf(free, query);
        return Walk::kOn;
      }));
  if (more) page.set_next_page_token(TokenAfter(*page.slots().rbegin(), request));
  return page;
}

}  // namespace lumbar::booking
