// Clients of a running lumbar-booking: each books one slot after the other, and waits for every answer.
#pragma once

#include <cstdint>
#include <string>

namespace lumbar::load {

struct ServedRun {
  std::string target;
  // May hold and confirm for anybody: a service's.
  std::string token;
  // Triage's private key: each patient comes with an assessment of its own, signed before the clock runs.
  std::string key_file;
  std::string key_id = "triage";
  int64_t first = 0;
  int64_t bookings = 1000;
  int in_flight = 64;
  int channels = 4;
};

// Adds the clinicians of booking_plan.h; `run.token` is a staff's.
int AddClinicians(const ServedRun& run);
// A booking is CreateHold and then ConfirmHold. Prints a line of JSON; returns 0 if every call succeeded.
int BookServed(const ServedRun& run);
// All clients want slot `run.first` at once. Prints a line of JSON; returns 0 if exactly one got it and every other was
// told SLOT_TAKEN.
int BookHotSlot(const ServedRun& run);
// One hold and one confirmation, each sent `run.bookings` times over; returns 0 if every answer was the first one's
// bytes and the patient has one appointment.
int Replay(const ServedRun& run);

// One call after the other of four methods, `run.bookings` of each; prints a line of JSON with their p50s. Lists the
// appointments of FillPast's patients.
int MeasureLatency(const ServedRun& run);

}  // namespace lumbar::load
