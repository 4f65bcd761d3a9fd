// The clinic's fee schedule from a file.
#pragma once

#include <absl/status/statusor.h>

#include <string>

#include "lumbar/booking/v1/fee_schedule.pb.h"

namespace lumbar::booking {

// A FeeSchedule in protobuf JSON. INVALID_ARGUMENT/FEE_SCHEDULE_REFUSED: no such file, over 1 MB, not such JSON, or
// against the contract's rules or CheckFeeSchedule; the message says which.
absl::StatusOr<v1::FeeSchedule> ReadFeeSchedule(const std::string& path);

}  // namespace lumbar::booking
