// Booking's own stores without the wire: so many threads in one process.
#pragma once

#include <cstdint>
#include <string>

namespace lumbar::load {

struct StoreRun {
  // As --database of lumbar-booking.
  std::string database;
  int64_t first = 0;
  int64_t bookings = 1000;
  int threads = 64;
};

// Each thread holds and confirms one slot after the other. Returns the seconds taken; ends the program on any error.
double BookInProcess(const StoreRun& run);

}  // namespace lumbar::load
