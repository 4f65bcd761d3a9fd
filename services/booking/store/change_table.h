// The table of changes: written in the transaction of the change, read by whoever follows.
#pragma once

#include <absl/status/status.h>
#include <soci/soci.h>

#include <string>

#include "common/store/database.h"
#include "services/booking/domain/change_log.h"

namespace lumbar::booking {

// Adds the change that `event` tells of. `before` is the clinician whose visit it was until then, "" of a new one.
absl::Status AddChange(soci::session& session, const v1::AppointmentEvent& event, const std::string& before);

// Thread safe.
class SqlChangeLog final : public ChangeLog {
 public:
  // It must outlive this and be migrated.
  explicit SqlChangeLog(store::Database& database) : database_(database) {}

  absl::StatusOr<std::vector<ChangeKey>> Keys(const ChangeQuery& query, const ChangeKey& after, int limit) override;
  absl::StatusOr<std::optional<v1::AppointmentEvent>> Read(const ChangeKey& key) override;

 private:
  store::Database& database_;
};

}  // namespace lumbar::booking
