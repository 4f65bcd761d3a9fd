// Any body, query and content type that Connect or gRPC-Web may bring gets exactly one answer.
#include <prometheus/registry.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <string>

#include "common/telemetry/log.h"
#include "common/time/clock.h"
#include "services/gateway/edge/edge_handler.h"
#include "services/gateway/edge/fake_upstream.h"
#include "services/gateway/edge/testing.h"

namespace lumbar::gateway {
namespace {

constexpr std::array<const char*, 8> kTypes = {
    "application/json",          "application/proto",         "application/connect+json", "application/connect+proto",
    "application/grpc-web-text", "application/grpc-web+json", "application/grpc-web",     "text/plain"};
constexpr std::array<const char*, 3> kPaths = {"/lumbar.content.v1.ContentService/GetArticle",
                                               "/lumbar.triage.v1.TriageService/Assess",
                                               "/lumbar.booking.v1.BookingService/WatchAppointments"};

struct Edge {
  Edge() { InitLoggingTo(log, "gateway", LogLevel::kError); }

  std::ostringstream log;
  FakeUpstream upstream;
  SystemClock clock;
  ExchangeRecorder recorder{std::make_shared<prometheus::Registry>(), clock, clock};
  Admission admission;
  EdgeHandler handler{*RouteTable::Build(AllServices()), upstream, admission, [] { return true; }, Limits(), recorder};
};

}  // namespace
}  // namespace lumbar::gateway

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lumbar::gateway;  // NOLINT(google-build-using-namespace)
  static Edge& edge = *new Edge();
  if (size < 3) return 0;
  const bool is_get = data[0] % 2 == 1;
  std::string rest(reinterpret_cast<const char*>(data + 3), size - 3);
  std::string target = kPaths[data[1] % kPaths.size()];
  HttpRequest request(is_get ? http::verb::get : http::verb::post, View(absl::string_view(target)), 11);
  if (is_get) request.target(View(absl::string_view(target + "?" + rest)));
  request.set(http::field::host, "x");
  request.set(http::field::content_type, kTypes[data[2] % kTypes.size()]);
  if (!is_get) request.body() = rest;
  int answers = 0;
  edge.handler.Handle(request, Visitor(), [&](HttpAnswer, const std::shared_ptr<BodySource>&) { ++answers; });
  edge.upstream.EndStream();
  if (answers != 1) std::abort();
  return 0;
}
