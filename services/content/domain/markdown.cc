#include "services/content/domain/markdown.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>
#include <re2/re2.h>

#include <cstdlib>
#include <memory>

namespace lumbar::content {
namespace {

// Safe mode is cmark's default: raw HTML and script links would be left out even if they got past this file.
constexpr int kOptions = CMARK_OPT_DEFAULT | CMARK_OPT_VALIDATE_UTF8;

struct Free {
  void operator()(cmark_parser* parser) const { cmark_parser_free(parser); }
  void operator()(cmark_node* node) const { cmark_node_free(node); }
  void operator()(cmark_iter* iterator) const { cmark_iter_free(iterator); }
  void operator()(char* text) const { std::free(text); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

Owned<cmark_parser> MakeParser() {
  // Registration isn't thread safe; the initialization of a static is.
  static cmark_syntax_extension* const table = [] {
    cmark_gfm_core_extensions_ensure_registered();
    return cmark_find_syntax_extension("table");
  }();
  Owned<cmark_parser> parser(cmark_parser_new(kOptions));
  if (table != nullptr) cmark_parser_attach_syntax_extension(parser.get(), table);
  return parser;
}

bool IsAllowedLink(const char* url) {
  static const RE2 allowed("(?i)https://[^\\s]+|mailto:[^\\s]+|tel:[^\\s]+|#[^\\s]*");
  return url != nullptr && RE2::FullMatch(url, allowed);
}

// Why readers don't get `node`, or null if they do.
const char* Objection(cmark_node* node) {
  const cmark_node_type type = cmark_node_get_type(node);
  if (type == CMARK_NODE_HTML_BLOCK || type == CMARK_NODE_HTML_INLINE) return "raw HTML isn't shown; write Markdown";
  if (type == CMARK_NODE_IMAGE) return "images aren't shown; describe it in words";
  if (type == CMARK_NODE_LINK && !IsAllowedLink(cmark_node_get_url(node))) {
    return "a link must begin with https://, mailto:, tel: or #";
  }
  return nullptr;
}

std::vector<cmark_node*> FindObjectionable(cmark_node* document) {
  std::vector<cmark_node*> found;
  const Owned<cmark_iter> iterator(cmark_iter_new(document));
  for (auto event = cmark_iter_next(iterator.get()); event != CMARK_EVENT_DONE;
       event = cmark_iter_next(iterator.get())) {
    cmark_node* node = cmark_iter_get_node(iterator.get());
    if (event == CMARK_EVENT_ENTER && Objection(node) != nullptr) found.push_back(node);
  }
  return found;
}

// Puts the children of `node` in its place.
void Unwrap(cmark_node* node) {
  while (cmark_node* child = cmark_node_first_child(node)) {
    if (cmark_node_insert_before(node, child) == 0) break;
  }
  cmark_node_free(node);
}

}  // namespace

Rendered RenderMarkdown(absl::string_view markdown) {
  const Owned<cmark_parser> parser = MakeParser();
  cmark_parser_feed(parser.get(), markdown.data(), markdown.size());
  const Owned<cmark_node> document(cmark_parser_finish(parser.get()));
  Rendered rendered;
  for (cmark_node* node : FindObjectionable(document.get())) {
    rendered.omissions.push_back({cmark_node_get_start_line(node), Objection(node)});
    Unwrap(node);
  }
  rendered.html =
      Owned<char>(cmark_render_html(document.get(), kOptions, cmark_parser_get_syntax_extensions(parser.get()))).get();
  return rendered;
}

bool IsSafeHtml(absl::string_view html) {
  static const RE2 safe(
      "(?s)(?:[^<]"
      "|<h[1-6] id=\"[a-z0-9-]{1,80}\">"
      "|</?(?:p|h[1-6]|ul|ol|li|em|strong|blockquote|pre|code|table|thead|tbody|tr|th|td)>"
      "|<(?:hr|br) />|<ol start=\"[0-9]+\">|<t[hd] align=\"(?:left|center|right)\">"
      "|<code class=\"language-[^\"<>]*\">"
      "|<a href=\"(?i:https://|mailto:|tel:|#)[^\"<>]*\"(?: title=\"[^\"<>]*\")?>|</a>)*");
  return RE2::FullMatch({html.data(), html.size()}, safe);
}

}  // namespace lumbar::content
