// The port to where the editorial process keeps its articles.
#pragma once

#include <absl/functional/function_ref.h>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/store/mutation.h"
#include "lumbar/content/v1/article.pb.h"
#include "lumbar/content/v1/draft.pb.h"
#include "lumbar/content/v1/triage_links.pb.h"
#include "services/content/domain/workflow.h"

namespace lumbar::content {

// Makes a change of an article as it is, null if there is none, at the time given. Nullopt: it stays as it is, and then
// there must be one. May run more than once.
using EditorialAct =
    absl::FunctionRef<absl::StatusOr<std::optional<EditorialChange>>(const v1::Draft* draft, absl::Time now)>;

// Makes a change of an article that rests on `link`, a triage rule or cause that is another now. As EditorialAct.
using FlagAct =
    absl::FunctionRef<absl::StatusOr<EditorialChange>(const v1::Draft& draft, absl::string_view link, absl::Time now)>;

struct DraftQuery {
  // Only in this state; unspecified: all.
  v1::ArticleState state = v1::ARTICLE_STATE_UNSPECIFIED;
  // Only names after it.
  std::string after = {};
  int limit = 0;
};

// Thread safe. Any call can also fail as the store itself does (common/store/errors.h).
class EditorialStore {
 public:
  virtual ~EditorialStore() = default;

  // Saves what `act` makes of the article, its text and the entry that tells of it, and brings to readers or takes from
  // them what it says: all of it or nothing, once for each request_id. Fails as `act` does. Whoever `act` lets publish,
  // CheckReviewed is asked once more. Every text, entry and revision is kept for ever.
  virtual absl::StatusOr<v1::Draft> Change(const store::Mutation& mutation, absl::string_view name,
                                           EditorialAct act) = 0;

  // NOT_FOUND/ARTICLE_NOT_FOUND.
  virtual absl::StatusOr<v1::Draft> Get(absl::string_view name) = 0;
  // By name, without their texts.
  virtual absl::StatusOr<std::vector<v1::Draft>> List(const DraftQuery& query) = 0;
  // Names of at most `limit` articles whose WakeTime isn't after `now`.
  virtual absl::StatusOr<std::vector<std::string>> Waking(absl::Time now, int limit) = 0;

  // What readers got of `name`: the newest revisions first, those before `before` (0: all), without their bodies.
  virtual absl::StatusOr<std::vector<v1::Article>> Revisions(absl::string_view name, int64_t before, int limit) = 0;
  // What was done with `name`: the first first, those after `after`.
  virtual absl::StatusOr<std::vector<v1::EditorialStep>> Steps(absl::string_view name, int64_t after, int limit) = 0;

  // Keeps `links` instead of those of the last call, and makes of every article that rests on one that changed or is
  // gone what `flag` makes of it. The first call compares with nothing. Once for each request_id.
  virtual absl::StatusOr<v1::FlagArticlesResponse> CompareLinks(const store::Mutation& mutation,
                                                                const std::vector<v1::TriageLink>& links,
                                                                FlagAct flag) = 0;
};

}  // namespace lumbar::content
