#include "services/booking/domain/slot_search.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/store/errors.h"
#include "common/store/page_token.h"
#include "common/time/proto_time.h"
#include "services/booking/domain/eligibility.h"

namespace lumbar::booking {
namespace {

constexpr absl::Duration kUsualWindow = absl::Hours(24 * 14);
constexpr absl::Duration kLongestWindow = absl::Hours(24 * 31);
// The window is searched piece by piece, so that a first page costs a day's work and not a month's.
constexpr absl::Duration kPiece = absl::Hours(24);
// What separates times that the stores keep apart.
constexpr absl::Duration kMoment = absl::Microseconds(1);
constexpr int kCliniciansAtOnce = 500;

// A visit of one clinician, ordered by begin and then by name.
struct Candidate {
  Interval visit;
  TickRange ticks;
  const v1::Clinician* clinician;
  bool operator<(const Candidate& other) const {
    return std::tie(visit.start, clinician->name()) < std::tie(other.visit.start, other.clinician->name());
  }
};

// Where the page before ended.
struct Position {
  absl::Time start = absl::InfinitePast();
  std::string clinician;
  bool Precedes(const Candidate& candidate) const {
    return std::tie(start, clinician) < std::tie(candidate.visit.start, candidate.clinician->name());
  }
};

// Begins that may be listed, both ends included; a visit that begins now can't be held any more.
absl::StatusOr<Interval> WindowOf(const v1::SearchSlotsRequest& request, absl::Time now) {
  const absl::Time first = request.has_start_time() ? FromProto(request.start_time()) : now;
  const absl::Time last = request.has_end_time() ? FromProto(request.end_time()) : first + kUsualWindow;
  if (last < first) return InvalidField("end_time", "must not be before start_time");
  if (last - first > kLongestWindow) return InvalidField("end_time", "must be at most 31 days after start_time");
  if (last < now) return InvalidField("end_time", "must not be over");
  return Interval{std::max(first, now + kMoment), std::min(last, now + kHorizon)};
}

std::string QueryOf(v1::SearchSlotsRequest request) {
  request.clear_page_token();
  request.clear_page_size();
  return request.SerializeAsString();
}

absl::StatusOr<Position> PositionOf(const v1::SearchSlotsRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string key, store::DecodePageToken(request.page_token(), QueryOf(request)));
  if (key.empty()) return Position{};
  const std::pair<std::string, std::string> parts = absl::StrSplit(key, absl::MaxSplits(' ', 1));
  int64_t micros = 0;
  if (!absl::SimpleAtoi(parts.first, &micros)) return store::InvalidPageToken();
  return Position{absl::FromUnixMicros(micros), parts.second};
}

std::string TokenAfter(const v1::Slot& last, const v1::SearchSlotsRequest& request) {
  const int64_t micros = absl::ToUnixMicros(FromProto(last.start_time()));
  return store::EncodePageToken(absl::StrCat(micros, " ", last.clinician()), QueryOf(request));
}

bool IsFree(const Candidate& candidate, const TakenTicks& taken) {
  const auto ticks = taken.find(candidate.clinician->name());
  if (ticks == taken.end()) return true;
  const auto next = std::lower_bound(ticks->second.begin(), ticks->second.end(), candidate.ticks.first);
  return next == ticks->second.end() || *next > candidate.ticks.last;
}

// What the clinicians offer in `piece`, sorted, whether taken or free.
std::vector<Candidate> Offered(const std::vector<v1::Clinician>& clinicians, const v1::SearchSlotsRequest& request,
                               const Interval& piece) {
  const PatientScope patient{request.patient_state(), request.patient_age_years()};
  std::vector<Candidate> offered;
  for (const v1::Clinician& clinician : clinicians) {
    const v1::VisitType& type = *FindVisitType(clinician, request.visit_type());
    const auto schedule = Schedule::Of(clinician, type);
    if (!schedule) continue;
    for (const Interval& visit : schedule->Visits(piece.start, piece.end)) {
      if (!CheckEligible(clinician, patient, type.code(), visit).ok()) continue;
      offered.push_back({visit, TicksOf(WithBuffers(visit, type)), &clinician});
    }
  }
  std::sort(offered.begin(), offered.end());
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

bool Speaks(const v1::Clinician& clinician, absl::string_view language) {
  const auto& codes = clinician.language_codes();
  return language.empty() || std::find(codes.begin(), codes.end(), language) != codes.end();
}

}  // namespace

v1::Slot MakeSlot(const v1::Clinician& clinician, absl::string_view visit_type, const Interval& visit) {
  v1::Slot slot;
  slot.set_clinician(clinician.name());
  slot.set_clinician_display_name(clinician.display_name());
  slot.set_visit_type(std::string(visit_type));
  *slot.mutable_start_time() = ToProtoTime(visit.start);
  *slot.mutable_end_time() = ToProtoTime(visit.end);
  slot.set_time_zone(clinician.time_zone());
  return slot;
}

absl::StatusOr<std::vector<v1::Clinician>> SlotSearch::Candidates(const v1::SearchSlotsRequest& request) const {
  std::vector<v1::Clinician> found;
  const PatientScope patient{request.patient_state(), request.patient_age_years()};
  const auto add = [&](v1::Clinician& clinician) {
    const bool fits = CheckScope(clinician, patient, request.visit_type()).ok();
    if (fits && Speaks(clinician, request.language_code())) found.push_back(std::move(clinician));
  };
  if (!request.clinician().empty()) {
    LUMBAR_ASSIGN_OR_RETURN(v1::Clinician clinician, clinicians_.Get(request.clinician()));
    add(clinician);
    return found;
  }
  for (std::string after;;) {
    LUMBAR_ASSIGN_OR_RETURN(std::vector<v1::Clinician> page, clinicians_.List(after, kCliniciansAtOnce));
    if (page.empty()) return found;
    after = page.back().name();
    for (v1::Clinician& clinician : page) add(clinician);
  }
}

absl::StatusOr<v1::SearchSlotsResponse> SlotSearch::Search(const v1::SearchSlotsRequest& request) const {
  LUMBAR_ASSIGN_OR_RETURN(const Interval window, WindowOf(request, clock_.Now()));
  LUMBAR_ASSIGN_OR_RETURN(const Position after, PositionOf(request));
  LUMBAR_ASSIGN_OR_RETURN(const int page_size, store::PageSize(request.page_size(), 50, 200));
  LUMBAR_ASSIGN_OR_RETURN(const std::vector<v1::Clinician> clinicians, Candidates(request));

  v1::SearchSlotsResponse page;
  for (absl::Time start = std::max(window.start, after.start); start <= window.end; start += kPiece) {
    const Interval piece{start, std::min(window.end, start + kPiece - kMoment)};
    const std::vector<Candidate> offered = Offered(clinicians, request, piece);
    if (offered.empty()) continue;
    LUMBAR_ASSIGN_OR_RETURN(const TakenTicks taken, appointments_.Taken(request.clinician(), Extent(offered)));
    for (const Candidate& candidate : offered) {
      if (!after.Precedes(candidate) || !IsFree(candidate, taken)) continue;
      if (page.slots_size() == page_size) {
        page.set_next_page_token(TokenAfter(page.slots(page_size - 1), request));
        return page;
      }
      *page.add_slots() = MakeSlot(*candidate.clinician, request.visit_type(), candidate.visit);
    }
  }
  return page;
}

}  // namespace lumbar::booking
