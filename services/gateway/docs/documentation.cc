#include "services/gateway/docs/documentation.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include <string>
#include <utility>

#include "common/status/macros.h"
#include "lumbar_gateway_docs_bytes.h"
#include "services/gateway/docs/comments.h"
#include "services/gateway/docs/openapi.h"

namespace lumbar::gateway {
namespace {

// A page of ours runs our scripts and asks our port, and nothing else. The viewer's icons are in its style sheet.
constexpr char kPolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

absl::string_view Bytes(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

const char* TypeOf(absl::string_view name) {
  if (absl::EndsWith(name, ".html")) return "text/html; charset=utf-8";
  if (absl::EndsWith(name, ".css")) return "text/css; charset=utf-8";
  if (absl::EndsWith(name, ".js")) return "text/javascript; charset=utf-8";
  return "text/plain; charset=utf-8";
}

}  // namespace

absl::StatusOr<std::vector<Page>> DocumentationPages(const RouteTable& routes) {
  std::vector<Page> pages;
  for (const auto& [embedded, bytes] : embedded_docs::Files()) {
    const absl::string_view name = Bytes(embedded);
    if (name == "lumbar.binpb") {
      LUMBAR_ASSIGN_OR_RETURN(const Comments comments, Comments::Read(Bytes(bytes)));
      LUMBAR_ASSIGN_OR_RETURN(std::string document, OpenApiOf(routes, comments));
      pages.push_back({"/openapi.json", "application/json", std::move(document), "", /*is_listed=*/true});
      continue;
    }
    const bool is_entry = name == "docs.html";
    pages.push_back({is_entry ? "/docs" : absl::StrCat("/docs/", name), TypeOf(name), std::string(bytes), kPolicy,
                     /*is_listed=*/is_entry});
  }
  return pages;
}

}  // namespace lumbar::gateway
