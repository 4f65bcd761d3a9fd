#include "services/content/domain/wake.h"

#include "common/telemetry/log.h"
#include "services/content/domain/desk.h"
#include "services/content/domain/workflow.h"
#include "services/content/errors.h"

namespace lumbar::content {
namespace {

// At one call; the others have their turn at the next.
constexpr int kMostAtOnce = 100;

void Wake(const std::string& name, EditorialStore& drafts, ArticleStore& shelf) {
  shelf.Prepare(name);
  const auto draft = drafts.Change(
      {}, name, [](const v1::Draft* known, absl::Time now) -> absl::StatusOr<std::optional<EditorialChange>> {
        if (known == nullptr) return ArticleNotFound();
        return WakeUp(*known, now);
      });
  AnnounceChange(shelf, name, draft);
  if (draft.ok()) {
    Log(LogLevel::kInfo, "article_woken", {{"article", name}, {"state", v1::ArticleState_Name(draft->state())}});
  } else {
    Log(LogLevel::kError, "article_not_woken", {{"article", name}, {"error", draft.status().message()}});
  }
}

}  // namespace

void WakeArticles(EditorialStore& drafts, ArticleStore& shelf, const Clock& clock) {
  const auto names = drafts.Waking(clock.Now(), kMostAtOnce);
  if (!names.ok()) {
    Log(LogLevel::kError, "articles_not_woken", {{"error", names.status().message()}});
    return;
  }
  for (const std::string& name : *names) Wake(name, drafts, shelf);
}

}  // namespace lumbar::content
