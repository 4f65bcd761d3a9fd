// Times of visits for a person to read.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <string>

#include "lumbar/booking/v1/appointment.pb.h"

namespace lumbar::cli {

// One line each: who, the time on the wall clock of `time_zone`, or the clinician's if it is empty, and UTC as --start
// takes it.
std::string SlotTable(const google::protobuf::RepeatedPtrField<booking::v1::Slot>& slots,
                      const std::string& time_zone = "");

// "Dr. Ada Roe (clinicians/roe), Tue 24 Nov 2026 09:30 PST, 2026-11-24T17:30:00Z", on the same wall clock.
std::string SlotText(const booking::v1::Slot& slot, const std::string& time_zone = "");

// A line that says how to see the rest; empty if there is no rest.
std::string MoreText(const std::string& next_page_token);

}  // namespace lumbar::cli
