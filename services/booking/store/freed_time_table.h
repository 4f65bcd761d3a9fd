// The table of freed times, within a transaction that the caller opened.
#pragma once

#include <absl/time/time.h>
#include <soci/soci.h>

#include <string>
#include <vector>

#include "services/booking/domain/waitlist_store.h"

namespace lumbar::booking {

// Notes that time in `range` may have come free, if anybody waits at all.
void NoteFreed(soci::session& session, const std::string& clinician, TickRange range);
// The same of all the clinician's time: the hours are others now.
void NoteFreed(soci::session& session, const std::string& clinician);

std::vector<FreedTime> ReadFreed(soci::session& session, int limit);
void ForgetFreed(soci::session& session, const std::string& id);

// The ticks that expired after `since` and until `now` and still lie there, as stretches: at most `limit`, those that
// expired first.
WaitlistQueue::Expired ReadExpired(soci::session& session, absl::Time since, absl::Time now, int limit);

}  // namespace lumbar::booking
