// The end of a history: booking's tables and audit logs as a run left them.
#pragma once

#include <absl/status/status.h>

#include <string>
#include <vector>

#include "tests/chaos/recorder.h"

namespace lumbar::chaos {

// Nobody may write to the database at `url` meanwhile.
absl::Status RecordTables(const std::string& url, Recorder& recorder);
// The lines about BookingService. DATA_LOSS: a line isn't one of an audit log.
absl::Status RecordAudit(const std::vector<std::string>& files, Recorder& recorder);

}  // namespace lumbar::chaos
