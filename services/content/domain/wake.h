// What the editorial process does by itself when the time has come.
#pragma once

#include "common/time/clock.h"
#include "services/content/domain/article_store.h"
#include "services/content/domain/editorial_store.h"

namespace lumbar::content {

// Publishes what is scheduled for now or before, and makes due what must be reviewed again; logs each and announces it
// to `shelf`. What fails is logged and left to the next call, and keeps nothing else from its turn.
void WakeArticles(EditorialStore& drafts, ArticleStore& shelf, const Clock& clock);

}  // namespace lumbar::content
