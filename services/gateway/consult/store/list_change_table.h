// The table of changes in lists: written in the transaction of the change, read by whoever follows.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>
#include <soci/soci.h>

#include <string>
#include <vector>

#include "common/store/database.h"
#include "services/gateway/consult/domain/list_changes.h"

namespace lumbar::gateway {

// Notes that `made` is taken down.
void AddCreation(soci::session& session, const Case& made, absl::Time now);
// Notes what is about to become of the stored case of `changed`'s version: it will be `changed`, as version `after` and
// in a row with `message`. Nothing if `message` is what is stored already.
void AddChange(soci::session& session, const Case& changed, int64_t after, const std::string& message, absl::Time now);
// Notes that the stored case is as `found`, and that nobody noted it then, if it isn't over.
void AddMissed(soci::session& session, const Case& found, absl::Time now);

// Forgets changes of before `before`, some at a time; returns whether there may be more.
absl::StatusOr<bool> SweepListChanges(store::Database& database, absl::Time before);

// Thread safe.
class SqlListChangeLog final : public ListChangeLog {
 public:
  // It must outlive this and be migrated.
  explicit SqlListChangeLog(store::Database& database) : database_(database) {}

  absl::StatusOr<std::vector<ListChange>> Changes(const ListChange& after, int limit) override;
  absl::StatusOr<std::vector<Case>> Cases(const std::vector<std::string>& names) override;

 private:
  store::Database& database_;
};

}  // namespace lumbar::gateway
