// A booking in memory under load, with lost calls, lost answers, repeats and expiring holds: gives histories that are
// right by construction, for the checker's tests to break.
#pragma once

#include <cstdint>

#include "tests/chaos/history.h"

namespace lumbar::chaos {

// The same seed gives the same history.
History Simulate(uint64_t seed, int operations);

}  // namespace lumbar::chaos
