// Counts what patients text, for Prometheus.
#pragma once

#include <absl/time/time.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <memory>

#include "services/notification/domain/conversation_store.h"
#include "services/notification/domain/text_observer.h"

namespace lumbar::notification {

// notification_texts_received_total{kind,answerable}, notification_conversations_escalated_total,
// notification_conversations_waiting and notification_conversation_oldest_waiting_seconds. Thread safe.
class ConversationMetrics final : public TextObserver {
 public:
  explicit ConversationMetrics(std::shared_ptr<prometheus::Registry> registry);

  void Received(absl::string_view kind, bool answerable) override;
  void Escalated(int count) override;

  void Show(const ConversationBacklog& backlog, absl::Time now);

 private:
  const std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Family<prometheus::Counter>& received_;
  prometheus::Counter& escalated_;
  prometheus::Gauge& waiting_;
  prometheus::Gauge& oldest_;
};

}  // namespace lumbar::notification
