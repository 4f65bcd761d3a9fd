// The least that SQLite must do for so many bookings: its own C interface, prepared statements, one writer that drains
// all that waits into each commit. The same rows, indexes and durability as booking's, and nothing decided.
#pragma once

#include <cstdint>
#include <string>

namespace lumbar::load {

struct RawRun {
  // A new file.
  std::string database;
  // A database of booking's: its tables, indexes and the texts of one booking are taken over.
  std::string like;
  int64_t first = 0;
  int64_t bookings = 1000;
  int threads = 64;
};

// Each thread makes one booking after the other: a hold, and when that is on the disk, its confirmation. Returns the
// seconds taken; ends the program on any error.
double BookRaw(const RawRun& run);

// Adds `count` appointments of the past to `database`, a file of booking's, five for each of the patients
// "patients/past-<number>".
void FillPast(const std::string& database, int64_t count);

// How many times a second a page of 4 KB is appended to a file and on the disk after fdatasync.
double SyncsPerSecond(const std::string& folder);

}  // namespace lumbar::load
