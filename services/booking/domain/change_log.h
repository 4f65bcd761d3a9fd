// The port to the log of changes: one for each version of each appointment, written with it, kept for some days.
#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "lumbar/booking/v1/appointment.pb.h"

namespace lumbar::booking {

// How long changes are kept at least.
inline constexpr absl::Duration kChangesKept = absl::Hours(7 * 24);

// Names a change. Their order is that of their times; of one appointment, that of its versions too.
struct ChangeKey {
  absl::Time time;
  std::string appointment = {};
  int64_t version = 0;
  bool operator<(const ChangeKey& other) const {
    return std::tie(time, appointment, version) < std::tie(other.time, other.appointment, other.version);
  }
};

// Which changes to read.
struct ChangeQuery {
  // Only of appointments that this clinician has, or had before the change; empty: anybody's.
  std::string clinician;
  // Only to these states; empty: any.
  std::vector<v1::AppointmentState> states;
};

class ChangeLog {
 public:
  virtual ~ChangeLog() = default;

  // At most `limit`, in order: those after `after`. What is written while others are read may turn up later among them,
  // for rpc::kChangesSettle.
  virtual absl::StatusOr<std::vector<ChangeKey>> Keys(const ChangeQuery& query, const ChangeKey& after, int limit) = 0;
  // Nothing if it isn't kept any more.
  virtual absl::StatusOr<std::optional<v1::AppointmentEvent>> Read(const ChangeKey& key) = 0;
};

}  // namespace lumbar::booking
