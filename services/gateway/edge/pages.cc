#include "services/gateway/edge/pages.h"

#include <utility>

#include "services/gateway/edge/conditional.h"

namespace lumbar::gateway {
namespace {

constexpr size_t kPieceBytes = 64 * 1024;

// A large page, piece by piece. It ends when all of it was given and by nothing else: what is cut short, but ended
// well, would be taken for the whole.
class PageBody final : public BodySource {
 public:
  PageBody(std::shared_ptr<const ServedPage> page, absl::string_view rest) : page_(std::move(page)), rest_(rest) {}

  void Next(Give give) override {
    if (rest_.empty()) return give(std::nullopt);
    const absl::string_view piece = rest_.substr(0, kPieceBytes);
    rest_.remove_prefix(piece.size());
    give(std::string(piece));
  }
  absl::Status status() const override { return absl::OkStatus(); }
  void End(const absl::Status&) override {}

 private:
  // Holds what `rest_` is of.
  const std::shared_ptr<const ServedPage> page_;
  absl::string_view rest_;
};

}  // namespace

ServedPage::ServedPage(Page page) : page_(std::move(page)), etag_(EtagOf(page_.content)) {}

bool ServedPage::is_large() const { return size() > kPieceBytes; }

HttpAnswer ServedPage::Answer(absl::string_view if_none_match) const {
  HttpAnswer answer(http::status::ok, 11);
  answer.set(http::field::content_type, page_.content_type);
  if (!page_.policy.empty()) answer.set("Content-Security-Policy", page_.policy);
  if (!is_large()) answer.body() = page_.content;
  MakeConditional(if_none_match, etag_, answer);
  return answer;
}

std::shared_ptr<BodySource> ServedPage::Body() const {
  return std::make_shared<PageBody>(shared_from_this(), page_.content);
}

Pages::Pages(std::vector<Page> pages) {
  for (Page& page : pages) {
    const std::string path = page.path;
    by_path_.emplace(path, std::make_shared<const ServedPage>(std::move(page)));
  }
}

std::shared_ptr<const ServedPage> Pages::Find(absl::string_view path) const {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : found->second;
}

}  // namespace lumbar::gateway
