#include "tests/load/booking_served.h"

#include <absl/strings/str_cat.h>
#include <absl/time/clock.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/auth/assessment_token.h"
#include "common/store/resource_name.h"
#include "lumbar/booking/v1/booking_service.grpc.pb.h"
#include "lumbar/booking/v1/clinician_service.grpc.pb.h"
#include "tests/load/booking_calls.h"
#include "tests/load/booking_plan.h"

namespace lumbar::load {
namespace {

using booking::v1::BookingService;
using Clock = std::chrono::steady_clock;

constexpr auto kDeadline = std::chrono::seconds(10);

std::shared_ptr<grpc::Channel> Connect(const std::string& target) {
  grpc::ChannelArguments arguments;
  // Else all would share one connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

void Prepare(grpc::ClientContext& context, const std::string& token) {
  context.set_deadline(std::chrono::system_clock::now() + kDeadline);
  context.set_wait_for_ready(true);
  context.AddMetadata("authorization", "Bearer " + token);
}

// The requests of a run, signed beforehand.
std::vector<booking::v1::CreateHoldRequest> Requests(const ServedRun& run, int64_t count, bool same_slot) {
  const auto signer = auth::Signer::Open(run.key_file, run.key_id);
  if (!signer.ok()) {
    std::cerr << signer.status().message() << "\n";
    std::exit(1);  // NOLINT(concurrency-mt-unsafe): no other thread runs yet
  }
  const auth::AssessmentSigner assessor(*signer);
  const absl::Time now = absl::Now();
  std::vector<booking::v1::CreateHoldRequest> requests;
  for (int64_t i = 0; i < count; ++i) {
    booking::v1::CreateHoldRequest request = Wanted(same_slot ? run.first : run.first + i);
    request.set_request_id(store::NewUuid());
    request.set_patient(Patient(run.first + i));
    request.set_signed_assessment(*assessor.Sign({.patient = request.patient(),
                                                  .level = "SELF_CARE",
                                                  .act_by = now + absl::Hours(24 * 5),
                                                  .findings_sha256 = std::string(64, 'a'),
                                                  .rules_sha256 = std::string(64, 'b'),
                                                  .protocol = "protocols/low-back-pain",
                                                  .issued_at = now,
                                                  .expires_at = now + absl::Hours(4)}));
    requests.push_back(std::move(request));
  }
  return requests;
}

// Lanes on a few connections, each with a thread of its own. What a lane's calls give comes on its connection's thread.
class Load {
 public:
  explicit Load(const ServedRun& run) {
    const auto port = static_cast<uint16_t>(std::stoi(run.target.substr(run.target.rfind(':') + 1)));
    for (int i = 0; i < run.channels; ++i) {
      connections_.push_back(std::make_unique<BookingCalls>(port, run.token, holds_, confirms_));
    }
  }

  BookingCalls& Of(int lane) { return *connections_[static_cast<size_t>(lane) % connections_.size()]; }
  // Until all that was begun, and what it begins, is answered.
  void Run() {
    std::vector<std::thread> threads;
    threads.reserve(connections_.size());
    for (const auto& connection : connections_) threads.emplace_back([&connection] { connection->Run(); });
    for (auto& thread : threads) thread.join();
  }

  Tally& holds() { return holds_; }
  Tally& confirms() { return confirms_; }

 private:
  Tally holds_, confirms_;
  std::vector<std::unique_ptr<BookingCalls>> connections_;
};

double SecondsSince(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

}  // namespace

int AddClinicians(const ServedRun& run) {
  const auto stub = booking::v1::ClinicianService::NewStub(Connect(run.target));
  for (int i = 0; i < kClinicians; ++i) {
    grpc::ClientContext context;
    Prepare(context, run.token);
    booking::v1::CreateClinicianResponse response;
    const grpc::Status status = stub->CreateClinician(&context, Clinician(i), &response);
    if (status.ok()) continue;
    std::cerr << status.error_message() << "\n";
    return 1;
  }
  return 0;
}

int BookServed(const ServedRun& run) {
  const auto requests = Requests(run, run.bookings, false);
  Load load(run);
  std::atomic<size_t> next = 0;
  std::atomic<int64_t> booked = 0;
  std::function<void(int)> book = [&](int lane) {
    const size_t own = next++;
    if (own >= requests.size()) return;
    load.Of(lane).Hold(requests[own], [&, lane](const absl::Status& held, const auto& answer) {
      if (!held.ok()) return book(lane);
      load.Of(lane).Confirm(answer.hold().name(), store::NewUuid(),
                            [&, lane](const absl::Status& confirmed, const auto&) {
                              booked += confirmed.ok();
                              book(lane);
                            });
    });
  };
  const auto start = Clock::now();
  for (int lane = 0; lane < run.in_flight; ++lane) book(lane);
  load.Run();
  const double seconds = SecondsSince(start);
  std::cout << "{\"booked\":" << booked << ",\"seconds\":" << seconds << "," << load.holds().Json("hold") << ","
            << load.confirms().Json("confirm") << "}\n";
  std::cerr << load.holds().failure() << load.confirms().failure();
  return booked == run.bookings ? 0 : 1;
}

int BookHotSlot(const ServedRun& run) {
  const auto requests = Requests(run, run.in_flight, true);
  Load load(run);
  std::atomic<int> won = 0, taken = 0;
  for (int lane = 0; lane < run.in_flight; ++lane) {
    load.Of(lane).Hold(requests[static_cast<size_t>(lane)], [&](const absl::Status& held, const auto&) {
      won += held.ok();
      taken += absl::IsAlreadyExists(held);
    });
  }
  load.Run();
  std::cout << "{\"won\":" << won << ",\"taken\":" << taken << "," << load.holds().Json("hold") << "}\n";
  return won == 1 && taken == run.in_flight - 1 ? 0 : 1;
}

int Replay(const ServedRun& run) {
  const auto requests = Requests(run, 1, false);
  Load load(run);
  std::mutex mutex;
  std::string first_hold, first_appointment;
  std::atomic<int64_t> left = run.bookings, other = 0;
  const std::string request_id = store::NewUuid();
  const auto same = [&](std::string& first, const absl::Status& status, const std::string& answer) {
    const std::lock_guard<std::mutex> lock(mutex);
    if (status.ok() && first.empty()) first = answer;
    other += !status.ok() || answer != first;
  };
  std::function<void(int)> replay = [&](int lane) {
    if (left-- <= 0) return;
    load.Of(lane).Hold(requests[0], [&, lane](const absl::Status& held, const auto& answer) {
      same(first_hold, held, answer.SerializeAsString());
      if (!held.ok()) return replay(lane);
      load.Of(lane).Confirm(answer.hold().name(), request_id,
                            [&, lane](const absl::Status& confirmed, const auto& booked) {
                              same(first_appointment, confirmed, booked.SerializeAsString());
                              replay(lane);
                            });
    });
  };
  const auto start = Clock::now();
  for (int lane = 0; lane < run.in_flight; ++lane) replay(lane);
  load.Run();
  const double seconds = SecondsSince(start);
  booking::v1::ListAppointmentsRequest list;
  list.set_patient(Patient(run.first));
  booking::v1::ListAppointmentsResponse listed;
  grpc::ClientContext context;
  Prepare(context, run.token);
  const bool read = BookingService::NewStub(Connect(run.target))->ListAppointments(&context, list, &listed).ok();
  std::cout << "{\"replays\":" << 2 * run.bookings << ",\"otherAnswers\":" << other
            << ",\"appointments\":" << listed.appointments_size() << ",\"seconds\":" << seconds << ","
            << load.holds().Json("hold") << "," << load.confirms().Json("confirm") << "}\n";
  return read && other == 0 && listed.appointments_size() == 1 ? 0 : 1;
}

int MeasureLatency(const ServedRun& run) {
  const auto requests = Requests(run, run.bookings, false);
  const auto stub = BookingService::NewStub(Connect(run.target));
  Tally searches, holds, confirms, lists;
  const auto call = [&](Tally& tally, auto method, const auto& request, auto& response) {
    grpc::ClientContext context;
    Prepare(context, run.token);
    const auto sent = Clock::now();
    const grpc::Status status = ((*stub).*method)(&context, request, &response);
    tally.Count(sent, {static_cast<absl::StatusCode>(status.error_code()), status.error_message()});
  };
  for (int64_t i = 0; i < run.bookings; ++i) {
    const auto& wanted = requests[static_cast<size_t>(i)];
    booking::v1::SearchSlotsRequest search;
    search.set_patient_state("NY");
    search.set_patient_age_years(41);
    search.set_visit_type(kVisitType);
    booking::v1::SearchSlotsResponse slots;
    call(searches, &BookingService::Stub::SearchSlots, search, slots);
    booking::v1::CreateHoldResponse hold;
    call(holds, &BookingService::Stub::CreateHold, wanted, hold);
    booking::v1::ConfirmHoldRequest confirm;
    confirm.set_request_id(store::NewUuid());
    confirm.set_name(hold.hold().name());
    booking::v1::ConfirmHoldResponse confirmed;
    call(confirms, &BookingService::Stub::ConfirmHold, confirm, confirmed);
    booking::v1::ListAppointmentsRequest list;
    list.set_patient(absl::StrCat("patients/past-", i % 200));
    booking::v1::ListAppointmentsResponse listed;
    call(lists, &BookingService::Stub::ListAppointments, list, listed);
    if (listed.appointments_size() == 5) continue;
    std::cerr << list.patient() << " has " << listed.appointments_size() << " appointments\n";
    return 1;
  }
  std::cout << "{" << searches.Json("SearchSlots") << "," << holds.Json("CreateHold") << ","
            << confirms.Json("ConfirmHold") << "," << lists.Json("ListAppointments") << "}\n";
  return searches.failed() + holds.failed() + confirms.failed() + lists.failed() == 0 ? 0 : 1;
}

}  // namespace lumbar::load
