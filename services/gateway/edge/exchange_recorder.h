// Gives each exchange its ids, and tells what became of it: one log line, one count, one duration.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/container/flat_hash_map.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <memory>
#include <string>

#include "common/concurrency/mutex.h"
#include "common/time/clock.h"
#include "services/gateway/edge/exchange.h"
#include "services/gateway/edge/http.h"

namespace prometheus {
class Counter;
class Histogram;
class Registry;
template <typename T>
class Family;
}  // namespace prometheus

namespace lumbar::gateway {

// Thread safe.
class ExchangeRecorder {
 public:
  // `steady` goes on evenly, `now` tells the time; both outlive it.
  ExchangeRecorder(std::shared_ptr<prometheus::Registry> registry, const Clock& steady, const Clock& now);

  // Begins a trace where the client sent none.
  Exchange Begin(const HttpRequest& request) const;
  // The same from the two fields that tell it.
  Exchange Begin(absl::string_view traceparent, absl::string_view request_id) const;
  // For bytes that never became a request.
  Exchange BeginUnreadable() const;

  // Adds what every answer of HTTP's carries: the request id, the date, the security and the cache headers.
  void Dress(const Exchange& exchange, HttpAnswer& answer) const;
  // Logs and counts. `code`: HTTP's status, or gRPC's where the protocol has its own. `ours`: the failure is.
  void Finish(const Exchange& exchange, int code, size_t bytes, bool ours) const;

 private:
  // What an exchange of one kind is counted by.
  struct Series {
    prometheus::Counter* count;
    prometheus::Histogram* seconds;
  };
  Series SeriesOf(const Exchange& exchange, int code) const;

  const std::shared_ptr<prometheus::Registry> registry_;
  const Clock& steady_;
  const Clock& now_;
  prometheus::Family<prometheus::Counter>& exchanges_;
  prometheus::Family<prometheus::Histogram>& seconds_;
  mutable Mutex mutex_;
  // By all labels in one text: the library's own way by a map of them takes ten times as long.
  mutable absl::flat_hash_map<std::string, Series> series_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace lumbar::gateway
