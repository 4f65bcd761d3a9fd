// Whatever is written as Markdown or as a whole article: no crash, and no HTML that could harm who reads it.
#include "services/content/domain/article_parser.h"

#include <cstdint>
#include <cstdlib>

#include "services/content/domain/markdown.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(bytes), size);
  if (!lumbar::content::IsSafeHtml(lumbar::content::RenderMarkdown(text).html)) std::abort();
  const auto parsed = lumbar::content::ParseArticle("fuzz.md", text);
  if (parsed.ok() && parsed->article.etag().empty()) std::abort();
  return 0;
}
