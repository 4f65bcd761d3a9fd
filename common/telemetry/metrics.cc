#include "common/telemetry/metrics.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/strip.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <chrono>
#include <exception>
#include <future>
#include <utility>

#include "common/status/errors.h"

namespace lumbar {
namespace {

// By the number of the code; grpc-go's spelling.
constexpr std::array<const char*, MethodMetrics::kCodes> kCodeNames = {
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};

// Seconds; OpenTelemetry's boundaries for the duration of a call.
const prometheus::Histogram::BucketBoundaries& Buckets() {
  static const auto& buckets = *new prometheus::Histogram::BucketBoundaries{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25,
                                                                            0.5,   0.75, 1,     2.5,  5,     7.5, 10};
  return buckets;
}

const char* NameOf(RpcType type) { return type == RpcType::kUnary ? "unary" : "server_stream"; }

prometheus::Family<prometheus::Counter>& CounterFamily(prometheus::Registry& registry, const char* name,
                                                       const char* what) {
  return prometheus::BuildCounter().Name(name).Help(what).Register(registry);
}

absl::Status MetricsPortTaken(absl::string_view place) {
  return WithReason(absl::UnavailableError(absl::StrCat("can't serve /metrics on ", place,
                                                        "; choose a free port and an address of this host")),
                    "METRICS_PORT_TAKEN");
}

constexpr auto kKnockPause = std::chrono::milliseconds(5);

// Waits for nobody to open.
void Knock(absl::string_view address, int port) {
  absl::ConsumePrefix(&address, "[");
  absl::ConsumeSuffix(&address, "]");
  boost::system::error_code ignored;
  const boost::asio::ip::tcp::endpoint door(boost::asio::ip::make_address(std::string(address), ignored),
                                            static_cast<uint16_t>(port));
  boost::asio::io_context context;
  boost::asio::ip::tcp::socket socket(context);
  socket.open(door.protocol(), ignored);
  socket.non_blocking(true, ignored);
  socket.connect(door, ignored);
}

}  // namespace

void MethodMetrics::Started() { started_->Increment(); }

void MethodMetrics::Handled(absl::StatusCode code, absl::Duration duration) {
  const auto index = static_cast<size_t>(code);
  handled_[index < kCodes ? index : static_cast<size_t>(absl::StatusCode::kUnknown)]->Increment();
  seconds_->Observe(absl::ToDoubleSeconds(duration));
}

RpcMetrics::RpcMetrics(std::shared_ptr<prometheus::Registry> registry)
    : registry_(std::move(registry)),
      started_(CounterFamily(*registry_, "grpc_server_started_total", "Calls that arrived.")),
      handled_(CounterFamily(*registry_, "grpc_server_handled_total", "Calls that ended, by status code.")),
      seconds_(prometheus::BuildHistogram()
                   .Name("grpc_server_handling_seconds")
                   .Help("Seconds from a call's arrival to its status.")
                   .Register(*registry_)) {}

MethodMetrics* RpcMetrics::ForMethod(absl::string_view service, absl::string_view method, RpcType type) {
  MutexLock lock(mutex_);
  auto& slot = methods_[absl::StrCat(service, "/", method, "/", NameOf(type))];
  if (slot != nullptr) return slot.get();
  slot = std::make_unique<MethodMetrics>();
  std::map<std::string, std::string> labels = {
      {"grpc_type", NameOf(type)}, {"grpc_service", std::string(service)}, {"grpc_method", std::string(method)}};
  slot->started_ = &started_.Add(labels);
  slot->seconds_ = &seconds_.Add(labels, Buckets());
  for (size_t code = 0; code < MethodMetrics::kCodes; ++code) {
    labels["grpc_code"] = kCodeNames[code];
    slot->handled_[code] = &handled_.Add(labels);
  }
  return slot.get();
}

MetricsEndpoint::MetricsEndpoint(std::unique_ptr<prometheus::Exposer> exposer,
                                 std::shared_ptr<prometheus::Registry> registry, std::string address)
    : address_(std::move(address)), registry_(std::move(registry)), exposer_(std::move(exposer)) {
  exposer_->RegisterCollectable(registry_);
}

MetricsEndpoint::~MetricsEndpoint() {
  // civetweb, which it is made of, sees every 2 s whether it is to end, or when somebody knocks.
  const int knocked = port();
  const std::future<void> ended = std::async(std::launch::async, [this] { exposer_.reset(); });
  // Again and again, for nobody tells when it has begun to end.
  do {
    Knock(address_, knocked);
  } while (ended.wait_for(kKnockPause) != std::future_status::ready);
}

absl::StatusOr<std::unique_ptr<MetricsEndpoint>> MetricsEndpoint::Start(
    absl::string_view address, int port, std::shared_ptr<prometheus::Registry> registry) {
  const std::string place = absl::StrCat(address, ":", port);
  try {
    auto exposer = std::make_unique<prometheus::Exposer>(place, 1);
    return std::unique_ptr<MetricsEndpoint>(
        new MetricsEndpoint(std::move(exposer), std::move(registry), std::string(address)));
  } catch (const std::exception&) {
    return MetricsPortTaken(place);
  }
}

int MetricsEndpoint::port() const { return exposer_->GetListeningPorts().front(); }

}  // namespace lumbar
