// The editorial process in SQL.
#pragma once

#include "common/store/database.h"
#include "common/time/clock.h"
#include "services/content/domain/editorial_store.h"

namespace lumbar::content {

// Thread safe.
class SqlEditorialStore final : public EditorialStore {
 public:
  // Both must outlive it; `database` is migrated.
  SqlEditorialStore(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  absl::StatusOr<v1::Draft> Change(const store::Mutation& mutation, absl::string_view name, EditorialAct act) override;
  absl::StatusOr<v1::Draft> Get(absl::string_view name) override;
  absl::StatusOr<std::vector<v1::Draft>> List(const DraftQuery& query) override;
  absl::StatusOr<std::vector<std::string>> Waking(absl::Time now, int limit) override;
  absl::StatusOr<std::vector<v1::Article>> Revisions(absl::string_view name, int64_t before, int limit) override;
  absl::StatusOr<std::vector<v1::EditorialStep>> Steps(absl::string_view name, int64_t after, int limit) override;
  absl::StatusOr<v1::FlagArticlesResponse> CompareLinks(const store::Mutation& mutation,
                                                        const std::vector<v1::TriageLink>& links,
                                                        FlagAct flag) override;

 private:
  store::Database& database_;
  const Clock& clock_;
};

}  // namespace lumbar::content
