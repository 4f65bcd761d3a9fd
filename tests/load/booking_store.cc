#include "tests/load/booking_store.h"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <thread>
#include <vector>

#include "common/store/resource_name.h"
#include "common/time/proto_time.h"
#include "services/booking/domain/scheduler.h"
#include "services/booking/store/migrations.h"
#include "services/booking/store/sql_appointment_store.h"
#include "services/booking/store/sql_clinician_store.h"
#include "tests/load/booking_plan.h"

namespace lumbar::load {
namespace {

void Must(const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << status.message() << "\n";
  std::exit(1);
}

store::Mutation MutationOf(const char* method) {
  return {"services/gateway", method, store::NewUuid(), std::string(64, 'a')};
}

// What the scheduler makes of a request.
booking::NewHold HoldOf(int64_t slot) {
  const booking::v1::CreateHoldRequest request = Wanted(slot);
  const absl::Time begin = Begin(slot);
  booking::NewHold wanted;
  wanted.hold.set_patient(request.patient());
  *wanted.hold.mutable_contact() = request.contact();
  booking::v1::Slot& kept = *wanted.hold.mutable_slot();
  kept.set_clinician(request.clinician());
  kept.set_clinician_display_name("Maya Chen, DO");
  kept.set_visit_type(kVisitType);
  *kept.mutable_start_time() = ToProtoTime(begin);
  *kept.mutable_end_time() = ToProtoTime(begin + kVisit);
  kept.set_time_zone("Etc/UTC");
  wanted.hold.set_level(triage::v1::LEVEL_SELF_CARE);
  wanted.ticks = booking::TicksOf({begin, begin + kVisit + kBuffer});
  wanted.lifetime = booking::kHoldLifetime;
  wanted.live_limit = booking::kLiveHolds;
  return wanted;
}

void BookOne(booking::SqlClinicianStore& clinicians, booking::SqlAppointmentStore& store, int64_t slot) {
  // As the scheduler does; there is none here.
  (void)clinicians.Get(ClinicianName(slot));
  const auto held = store.CreateHold(MutationOf("lumbar.booking.v1.BookingService/CreateHold"), HoldOf(slot));
  Must(held.status());
  const auto mutation = MutationOf("lumbar.booking.v1.BookingService/ConfirmHold");
  const auto anybody = [](const std::string&) { return absl::OkStatus(); };
  Must(store.ConfirmHold(mutation, held->hold().name(), anybody).status());
}

}  // namespace

double BookInProcess(const StoreRun& run) {
  const SystemClock clock;
  const auto database = store::Database::Open({.url = run.database});
  Must(database.status());
  Must(booking::MigrateBooking(**database, clock));
  booking::SqlClinicianStore clinicians(**database, clock);
  booking::SqlAppointmentStore store(**database, clock);
  std::atomic<int64_t> next = run.first;
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (int i = 0; i < run.threads; ++i) {
    threads.emplace_back([&] {
      for (int64_t slot = 0; (slot = next++) < run.first + run.bookings;) BookOne(clinicians, store, slot);
    });
  }
  for (auto& thread : threads) thread.join();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  return took.count();
}

}  // namespace lumbar::load
