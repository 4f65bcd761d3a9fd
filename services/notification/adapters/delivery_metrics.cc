#include "services/notification/adapters/delivery_metrics.h"

#include <string>
#include <utility>

#include "services/notification/adapters/metric_parts.h"
#include "services/notification/domain/plan.h"

namespace lumbar::notification {
DeliveryMetrics::DeliveryMetrics(std::shared_ptr<prometheus::Registry> registry)
    : registry_(std::move(registry)),
      sent_(Counter(*registry_, "notification_messages_sent_total", "Messages taken by the mail server")),
      dropped_(Counter(*registry_, "notification_messages_dropped_total", "Messages not sent because wrong by then")),
      dead_(Counter(*registry_, "notification_messages_dead_total", "Messages given up")),
      retried_(Counter(*registry_, "notification_messages_retried_total", "Tries that failed and are repeated")),
      told_(Counter(*registry_, "notification_messages_told_total", "Messages that a provider told more of")),
      unknown_(Counter(*registry_, "notification_messages_unknown_total", "Tries whose outcome nobody knows").Add({})),
      queued_(Gauge(*registry_, "notification_messages_queued", "Messages that wait")),
      oldest_due_(Gauge(*registry_, "notification_oldest_due_seconds", "How long the oldest due message waits")) {
  // There from the start, so that an alert can tell none from not counted.
  for (const absl::string_view by_version : {kSuperseded, kAppointmentCancelled}) Dropped(by_version, 0);
}

void DeliveryMetrics::Sent(v1::MessageKind kind) { sent_.Add({{"kind", v1::MessageKind_Name(kind)}}).Increment(); }

void DeliveryMetrics::Dropped(absl::string_view reason, int64_t count) {
  dropped_.Add({{"reason", std::string(reason)}}).Increment(static_cast<double>(count));
}

void DeliveryMetrics::Dead(absl::string_view reason) { dead_.Add({{"reason", std::string(reason)}}).Increment(); }

void DeliveryMetrics::Retried(absl::string_view reason) { retried_.Add({{"reason", std::string(reason)}}).Increment(); }

void DeliveryMetrics::Told(v1::MessageState state) { told_.Add({{"state", v1::MessageState_Name(state)}}).Increment(); }

void DeliveryMetrics::Unknown() { unknown_.Increment(); }

void DeliveryMetrics::Show(const Backlog& backlog, absl::Time now) {
  queued_.Set(static_cast<double>(backlog.queued));
  oldest_due_.Set(backlog.oldest_due ? absl::ToDoubleSeconds(now - *backlog.oldest_due) : 0);
}

}  // namespace lumbar::notification
