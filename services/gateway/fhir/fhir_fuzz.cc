// Any address, header and body gets exactly one answer, which is FHIR's JSON.
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
#include "services/gateway/fhir/element.h"
#include "services/gateway/fhir/fhir_facade.h"

namespace lumbar::gateway {
namespace {

constexpr std::array<const char*, 12> kPaths = {"QuestionnaireResponse",
                                                "Appointment/$find",
                                                "Appointment/$hold",
                                                "Appointment/$book",
                                                "Appointment/aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
                                                "Slot",
                                                "Task",
                                                "Task/_search",
                                                "Appointment/_search",
                                                "Schedule",
                                                "RiskAssessment/11111111-2222-4333-8444-555555555555",
                                                "metadata"};
constexpr std::array<http::verb, 3> kMethods = {http::verb::get, http::verb::post, http::verb::put};

struct FuzzedFacade {
  FuzzedFacade() { InitLoggingTo(log, "gateway", LogLevel::kError); }

  std::ostringstream log;
  FakeUpstream upstream;
  SystemClock clock;
  ExchangeRecorder recorder{std::make_shared<prometheus::Registry>(), clock, clock};
  Admission admission;
  std::unique_ptr<FhirFacade> facade = *FhirFacade::Create({}, Limits(), clock, clock);
  EdgeHandler handler{*RouteTable::Build(AllServices()),
                      upstream,
                      admission,
                      [] { return true; },
                      Limits(),
                      recorder,
                      Cors(),
                      {},
                      facade.get()};
};

}  // namespace
}  // namespace lumbar::gateway

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lumbar::gateway;  // NOLINT(google-build-using-namespace)
  static FuzzedFacade& fuzzed = *new FuzzedFacade();
  if (size < 2) return 0;
  const std::string rest(reinterpret_cast<const char*>(data + 2), size - 2);
  const http::verb method = kMethods[data[0] % kMethods.size()];
  std::string target = std::string("/fhir/R4/") + kPaths[data[1] % kPaths.size()];
  const bool is_form = target.find("_search") != std::string::npos;
  if (method == http::verb::get) target += "?" + rest;
  HttpRequest request(method, View(absl::string_view(target)), 11);
  request.set(http::field::host, "x");
  request.set(http::field::content_type, is_form ? "application/x-www-form-urlencoded" : "application/fhir+json");
  if (method != http::verb::get) request.body() = rest;
  if (data[0] >= 128) request.set(http::field::if_match, rest.substr(0, rest.find_first_of("\r\n")));
  // What the services answer may be anything, too: they aren't trusted to keep to their contract.
  fuzzed.upstream.AnswerWith(data[0] % 2 == 0 ? std::string() : rest);
  int answers = 0;
  std::string body;
  fuzzed.handler.Handle(request, Visitor(), [&](const HttpAnswer& answer, const std::shared_ptr<BodySource>&) {
    ++answers;
    body = answer.body();
  });
  fuzzed.upstream.EndStream();
  if (answers != 1 || fhir::Json::parse(body, nullptr, /*allow_exceptions=*/false).is_discarded()) std::abort();
  return 0;
}
