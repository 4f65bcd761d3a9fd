// What a search for slots costs in a big clinic, from SQLite: 500 clinicians who may all see the patient, two weeks
// that are half booked. Run build/release/bin/booking_search_benchmark on an idle machine.
#include "services/booking/domain/slot_search.h"

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "common/status/macros.h"
#include "common/store/database.h"
#include "common/store/resource_name.h"
#include "common/time/proto_time.h"
#include "services/booking/domain/offer.h"
#include "services/booking/store/appointment_table.h"
#include "services/booking/store/migrations.h"
#include "services/booking/store/sql_appointment_store.h"
#include "services/booking/store/sql_clinician_store.h"
#include "services/booking/store/tick_table.h"
#include "services/booking/testing/samples.h"

namespace lumbar::booking {
namespace {

constexpr int kClinicians = 500;
constexpr const char* kZones[] = {"America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"};

void Require(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::abort();
}

v1::Clinician ClinicianOf(int number) {
  v1::Clinician clinician = SampleClinician();
  clinician.set_name("clinicians/benchmark-" + std::to_string(number));
  clinician.set_time_zone(kZones[number % std::size(kZones)]);
  for (const char* state : {"CA", "OR", "WA", "TX"}) {
    v1::Licence licence = clinician.licences(0);
    licence.set_state(state);
    *clinician.add_licences() = licence;
  }
  return clinician;
}

// A database that is made once and deleted at the end.
class Clinic {
 public:
  // Of all visits, `percent` are booked.
  explicit Clinic(unsigned percent) {
    std::filesystem::create_directory(folder_);
    auto opened = store::Database::Open({.url = "sqlite://" + folder_ + "/booking.db"});
    Require(opened.status());
    database_ = *std::move(opened);
    Require(MigrateBooking(*database_, clock_));
    clinicians_ = std::make_unique<SqlClinicianStore>(*database_, clock_);
    appointments_ = std::make_unique<SqlAppointmentStore>(*database_, clock_);
    search_ = std::make_unique<SlotSearch>(*clinicians_, *appointments_, clock_);
    for (int number = 0; number < kClinicians; ++number) Require(clinicians_->Create({}, ClinicianOf(number)).status());
    Book(percent);
  }
  ~Clinic() {
    database_.reset();
    std::filesystem::remove_all(folder_);
  }

  v1::SearchSlotsRequest Request() const {
    v1::SearchSlotsRequest request;
    request.set_patient_state("NY");
    request.set_patient_age_years(44);
    request.set_visit_type(kVisit);
    request.set_patient_time_zone("America/New_York");
    return request;
  }
  v1::SearchSlotsResponse Search(const v1::SearchSlotsRequest& request) {
    auto response = search_->Search(request);
    Require(response.status());
    return *std::move(response);
  }
  // As a process that has just started.
  void Forget() { search_ = std::make_unique<SlotSearch>(*clinicians_, *appointments_, clock_); }
  // Somebody edits a clinician.
  void Touch() { Require(clinicians_->Update({}, ClinicianOf(7)).status()); }

 private:
  void Book(unsigned percent) {
    std::mt19937 random(7);
    for (int number = 0; number < kClinicians; ++number) {
      const v1::Clinician clinician = ClinicianOf(number);
      std::vector<Booked> booked;
      const v1::VisitType& type = clinician.visit_types(0);
      const auto schedule = Schedule::Of(clinician, type);
      for (const Interval& visit : schedule->Visits(clock_.Now(), clock_.Now() + absl::Hours(24 * 14))) {
        if (random() % 100 >= percent) continue;
        Booked& row = booked.emplace_back(Booked{{}, TicksOf(WithBuffers(visit, type))});
        row.appointment.set_name(store::NewName("appointments"));
        *row.appointment.mutable_slot() = MakeSlot(clinician, kVisit, visit);
      }
      Require(database_->Write([&](soci::session& session) { return Insert(session, booked); }));
    }
  }
  absl::Status Insert(soci::session& session, const std::vector<Booked>& booked) {
    for (const Booked& row : booked) {
      const v1::Appointment& appointment = row.appointment;
      LUMBAR_RETURN_IF_ERROR(
          GainTicks(session, appointment.slot().clinician(), row.ticks, appointment.name(), clock_.Now()));
      LUMBAR_RETURN_IF_ERROR(InsertAppointment(session, row));
    }
    return absl::OkStatus();
  }

  const std::string folder_ = std::filesystem::temp_directory_path() / ("lumbar-benchmark-" + store::NewUuid());
  FakeClock clock_{At("2026-03-02T08:00:00-05:00")};
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<SqlClinicianStore> clinicians_;
  std::unique_ptr<SqlAppointmentStore> appointments_;
  std::unique_ptr<SlotSearch> search_;
};

Clinic& TheClinic() {
  static Clinic clinic(50);
  return clinic;
}

void FirstPage(benchmark::State& state) {
  const auto request = TheClinic().Request();
  for (auto _ : state) benchmark::DoNotOptimize(TheClinic().Search(request));
}
BENCHMARK(FirstPage)->Unit(benchmark::kMillisecond);

void DeepPage(benchmark::State& state) {
  auto request = TheClinic().Request();
  request.set_page_size(200);
  for (int page = 0; page < 100; ++page) request.set_page_token(TheClinic().Search(request).next_page_token());
  request.set_page_size(50);
  for (auto _ : state) benchmark::DoNotOptimize(TheClinic().Search(request));
}
BENCHMARK(DeepPage)->Unit(benchmark::kMillisecond);

// Nobody fits, so that all of the two weeks is searched.
void NothingFound(benchmark::State& state) {
  auto request = TheClinic().Request();
  request.set_patient_state("NJ");
  for (auto _ : state) benchmark::DoNotOptimize(TheClinic().Search(request));
}
BENCHMARK(NothingFound)->Unit(benchmark::kMillisecond);

void FirstPageAfterAChange(benchmark::State& state) {
  const auto request = TheClinic().Request();
  for (auto _ : state) {
    state.PauseTiming();
    TheClinic().Touch();
    state.ResumeTiming();
    benchmark::DoNotOptimize(TheClinic().Search(request));
  }
}
BENCHMARK(FirstPageAfterAChange)->Unit(benchmark::kMillisecond);

void FirstPageOfAProcessThatHasJustStarted(benchmark::State& state) {
  const auto request = TheClinic().Request();
  for (auto _ : state) {
    TheClinic().Forget();
    benchmark::DoNotOptimize(TheClinic().Search(request));
  }
}
BENCHMARK(FirstPageOfAProcessThatHasJustStarted)->Unit(benchmark::kMillisecond);

// The worst: all of two weeks is read, and nothing is free.
void FullyBooked(benchmark::State& state) {
  static Clinic clinic(100);
  auto request = clinic.Request();
  *request.mutable_end_time() = ToProtoTime(At("2026-03-15T08:00:00-04:00"));
  for (auto _ : state) {
    if (clinic.Search(request).slots_size() != 0) state.SkipWithError("something is free");
  }
}
BENCHMARK(FullyBooked)->Unit(benchmark::kMillisecond);

// A day of the window at 200 slots a page: what a whole window costs, page by page.
void AllOfADay(benchmark::State& state) {
  for (auto _ : state) {
    auto request = TheClinic().Request();
    request.set_page_size(200);
    *request.mutable_end_time() = ToProtoTime(At("2026-03-03T08:00:00-05:00"));
    int pages = 0;
    do {
      request.set_page_token(TheClinic().Search(request).next_page_token());
      ++pages;
    } while (!request.page_token().empty());
    state.counters["pages"] = pages;
  }
}
BENCHMARK(AllOfADay)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace lumbar::booking

BENCHMARK_MAIN();
