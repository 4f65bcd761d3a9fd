// Many calls of BookingService at a time, from few threads and at little cost: a load generator shares its machine with
// what it measures, and pgbench, which the service is compared with, costs next to nothing.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>
#include <google/protobuf/message.h>

#include <chrono>
#include <functional>
#include <mutex>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "common/http2/testing/client.h"
#include "lumbar/booking/v1/booking_service.pb.h"

namespace lumbar::load {

// How the calls of one method went. Thread safe.
class Tally {
 public:
  using Clock = std::chrono::steady_clock;

  void Count(Clock::time_point sent, const absl::Status& status);
  int64_t failed() const { return failed_; }
  // Why the first of them failed.
  const std::string& failure() const { return failure_; }
  // As members of a JSON object.
  std::string Json(const std::string& name);

 private:
  std::mutex mutex_;
  std::vector<double> milliseconds_;
  int64_t failed_ = 0;
  std::string failure_;
};

// One connection and the calls on it; one thread's.
class BookingCalls {
 public:
  using GiveHold = std::function<void(const absl::Status&, const booking::v1::CreateHoldResponse&)>;
  using GiveAppointment = std::function<void(const absl::Status&, const booking::v1::ConfirmHoldResponse&)>;

  BookingCalls(uint16_t port, const std::string& token, Tally& holds, Tally& confirms);

  // `give` is called by Run, and may begin other calls.
  void Hold(const booking::v1::CreateHoldRequest& request, GiveHold give);
  void Confirm(const std::string& hold, const std::string& request_id, GiveAppointment give);
  // Until every call has its answer, or none came for five seconds: then those that wait fail with UNAVAILABLE.
  void Run();

 private:
  using Finish = std::function<void(const http2::Answered*)>;

  template <typename Response>
  void Begin(absl::string_view method, const google::protobuf::Message& request, Tally& tally,
             std::function<void(const absl::Status&, const Response&)> give);

  http2::TestClient client_;
  const std::string authorization_;
  Tally& holds_;
  Tally& confirms_;
  std::vector<std::pair<int32_t, Finish>> waiting_;
};

}  // namespace lumbar::load
