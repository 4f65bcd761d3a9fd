#include "services/notification/adapters/conversation_metrics.h"

#include <string>
#include <utility>

#include "services/notification/adapters/metric_parts.h"

namespace lumbar::notification {
ConversationMetrics::ConversationMetrics(std::shared_ptr<prometheus::Registry> registry)
    : registry_(std::move(registry)),
      received_(Counter(*registry_, "notification_texts_received_total", "Texts from patients, by what they were")),
      escalated_(Counter(*registry_, "notification_conversations_escalated_total", "Conversations that waited too long")
                     .Add({})),
      waiting_(Gauge(*registry_, "notification_conversations_waiting", "Conversations that wait for an answer")),
      oldest_(Gauge(*registry_, "notification_conversation_oldest_waiting_seconds",
                    "How long the patient waits who waits longest")) {}

void ConversationMetrics::Received(absl::string_view kind, bool answerable) {
  received_.Add({{"kind", std::string(kind)}, {"answerable", answerable ? "true" : "false"}}).Increment();
}

void ConversationMetrics::Escalated(int count) { escalated_.Increment(count); }

void ConversationMetrics::Show(const ConversationBacklog& backlog, absl::Time now) {
  waiting_.Set(static_cast<double>(backlog.waiting));
  oldest_.Set(backlog.oldest ? absl::ToDoubleSeconds(now - *backlog.oldest) : 0);
}

}  // namespace lumbar::notification
