// The time that a process goes by.
#pragma once

#include <memory>

#include "common/time/clock.h"

namespace lumbar::server {

// The system's. A program for tests may be linked with another definition.
std::unique_ptr<const Clock> MakeClock();

}  // namespace lumbar::server
