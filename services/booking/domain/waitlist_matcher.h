// Puts times that come free on offer to those who wait: the most urgent whom a time fits, then the next.
//
// Two ways lead to an offer. Whatever frees a time leaves a note, and each note costs one look at that clinician's time
// around it, and one indexed query of those whom a time found there might fit. And for each entry somebody looks now
// and then, with the search that patients use: as soon as it begins to wait, and as a safety net. Either way a time is
// given in turn, so that it doesn't matter for whom it was found; and no entry waits for another's wishes to come true.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <functional>
#include <string>

#include "common/time/clock.h"
#include "services/booking/domain/clinician_store.h"
#include "services/booking/domain/slot_search.h"
#include "services/booking/domain/waitlist_store.h"

namespace lumbar::booking {

// How often somebody looks for an entry without a reason to.
inline constexpr absl::Duration kLookPeriod = absl::Minutes(5);

// Not thread safe: one PeriodicTask drives it. Any number of processes may match one waitlist.
class WaitlistMatcher {
 public:
  // The first four must outlive it. `on_offer` is called after each offer is on disk; it must not block.
  WaitlistMatcher(ClinicianStore& clinicians, AppointmentStore& appointments, WaitlistQueue& queue, const Clock& clock,
                  std::function<void()> on_offer);

  // Ends what is over, and works through a batch of notes and looks. Returns whether more may be waiting right now.
  bool RunBatch();

 private:
  // Each returns whether more of its kind may be waiting.
  absl::StatusOr<bool> SettleDue();
  absl::StatusOr<bool> OfferFreed();
  // Offers what is free around `freed`, each visit in turn.
  absl::Status OfferAround(const FreedTime& freed);
  absl::Status OfferVisits(const v1::Clinician& clinician, const v1::VisitType& type, const FreedTime& freed);
  absl::StatusOr<bool> LookForSome();
  absl::Status LookFor(const v1::WaitlistEntry& entry);
  // The first of those who wait, in turn, whom the visit fits gets it. Returns who that is; "" if it fits nobody.
  absl::StatusOr<std::string> GiveInTurn(const v1::Clinician& clinician, absl::string_view visit_type,
                                         absl::Time start);

  ClinicianStore& clinicians_;
  AppointmentStore& appointments_;
  WaitlistQueue& queue_;
  const Clock& clock_;
  SlotSearch search_;
  const std::function<void()> on_offer_;
  // Until when expired holds have been looked at. After a start those of the last hour are looked at again.
  absl::Time expired_until_;
};

}  // namespace lumbar::booking
