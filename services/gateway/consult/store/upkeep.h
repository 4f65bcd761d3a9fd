// What the database of consults wants done now and then, in steps: each is one batch, so that a stop waits for no more.
#pragma once

#include "common/store/database.h"
#include "common/time/clock.h"
#include "services/gateway/consult/store/sql_consult_store.h"

namespace lumbar::gateway {

// For the lists: consults that a version without them wrote, also while one runs beside this. Returns whether there may
// be more. What fails now is done next time, here and below.
bool FillInOlderConsults(SqlConsultStore& cases);

// Forgets some of the answers and changes that are kept no longer; returns whether there may be more.
bool SweepConsults(store::Database& database, const Clock& clock);

}  // namespace lumbar::gateway
