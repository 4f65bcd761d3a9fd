// Times of visits for a person to read.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <string>

#include "lumbar/booking/v1/appointment.pb.h"

namespace lumbar::cli {

// One line each: who, the clinician's local time, and UTC as --start takes it.
std::string SlotTable(const google::protobuf::RepeatedPtrField<booking::v1::Slot>& slots);

// "Dr. Ada Roe (clinicians/roe), Tue 24 Nov 2026 09:30 PST, 2026-11-24T17:30:00Z".
std::string SlotText(const booking::v1::Slot& slot);

// A line that says how to see the rest; empty if there is no rest.
std::string MoreText(const std::string& next_page_token);

}  // namespace lumbar::cli
