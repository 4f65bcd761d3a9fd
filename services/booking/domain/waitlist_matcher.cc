#include "services/booking/domain/waitlist_matcher.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/telemetry/log.h"
#include "common/time/proto_time.h"
#include "services/booking/domain/schedule.h"

namespace lumbar::booking {
namespace {

constexpr int kDueBatch = 50;
constexpr int kFreedBatch = 16;
constexpr int kExpiredBatch = 200;
constexpr int kLookBatch = 8;
// Those who wait are read so many at a time.
constexpr int kTurnPage = 50;
// Free times that a look for one entry considers, of each clinician wanted.
constexpr int kSlotsLookedAt = 20;
// Visits around one note that are considered, the earliest first; what is beyond is found by the looks.
constexpr size_t kVisitsAround = 500;

absl::Time TimeOf(int64_t tick) {
  const int64_t last = absl::ToUnixMicros(absl::FromCivil(absl::CivilYear(9999), absl::UTCTimeZone()));
  const int64_t grid = absl::ToInt64Microseconds(kGrid);
  return absl::FromUnixMicros(tick < last / grid ? tick * grid : last);
}

bool Overlaps(const TickRange& a, const TickRange& b) { return a.first <= b.last && b.first <= a.last; }

std::vector<std::string> StatesOf(const v1::Clinician& clinician) {
  std::set<std::string> states;
  for (const v1::Licence& licence : clinician.licences()) states.insert(licence.state());
  return {states.begin(), states.end()};
}

NewHold HoldFor(const v1::WaitlistEntry& entry, const Offer& offer, absl::Time now) {
  NewHold wanted;
  wanted.hold.set_patient(entry.patient());
  *wanted.hold.mutable_slot() = offer.slot;
  *wanted.hold.mutable_contact() = entry.contact();
  wanted.hold.set_level(entry.level());
  if (entry.has_act_by_time()) *wanted.hold.mutable_act_by_time() = entry.act_by_time();
  wanted.ticks = offer.ticks;
  wanted.daily_limit = offer.daily_limit;
  wanted.lifetime = OfferLifetime(entry, FromProto(offer.slot.start_time()), now);
  wanted.waitlist_entry = entry.name();
  return wanted;
}

v1::SearchSlotsRequest SearchFor(const v1::WaitlistEntry& entry, absl::Time now) {
  v1::SearchSlotsRequest request;
  request.set_patient_state(entry.contact().state());
  request.set_patient_age_years(entry.contact().age_years());
  request.set_visit_type(entry.visit_type());
  request.set_language_code(entry.language_code());
  const absl::Time first = std::max(FromProto(entry.earliest_time()), now + kLeastNotice);
  *request.mutable_start_time() = ToProtoTime(first);
  *request.mutable_end_time() = ToProtoTime(std::max(first, FromProto(entry.latest_time())));
  request.set_page_size(kSlotsLookedAt);
  return request;
}

// The visits of that type that might have come free, and must be free as a whole.
std::vector<Interval> VisitsAround(const v1::Clinician& clinician, const v1::VisitType& type, const FreedTime& freed,
                                   absl::Time first, absl::Time last) {
  const auto schedule = Schedule::Of(clinician, type);
  if (!schedule) return {};
  const absl::Duration reach = FromProto(type.duration()) + FromProto(type.buffer_after());
  first = std::max(first, TimeOf(freed.ticks.first) - reach);
  last = std::min(last, TimeOf(freed.ticks.last) + kGrid + FromProto(type.buffer_before()));
  if (last < first) return {};
  std::vector<Interval> visits = schedule->Visits(first, last);
  const auto elsewhere = [&](const Interval& visit) {
    return !Overlaps(TicksOf(WithBuffers(visit, type)), freed.ticks);
  };
  visits.erase(std::remove_if(visits.begin(), visits.end(), elsewhere), visits.end());
  if (visits.size() > kVisitsAround) visits.resize(kVisitsAround);
  return visits;
}

// Whether more may be waiting after a step that ended so. What failed is found again: notes stay until they are
// handled, and looks come round.
bool MoreAfter(const absl::StatusOr<bool>& more) {
  if (more.ok()) return *more;
  Log(LogLevel::kWarning, "waitlist_not_matched",
      {{"code", absl::StatusCodeToString(more.status().code())}, {"reason", ReasonOf(more.status())}});
  return false;
}

// `status`, unless it says that what was read makes no sense: that doesn't pass, and mustn't hold up everything else.
absl::Status GoOn(const absl::Status& status, absl::string_view at) {
  if (!absl::IsDataLoss(status) && !absl::IsInternal(status)) return status;
  Log(LogLevel::kError, "waitlist_step_given_up",
      {{"at", at}, {"code", absl::StatusCodeToString(status.code())}, {"reason", ReasonOf(status)}});
  return absl::OkStatus();
}

bool IsFree(const std::vector<int64_t>& taken, TickRange wanted) {
  const auto next = std::lower_bound(taken.begin(), taken.end(), wanted.first);
  return next == taken.end() || *next > wanted.last;
}

}  // namespace

WaitlistMatcher::WaitlistMatcher(ClinicianStore& clinicians, AppointmentStore& appointments, WaitlistQueue& queue,
                                 const Clock& clock, std::function<void()> on_offer)
    : clinicians_(clinicians),
      appointments_(appointments),
      queue_(queue),
      clock_(clock),
      search_(clinicians, appointments, clock),
      on_offer_(std::move(on_offer)),
      expired_until_(clock.Now() - absl::Hours(1)) {}

bool WaitlistMatcher::RunBatch() {
  if (!MoreAfter(queue_.AnyLive())) return false;
  // Each whatever became of those before it.
  const bool more_due = MoreAfter(SettleDue()), more_freed = MoreAfter(OfferFreed());
  return MoreAfter(LookForSome()) || more_due || more_freed;
}

absl::StatusOr<bool> WaitlistMatcher::SettleDue() {
  LUMBAR_ASSIGN_OR_RETURN(const int due, queue_.SettleDue(kDueBatch));
  return due == kDueBatch;
}

absl::StatusOr<bool> WaitlistMatcher::OfferFreed() {
  LUMBAR_ASSIGN_OR_RETURN(const std::vector<FreedTime> noted, queue_.Freed(kFreedBatch));
  for (const FreedTime& freed : noted) {
    LUMBAR_RETURN_IF_ERROR(GoOn(OfferAround(freed), freed.clinician));
    LUMBAR_RETURN_IF_ERROR(queue_.Handled(freed));
  }
  LUMBAR_ASSIGN_OR_RETURN(const auto expired, queue_.ExpiredSince(expired_until_, kExpiredBatch));
  for (const FreedTime& freed : expired.freed) LUMBAR_RETURN_IF_ERROR(GoOn(OfferAround(freed), freed.clinician));
  expired_until_ = expired.until;
  return noted.size() == kFreedBatch || expired.freed.size() == kExpiredBatch;
}

absl::Status WaitlistMatcher::OfferAround(const FreedTime& freed) {
  const absl::StatusOr<v1::Clinician> clinician = clinicians_.Get(freed.clinician);
  if (absl::IsNotFound(clinician.status())) return absl::OkStatus();
  LUMBAR_RETURN_IF_ERROR(clinician.status());
  for (const v1::VisitType& type : clinician->visit_types()) {
    LUMBAR_RETURN_IF_ERROR(OfferVisits(*clinician, type, freed));
  }
  return absl::OkStatus();
}

absl::Status WaitlistMatcher::OfferVisits(const v1::Clinician& clinician, const v1::VisitType& type,
                                          const FreedTime& freed) {
  LUMBAR_ASSIGN_OR_RETURN(const std::optional<absl::Time> latest, queue_.LatestWanted(type.code()));
  if (!latest) return absl::OkStatus();
  const Reach reach = ReachAt(type, clock_.Now());
  const std::vector<Interval> visits = VisitsAround(
      clinician, type, freed, std::max(reach.first, clock_.Now() + kLeastNotice), std::min(*latest, reach.last));
  if (visits.empty()) return absl::OkStatus();
  const TickRange extent{TicksOf(WithBuffers(visits.front(), type)).first,
                         TicksOf(WithBuffers(visits.back(), type)).last};
  LUMBAR_ASSIGN_OR_RETURN(TakenTicks taken, appointments_.Taken(clinician.name(), extent));
  for (const Interval& visit : visits) {
    // One that was taken since is refused by the offer itself.
    if (!IsFree(taken[clinician.name()], TicksOf(WithBuffers(visit, type)))) continue;
    LUMBAR_RETURN_IF_ERROR(GiveInTurn(clinician, type.code(), visit.start).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> WaitlistMatcher::LookForSome() {
  LUMBAR_ASSIGN_OR_RETURN(const std::vector<v1::WaitlistEntry> entries,
                          queue_.ClaimLooks(clock_.Now() - kLookPeriod, kLookBatch));
  for (const v1::WaitlistEntry& entry : entries) LUMBAR_RETURN_IF_ERROR(GoOn(LookFor(entry), entry.name()));
  return entries.size() == kLookBatch;
}

absl::Status WaitlistMatcher::LookFor(const v1::WaitlistEntry& entry) {
  v1::SearchSlotsRequest request = SearchFor(entry, clock_.Now());
  std::vector<std::string> wanted = {entry.clinicians().begin(), entry.clinicians().end()};
  if (wanted.empty()) wanted.emplace_back();
  for (const std::string& clinician : wanted) {
    request.set_clinician(clinician);
    const absl::StatusOr<v1::SearchSlotsResponse> found = search_.Search(request);
    if (absl::IsNotFound(found.status()) || absl::IsInvalidArgument(found.status())) continue;
    LUMBAR_RETURN_IF_ERROR(found.status());
    for (const v1::Slot& slot : found->slots()) {
      LUMBAR_ASSIGN_OR_RETURN(const v1::Clinician with, clinicians_.Get(slot.clinician()));
      LUMBAR_ASSIGN_OR_RETURN(const std::string lucky,
                              GiveInTurn(with, slot.visit_type(), FromProto(slot.start_time())));
      if (lucky == entry.name()) return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> WaitlistMatcher::GiveInTurn(const v1::Clinician& clinician, absl::string_view visit_type,
                                                        absl::Time start) {
  TurnQuery query{std::string(visit_type), start, clinician.name(), StatesOf(clinician), std::nullopt, kTurnPage};
  while (true) {
    LUMBAR_ASSIGN_OR_RETURN(const std::vector<v1::WaitlistEntry> page, queue_.InTurn(query));
    for (const v1::WaitlistEntry& entry : page) {
      const absl::Time now = clock_.Now();
      const std::optional<Offer> offer = OfferFor(entry, clinician, start, now);
      if (!offer) continue;
      const absl::Status made = queue_.MakeOffer(entry, HoldFor(entry, *offer, now));
      if (made.ok()) {
        Log(LogLevel::kInfo, "time_offered", {{"entry", entry.name()}});
        on_offer_();
        return entry.name();
      }
      if (absl::IsAlreadyExists(made) || absl::IsFailedPrecondition(made)) return std::string();
      if (!absl::IsAborted(made) && !absl::IsNotFound(made)) return made;
    }
    // Not by one row: those that can't be read are left out.
    if (page.size() < kTurnPage / 2) return std::string();
    query.after = TurnOf(page.back());
  }
}

}  // namespace lumbar::booking
