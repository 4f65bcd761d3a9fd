// Moves a consult on, step by step: each step's outcome is stored before the next begins, and each can be repeated.
#pragma once

#include <absl/status/statusor.h>

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "common/time/clock.h"
#include "services/gateway/consult/domain/consult_store.h"
#include "services/gateway/consult/domain/upstreams.h"

namespace lumbar::gateway {

// The one kind of visit that a consult books.
inline constexpr absl::string_view kVisitType = "virtual-back-pain";
// Most time that moving one case on may take.
inline constexpr absl::Duration kMoveTime = absl::Milliseconds(7500);
// How long a case belongs to whoever moved it last.
inline constexpr absl::Duration kLease = absl::Seconds(15);
// What can't be routed, a chosen time that can't be booked, or one that can't be given up, for this long is for staff,
// so that nothing is retried for ever.
inline constexpr absl::Duration kBookingPatience = absl::Hours(1);

class Saga {
 public:
  // All must outlive it.
  Saga(ConsultStore& cases, Triage& triage, Booking& booking, Reading& reading, StaffAlerts& alerts, const Clock& clock)
      : cases_(cases), triage_(triage), booking_(booking), reading_(reading), alerts_(alerts), clock_(clock) {}

  // The first step, before anything is stored: a new case from its triage. If triage is out of reach the case is for
  // staff, never for later or "low". INVALID_ARGUMENT: triage can't make sense of the presentation.
  absl::StatusOr<Case> Open(const consult::v1::RequestConsultRequest& request, const Errand& errand);

  // Moves `moved` as far as it goes now. OK also when a service is out of reach: the case rests where it is, and a
  // resumer moves it on later. ALREADY_EXISTS/SLOT_TAKEN and booking's other refusals: the chosen time is gone; the
  // stored case has fresh offers.
  absl::StatusOr<Case> Advance(Case moved, const Errand& errand);

  // Moves on what a crash or an outage left behind, and then what has come to its end, at most `limit` cases, until
  // Stop; returns how many it took.
  absl::StatusOr<int> ResumeUnfinished(int limit);

  // The visit that came of the chosen time of `given_up`; empty: none did, and none will. A hold that came of it is
  // released, under the key of the decline.
  absl::StatusOr<std::string> FindVisit(const Case& given_up, const Errand& errand);

  // Ends ResumeUnfinished, for good, after the case it is at. Thread safe.
  void Stop() { stopping_ = true; }

 private:
  absl::StatusOr<Case> Route(Case moved, const Errand& errand);
  absl::StatusOr<Case> Book(Case moved, const Errand& errand);
  // Tells the staff that `moved` waits for them.
  absl::StatusOr<Case> Alert(Case moved, const Errand& errand);
  absl::StatusOr<Case> TryLater(Case moved, const absl::Status& why, const Errand& errand);
  absl::StatusOr<Case> GiveUpSlot(Case moved, const absl::Status& why, const Errand& errand);
  // For whose proof is too old, or nearly, through no fault of theirs: a new one, of the same answers, not stored yet.
  // The act-by time stays; where triage sees an emergency by now, `moved` is one.
  absl::Status RenewProof(Case& moved, const Errand& errand);
  // Its offers are over, or its visit has ended.
  absl::StatusOr<Case> End(Case moved, const Errand& errand);
  absl::StatusOr<Case> EndOffers(Case moved, const Errand& errand);
  // Once booking says, or nobody does for kVisitPatience.
  absl::StatusOr<Case> EndVisit(Case moved, const Errand& errand);
  // Gives the time of a declined case up, whatever came of it, and then routes.
  absl::StatusOr<Case> CallOff(Case moved, const Errand& errand);
  // Unset: `visit` is called off; else the appointment, for it is not the one that was declined any more, or begun.
  absl::StatusOr<std::optional<booking::v1::Appointment>> CancelVisit(const Case& declined, const std::string& visit,
                                                                      const Errand& errand);
  // Leaves `moved` to the resumer, or to staff if that went on for too long. `what` is "routing", "booking" or
  // "call_off".
  absl::StatusOr<Case> PutOff(Case moved, absl::string_view what, const absl::Status& why, const Errand& errand);
  // To staff, for what is logged as `event`.
  absl::StatusOr<Case> HandOver(Case moved, const std::string& event, const absl::Status& why, const Errand& errand);
  absl::StatusOr<triage::v1::Assessment> Assess(const consult::v1::Consult& consult, const Errand& errand);
  absl::StatusOr<booking::v1::FindCandidatesResponse> FindCandidates(const consult::v1::Consult& consult,
                                                                     absl::Time now, absl::Time deadline,
                                                                     const Errand& errand);
  void AddArticles(consult::v1::Consult& consult, const Errand& errand);
  absl::StatusOr<Case> Save(Case changed);
  // What to go on with: whoever is being helped before what is merely over.
  absl::StatusOr<std::vector<Case>> Claim(int limit);
  void Resume(Case left);

  ConsultStore& cases_;
  Triage& triage_;
  Booking& booking_;
  Reading& reading_;
  StaffAlerts& alerts_;
  const Clock& clock_;
  std::atomic<bool> stopping_ = false;
};

// The call that holds the chosen time: the same whenever it is made.
booking::v1::CreateHoldRequest HoldOf(const Case& chosen);

// Whether booking's refusal says for certain that the chosen time isn't booked and won't be. Any other failure leaves
// the outcome open, so that the same call must be made again.
bool SlotLost(const absl::Status& status);

}  // namespace lumbar::gateway
