#include "common/server/clock.h"

namespace lumbar::server {

std::unique_ptr<const Clock> MakeClock() { return std::make_unique<SystemClock>(); }

}  // namespace lumbar::server
