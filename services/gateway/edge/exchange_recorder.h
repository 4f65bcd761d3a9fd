// Gives each exchange its ids, and tells what became of it: one log line, one count, one duration.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <memory>
#include <string>

#include "common/telemetry/trace.h"
#include "common/time/clock.h"
#include "services/gateway/edge/http.h"
#include "services/gateway/edge/route_table.h"

namespace prometheus {
class Counter;
class Histogram;
class Registry;
template <typename T>
class Family;
}  // namespace prometheus

namespace lumbar::gateway {

struct Exchange {
  // The client's X-Request-Id if it is 1 to 64 of [A-Za-z0-9._-], else the trace id.
  std::string request_id;
  TraceContext trace;
  absl::Time start;
  // "OTHER" for what isn't a method of RFC 9110: labels have few values.
  std::string http_method;
  // A template, never a path: paths name patients' things.
  std::string route_label = "unmatched";
  const Route* route = nullptr;
  // As the client sent it.
  std::string if_none_match;
  // The reason of a failure.
  std::string reason;
};

// Thread safe.
class ExchangeRecorder {
 public:
  ExchangeRecorder(std::shared_ptr<prometheus::Registry> registry, const Clock& clock);

  // Begins a trace where the client sent none.
  Exchange Begin(const HttpRequest& request) const;
  // For bytes that never became a request.
  Exchange BeginUnreadable() const;

  // Adds what every answer carries: the request id, the date, the security and the cache headers; then logs and counts.
  void Finish(const Exchange& exchange, HttpAnswer& answer) const;

 private:
  void Log(const Exchange& exchange, const HttpAnswer& answer, absl::Duration duration) const;

  const std::shared_ptr<prometheus::Registry> registry_;
  const Clock& clock_;
  prometheus::Family<prometheus::Counter>& exchanges_;
  prometheus::Family<prometheus::Histogram>& seconds_;
};

}  // namespace lumbar::gateway
