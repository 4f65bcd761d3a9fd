// Tells the staff of patients who wait too long for an answer.
#pragma once

#include "services/notification/domain/conversation_store.h"
#include "services/notification/domain/text_observer.h"

namespace lumbar::notification {

// How often EscalateOverdue is worth calling.
inline constexpr absl::Duration kEscalationPeriod = absl::Seconds(15);

// Escalates every conversation whose time has passed, in small transactions; with `alert` staff is told of each.
// Returns how many. What fails now is done next time.
int EscalateOverdue(ConversationStore& conversations, TextObserver& observer, bool alert);

// Forgets some of what was counted of hours gone by; returns whether there may be more.
bool SweepTexters(ConversationStore& conversations);

}  // namespace lumbar::notification
