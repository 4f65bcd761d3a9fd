#include "services/notification/domain/escalation.h"

#include "common/telemetry/log.h"
#include "services/notification/domain/reasons.h"

namespace lumbar::notification {
namespace {

constexpr int kAtOnce = 50;

}  // namespace

int EscalateOverdue(ConversationStore& conversations, TextObserver& observer, bool alert) {
  int escalated = 0;
  while (true) {
    const absl::StatusOr<int> done = conversations.Escalate(kAtOnce, alert);
    if (!done.ok()) {
      Log(LogLevel::kWarning, "conversations_not_escalated", {{"reason", ReasonFor(done.status())}});
      return escalated;
    }
    if (*done > 0) observer.Escalated(*done);
    escalated += *done;
    if (*done < kAtOnce) return escalated;
  }
}

bool SweepTexters(ConversationStore& conversations) {
  const absl::StatusOr<int> swept = conversations.Sweep(kAtOnce);
  return swept.ok() && *swept == kAtOnce;
}

}  // namespace lumbar::notification
