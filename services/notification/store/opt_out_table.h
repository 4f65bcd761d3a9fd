// The table of numbers that want no texts, within a transaction that the caller opened.
#pragma once

#include <absl/time/time.h>
#include <soci/soci.h>

#include <string>

namespace lumbar::notification {

bool HasOptedOut(soci::session& session, const std::string& number);
void SetOptedOut(soci::session& session, const std::string& number, bool opted_out, absl::Time now);

}  // namespace lumbar::notification
