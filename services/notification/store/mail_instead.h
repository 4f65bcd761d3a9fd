// What becomes of a message that no text could tell, within a transaction that the caller opened.
#pragma once

#include <absl/time/time.h>
#include <soci/soci.h>

#include "lumbar/notification/v1/message.pb.h"

namespace lumbar::notification {

// Queues a mail that says what `text` should have said, due now, unless the visit's version has one of that kind.
void MailInstead(soci::session& session, const v1::Message& text, absl::Time now);

}  // namespace lumbar::notification
