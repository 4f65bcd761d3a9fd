#include "services/gateway/edge/exchange_recorder.h"

#include <absl/strings/str_cat.h>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <re2/re2.h>

#include <utility>

#include "common/telemetry/log.h"

namespace lumbar::gateway {
namespace {

const prometheus::Histogram::BucketBoundaries kSeconds = {0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25,
                                                          0.5,   0.75, 1,     2.5,  5,     7.5, 10};

std::string RequestId(absl::string_view sent, const TraceContext& trace) {
  static const RE2* const acceptable = new RE2("[A-Za-z0-9._-]{1,64}");
  return RE2::FullMatch(re2::StringPiece(sent.data(), sent.size()), *acceptable) ? std::string(sent) : trace.trace_id;
}

std::string MethodLabel(const HttpRequest& request) {
  switch (request.method()) {
    case http::verb::get:
    case http::verb::head:
    case http::verb::post:
    case http::verb::put:
    case http::verb::patch:
    case http::verb::delete_:
    case http::verb::options:
      return std::string(View(http::to_string(request.method())));
    default:
      return "OTHER";
  }
}

// As HTTP writes it. Made once a second.
const std::string& DateOf(absl::Time now) {
  thread_local int64_t second = 0;
  thread_local std::string date;
  const int64_t wanted = absl::ToUnixSeconds(now);
  if (date.empty() || std::exchange(second, wanted) != wanted) {
    date = absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", now, absl::UTCTimeZone());
  }
  return date;
}

// "no-cache": kept, but asked for again each time, so that no retracted text and no old visit is shown.
absl::string_view CacheControl(Keeping keeping, const HttpAnswer& answer) {
  const bool is_kept = answer.result() == http::status::ok || answer.result() == http::status::not_modified;
  if (!is_kept || keeping == Keeping::kNever) return "no-store";
  return keeping == Keeping::kPublic ? "no-cache" : "private, no-cache";
}

// Of refusals come most when there is least time to write them down; they are counted.
LogLevel LevelOf(const Exchange& exchange, bool ours) {
  if (exchange.reason == "RATE_LIMITED" || exchange.reason == "TOO_BUSY") return LogLevel::kDebug;
  return ours ? LogLevel::kWarning : LogLevel::kInfo;
}

}  // namespace

ExchangeRecorder::ExchangeRecorder(std::shared_ptr<prometheus::Registry> registry, const Clock& steady,
                                   const Clock& now)
    : registry_(std::move(registry)),
      steady_(steady),
      now_(now),
      exchanges_(prometheus::BuildCounter()
                     .Name("lumbar_edge_exchanges_total")
                     .Help("Answers of the public port by route template, HTTP method and status.")
                     .Register(*registry_)),
      seconds_(prometheus::BuildHistogram()
                   .Name("lumbar_edge_exchange_seconds")
                   .Help("From a request that was read wholly to its answer, by route template.")
                   .Register(*registry_)) {}

Exchange ExchangeRecorder::Begin(const HttpRequest& request) const {
  Exchange exchange = Begin(View(request["traceparent"]), View(request["X-Request-Id"]));
  exchange.http_method = MethodLabel(request);
  exchange.if_none_match = std::string(View(request[http::field::if_none_match]));
  exchange.origin = std::string(View(request[http::field::origin]));
  return exchange;
}

Exchange ExchangeRecorder::Begin(absl::string_view traceparent, absl::string_view request_id) const {
  Exchange exchange;
  const auto sent = ParseTraceparent(traceparent);
  exchange.trace = sent ? ChildOf(*sent) : NewTrace();
  exchange.request_id = RequestId(request_id, exchange.trace);
  exchange.start = steady_.Now();
  return exchange;
}

Exchange ExchangeRecorder::BeginUnreadable() const {
  Exchange exchange = Begin("", "");
  exchange.http_method = "OTHER";
  exchange.route_label = "unreadable";
  return exchange;
}

void ExchangeRecorder::Dress(const Exchange& exchange, HttpAnswer& answer) const {
  answer.set("X-Request-Id", exchange.request_id);
  answer.set(http::field::date, View(absl::string_view(DateOf(now_.Now()))));
  answer.set(http::field::cache_control, View(CacheControl(exchange.keeping, answer)));
  answer.set("X-Content-Type-Options", "nosniff");
  if (answer.count("Content-Security-Policy") == 0) {
    answer.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  }
  answer.set("Referrer-Policy", "no-referrer");
}

ExchangeRecorder::Series ExchangeRecorder::SeriesOf(const Exchange& exchange, int code) const {
  const std::string key =
      absl::StrCat(exchange.protocol, "\n", exchange.http_method, "\n", exchange.route_label, "\n", code);
  const MutexLock lock(mutex_);
  const auto [place, is_new] = series_.try_emplace(key);
  if (is_new) {
    place->second.count = &exchanges_.Add({{"route", exchange.route_label},
                                           {"method", exchange.http_method},
                                           {"protocol", exchange.protocol},
                                           {"code", std::to_string(code)}});
    place->second.seconds = &seconds_.Add({{"route", exchange.route_label}}, kSeconds);
  }
  return place->second;
}

void ExchangeRecorder::Finish(const Exchange& exchange, int code, size_t bytes, bool ours) const {
  const absl::Duration duration = steady_.Now() - exchange.start;
  const Series series = SeriesOf(exchange, code);
  series.count->Increment();
  series.seconds->Observe(absl::ToDoubleSeconds(duration));
  lumbar::Log(LevelOf(exchange, ours), "exchange",
              {{"trace_id", exchange.trace.trace_id},
               {"request_id", exchange.request_id},
               {"protocol", exchange.protocol},
               {"http_method", exchange.http_method},
               {"route", exchange.route_label},
               {"method", exchange.rpc_name},
               {"code", int64_t{code}},
               {"reason", exchange.reason},
               {"bytes", static_cast<int64_t>(bytes)},
               {"duration_ms", absl::ToDoubleMilliseconds(duration)}});
}

}  // namespace lumbar::gateway
