// Templates and paths from the same bytes: "template\npath". What a template matches, it binds wholly.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "services/gateway/edge/path_matcher.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace lumbar::gateway;
  const absl::string_view input(reinterpret_cast<const char*>(bytes), size);
  const auto cut = std::min(input.find('\n'), input.size());
  const auto path_template = ParsePathTemplate(input.substr(0, cut));
  PathMatcher matcher;
  if (path_template.ok() && !matcher.Add("GET", *path_template, 0).ok()) std::abort();
  const auto fixed = ParsePathTemplate("/v1/{name=holds/*}/{rest=**}:verb");
  (void)matcher.Add("POST", *fixed, 1);
  const auto path = cut == input.size() ? absl::string_view() : input.substr(cut + 1);
  for (const char* method : {"GET", "POST"}) {
    const auto match = matcher.Find(method, path);
    if (!match.ok() || match->route == PathMatcher::kNoRoute) continue;
    const auto& matched = match->route == 0 ? *path_template : *fixed;
    if (match->bindings.size() != matched.variables.size()) std::abort();
  }
  return 0;
}
