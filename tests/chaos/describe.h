// From the contracts' messages to a history's lines.
#pragma once

#include "lumbar/booking/v1/appointment.pb.h"
#include "tests/chaos/history.h"

namespace lumbar::chaos {

Micros NowMicros();

Visit Describe(const booking::v1::Hold& hold);
Visit Describe(const booking::v1::Appointment& appointment);

}  // namespace lumbar::chaos
