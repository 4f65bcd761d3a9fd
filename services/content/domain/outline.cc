#include "services/content/domain/outline.h"

#include <absl/container/flat_hash_map.h>
#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <re2/re2.h>

#include <utility>
#include <vector>

#include "services/content/domain/words.h"

namespace lumbar::content {
namespace {

struct Heading {
  v1::Section section;
  // Of the new body: where the heading begins and where it ends.
  size_t begin, end;
};

// Text is escaped: nothing but a heading looks like one.
std::vector<Heading> NameHeadings(const std::string& html, std::string& named) {
  static const RE2 form("(?s)(.*?)<h([1-6])>(.*?)</h[1-6]>");
  std::vector<Heading> headings;
  absl::flat_hash_map<std::string, int> used;
  re2::StringPiece rest(html), before, inner;
  int level = 0;
  while (RE2::Consume(&rest, form, &before, &level, &inner)) {
    const std::string title = PlainText({inner.data(), inner.size()});
    std::string anchor = AnchorOf(title);
    if (const int times = ++used[anchor]; times > 1) absl::StrAppend(&anchor, "-", times);
    named.append(before.data(), before.size());
    Heading heading;
    heading.begin = named.size();
    absl::StrAppend(&named, "<h", level, " id=\"", anchor, "\">", absl::string_view(inner.data(), inner.size()), "</h",
                    level, ">");
    heading.end = named.size();
    heading.section.set_anchor(std::move(anchor));
    heading.section.set_title(title);
    heading.section.set_level(level);
    headings.push_back(std::move(heading));
  }
  named.append(rest.data(), rest.size());
  return headings;
}

}  // namespace

void AddOutline(v1::Article& article) {
  std::string named;
  const std::vector<Heading> headings = NameHeadings(article.body_html(), named);
  for (size_t i = 0; i < headings.size(); ++i) {
    const v1::Section& section = headings[i].section;
    *article.add_sections() = section;
    if (!absl::EndsWith(section.title(), "?")) continue;
    size_t next = i + 1;
    while (next < headings.size() && headings[next].section.level() > section.level()) ++next;
    const size_t end = next < headings.size() ? headings[next].begin : named.size();
    v1::Question& question = *article.add_questions();
    question.set_question(section.title());
    question.set_answer_html(std::string(
        absl::StripAsciiWhitespace(absl::string_view(named).substr(headings[i].end, end - headings[i].end))));
  }
  article.set_body_html(std::move(named));
}

}  // namespace lumbar::content
