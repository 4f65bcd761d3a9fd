// The port to what a reader of one article is answered with.
#pragma once

#include <absl/strings/string_view.h>

#include "common/rpc/ready_answer.h"

namespace lumbar::content {

class ArticleAnswers {
 public:
  virtual ~ArticleAnswers() = default;

  // Gives the serialised GetArticleResponse of the published revision of `name`, or of an older one for no longer than
  // the store promises. Never waits: gives it before it returns, or later from another thread. Fails as
  // ArticleStore::Get does, and with RESOURCE_EXHAUSTED/OVERLOADED. Thread safe.
  virtual void Find(absl::string_view name, rpc::GiveAnswer give) = 0;
};

}  // namespace lumbar::content
