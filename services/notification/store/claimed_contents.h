// What claimed messages are about, within the transaction of the claim.
#pragma once

#include <absl/status/status.h>
#include <absl/time/time.h>
#include <soci/soci.h>

#include <vector>

#include "services/notification/domain/message_store.h"

namespace lumbar::notification {

// Adds to each of `claimed`, all of them until `lease_end`, its visit, what a reply says, and the others of one in
// doubt. One of which something can't be read is taken out, so that it doesn't stop everybody else's: it is logged, was
// not tried, and is looked at again when the lease ends.
absl::Status AddContents(soci::session& session, absl::Time lease_end, std::vector<ClaimedMessage>& claimed);

}  // namespace lumbar::notification
