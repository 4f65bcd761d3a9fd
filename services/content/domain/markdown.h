// Markdown with tables, to HTML that can't harm who reads it.
#pragma once

#include <absl/strings/string_view.h>

#include <string>
#include <vector>

namespace lumbar::content {

struct Rendered {
  // Something in the Markdown that readers don't get.
  struct Omission {
    // In the Markdown, from 1.
    int line = 0;
    std::string what;
  };

  std::string html;
  std::vector<Omission> omissions;
};

// Leaves out raw HTML, images (their text stays) and links to anything but https:, mailto:, tel: and #place (their text
// stays). `markdown` is UTF-8 and bounded by the caller.
Rendered RenderMarkdown(absl::string_view markdown);

// Whether `html` is made of the elements and attributes that RenderMarkdown writes and of nothing else: no script, no
// handler, no style, no foreign resource. A second lock on the same door, which knows nothing of Markdown.
bool IsSafeHtml(absl::string_view html);

}  // namespace lumbar::content
