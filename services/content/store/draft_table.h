// The tables of the editorial process, within a transaction that the caller opened.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>
#include <soci/soci.h>

#include <optional>
#include <string>
#include <vector>

#include "services/content/domain/editorial_store.h"

namespace lumbar::content {

// Whoever changes the article waits until this transaction ends.
absl::StatusOr<std::optional<v1::Draft>> LockDraft(soci::session& session, const std::string& name);
// NOT_FOUND/ARTICLE_NOT_FOUND.
absl::StatusOr<v1::Draft> ReadDraft(soci::session& session, const std::string& name);
absl::StatusOr<std::vector<v1::Draft>> SelectDrafts(soci::session& session, const DraftQuery& query);

// Makes `change` of the article that LockDraft gave, and what readers get with it. Returns the article after it.
// Fails as CheckReviewed. ABORTED/STORE_CONFLICT: somebody made an article of that name meanwhile.
absl::StatusOr<v1::Draft> SaveChange(soci::session& session, const std::optional<v1::Draft>& before,
                                     const EditorialChange& change, absl::Time now);

absl::StatusOr<std::vector<v1::EditorialStep>> SelectSteps(soci::session& session, const std::string& name,
                                                           int64_t after, int limit);

}  // namespace lumbar::content
