// Decides about the waitlist: who may wait, and what becomes of an offer.
#pragma once

#include <absl/status/statusor.h>

#include <functional>

#include "common/auth/assessment_token.h"
#include "common/rpc/call_context.h"
#include "common/time/clock.h"
#include "lumbar/booking/v1/booking_service.pb.h"
#include "services/booking/domain/clinician_store.h"
#include "services/booking/domain/waitlist_store.h"

namespace lumbar::booking {

// The handlers of BookingService about the waitlist; what each refuses is in its contract. Thread safe.
class Waitlist {
 public:
  // The first four must outlive it. `on_change` is called after each change is on disk; it must not block.
  // `hold_lifetime` is how long an accepted time is kept, as Scheduler's.
  Waitlist(ClinicianStore& clinicians, WaitlistStore& places, const auth::AssessmentVerifier& verifier,
           const Clock& clock, std::function<void()> on_change, absl::Duration hold_lifetime)
      : clinicians_(clinicians),
        places_(places),
        verifier_(verifier),
        clock_(clock),
        on_change_(std::move(on_change)),
        hold_lifetime_(hold_lifetime) {}

  absl::StatusOr<v1::JoinWaitlistResponse> JoinWaitlist(const rpc::CallContext& context,
                                                        const v1::JoinWaitlistRequest& request);
  absl::StatusOr<v1::GetWaitlistEntryResponse> GetWaitlistEntry(const rpc::CallContext& context,
                                                                const v1::GetWaitlistEntryRequest& request);
  absl::StatusOr<v1::ListWaitlistEntriesResponse> ListWaitlistEntries(const rpc::CallContext& context,
                                                                      const v1::ListWaitlistEntriesRequest& request);
  absl::StatusOr<v1::LeaveWaitlistResponse> LeaveWaitlist(const rpc::CallContext& context,
                                                          const v1::LeaveWaitlistRequest& request);
  absl::StatusOr<v1::AcceptOfferResponse> AcceptOffer(const rpc::CallContext& context,
                                                      const v1::AcceptOfferRequest& request);
  absl::StatusOr<v1::DeclineOfferResponse> DeclineOffer(const rpc::CallContext& context,
                                                        const v1::DeclineOfferRequest& request);

 private:
  // The entry that the rules allow, or the first reason against it; an emergency comes before every other.
  absl::StatusOr<v1::WaitlistEntry> Plan(const v1::JoinWaitlistRequest& request);
  // The entry, if the caller may touch it.
  absl::StatusOr<v1::WaitlistEntry> Find(const rpc::CallContext& context, absl::string_view name);

  ClinicianStore& clinicians_;
  WaitlistStore& places_;
  const auth::AssessmentVerifier& verifier_;
  const Clock& clock_;
  const std::function<void()> on_change_;
  const absl::Duration hold_lifetime_;
};

}  // namespace lumbar::booking
