// What a reader is answered, for tests that may wait for it.
#pragma once

#include <future>
#include <string>
#include <utility>

#include "common/rpc/ready_answer.h"
#include "lumbar/content/v1/content_service.pb.h"
#include "services/content/domain/article_answers.h"
#include "services/content/errors.h"

namespace lumbar::content {

// For tests in which nobody reads.
class NoAnswers final : public ArticleAnswers {
 public:
  void Find(absl::string_view, rpc::GiveAnswer give) override { give(ArticleNotFound()); }
};

inline absl::StatusOr<v1::Article> ReadBy(ArticleAnswers& answers, const std::string& name) {
  std::promise<absl::StatusOr<rpc::ReadyAnswer>> given;
  answers.Find(name, [&](absl::StatusOr<rpc::ReadyAnswer> answer) { given.set_value(std::move(answer)); });
  const auto answer = given.get_future().get();
  if (!answer.ok()) return answer.status();
  v1::GetArticleResponse response;
  if (!response.ParseFromString(**answer)) return absl::DataLossError("not a GetArticleResponse");
  return response.article();
}

}  // namespace lumbar::content
