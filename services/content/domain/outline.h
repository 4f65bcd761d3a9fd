// What a text's headings tell: a table of contents, and the questions that it answers.
#pragma once

#include <string>

#include "lumbar/content/v1/article.pb.h"

namespace lumbar::content {

// Gives every heading of the article's body, which RenderMarkdown made, an anchor, and fills in its sections and
// questions. A heading asks if it ends with "?"; what follows it answers, up to the next heading that isn't below it.
void AddOutline(v1::Article& article);

}  // namespace lumbar::content
