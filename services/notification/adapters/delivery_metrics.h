// Counts what becomes of messages, for Prometheus.
#pragma once

#include <absl/time/time.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <memory>

#include "services/notification/domain/delivery_observer.h"
#include "services/notification/domain/message_store.h"

namespace lumbar::notification {

// notification_messages_sent_total{kind}, _dropped_total{reason}, _dead_total{reason}, _retried_total{reason},
// _told_total{state}, _unknown_total, notification_messages_queued and notification_oldest_due_seconds. Thread safe.
class DeliveryMetrics final : public DeliveryObserver {
 public:
  explicit DeliveryMetrics(std::shared_ptr<prometheus::Registry> registry);

  void Sent(v1::MessageKind kind) override;
  void Dropped(absl::string_view reason, int64_t count) override;
  void Dead(absl::string_view reason) override;
  void Retried(absl::string_view reason) override;
  void Told(v1::MessageState state) override;
  void Unknown() override;

  void Show(const Backlog& backlog, absl::Time now);

 private:
  const std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Family<prometheus::Counter>& sent_;
  prometheus::Family<prometheus::Counter>& dropped_;
  prometheus::Family<prometheus::Counter>& dead_;
  prometheus::Family<prometheus::Counter>& retried_;
  prometheus::Family<prometheus::Counter>& told_;
  prometheus::Counter& unknown_;
  prometheus::Gauge& queued_;
  prometheus::Gauge& oldest_due_;
};

}  // namespace lumbar::notification
