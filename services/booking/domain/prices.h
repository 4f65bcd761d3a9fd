// What visits cost.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <optional>

#include "common/rpc/call_context.h"
#include "common/time/clock.h"
#include "lumbar/booking/v1/booking_service.pb.h"
#include "lumbar/booking/v1/fee_schedule.pb.h"

namespace lumbar::booking {

// What the contract's rules for a fee schedule can't say. INVALID_ARGUMENT/INVALID_FIELD with one violation for each
// fault: the zone is unknown; a visit type comes twice.
absl::Status CheckFeeSchedule(const v1::FeeSchedule& schedule);

// The handler of QuotePrice; what it refuses is in its contract. Thread safe.
class Prices {
 public:
  // `schedule` is sound as CheckFeeSchedule says; nothing: every quote is refused. `clock` must outlive it.
  Prices(std::optional<v1::FeeSchedule> schedule, const Clock& clock);

  absl::StatusOr<v1::QuotePriceResponse> QuotePrice(const rpc::CallContext& context,
                                                    const v1::QuotePriceRequest& request);

 private:
  v1::GoodFaithEstimate EstimateFor(const v1::QuotePriceRequest& request, const google::type::Money& amount,
                                    absl::Time now) const;

  const std::optional<v1::FeeSchedule> schedule_;
  const Clock& clock_;
  absl::TimeZone zone_;
};

}  // namespace lumbar::booking
