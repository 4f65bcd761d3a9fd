#include "services/gateway/edge/path_matcher.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <set>

#include "common/status/macros.h"
#include "services/gateway/edge/percent.h"

namespace lumbar::gateway {
namespace {

template <typename Node>
Node& Grow(std::unique_ptr<Node>& child) {
  if (child == nullptr) child = std::make_unique<Node>();
  return *child;
}

absl::StatusOr<std::vector<Binding>> Bind(const PathTemplate& path_template,
                                          const std::vector<absl::string_view>& segments) {
  std::vector<Binding> bindings;
  for (const auto& variable : path_template.variables) {
    const auto first = segments.begin() + static_cast<std::ptrdiff_t>(variable.first);
    const auto last = variable.open_ended ? segments.end() : first + static_cast<std::ptrdiff_t>(variable.count);
    const auto mode = variable.IsSingleSegment() ? PercentMode::kAll : PercentMode::kKeepSlash;
    LUMBAR_ASSIGN_OR_RETURN(std::string value, PercentDecode(absl::StrJoin(first, last, "/"), mode));
    bindings.push_back({variable.field_path, std::move(value)});
  }
  return bindings;
}

}  // namespace

struct PathMatcher::Search {
  absl::string_view http_method;
  absl::string_view verb;
  std::vector<absl::string_view> segments;
  const Leaf* found = nullptr;
  std::set<std::string> allowed;
};

absl::Status PathMatcher::Add(absl::string_view http_method, PathTemplate path_template, size_t route) {
  Node* node = &root_;
  for (const auto& segment : path_template.segments) {
    node = &Grow(segment == kAnyPath      ? node->any_path
                 : segment == kAnySegment ? node->any_segment
                                          : node->literals[segment]);
  }
  Leaf& leaf = node->verbs[path_template.verb][std::string(http_method)];
  if (leaf.route != kNoRoute) {
    return absl::AlreadyExistsError(absl::StrCat(http_method, " /", absl::StrJoin(path_template.segments, "/"),
                                                 path_template.verb.empty() ? "" : ":", path_template.verb,
                                                 " has two routes"));
  }
  leaf = {route, std::move(path_template)};
  return absl::OkStatus();
}

void PathMatcher::Visit(const Node& node, Search& search) {
  const auto methods = node.verbs.find(search.verb);
  if (methods == node.verbs.end()) return;
  for (const auto& [method, leaf] : methods->second) search.allowed.insert(method);
  const auto leaf = methods->second.find(search.http_method);
  if (leaf != methods->second.end()) search.found = &leaf->second;
}

// A node is reached by one way only, so a walk visits each at most once, however hostile the path.
void PathMatcher::Walk(const Node& node, size_t depth, Search& search) {
  if (depth == search.segments.size()) {
    Visit(node, search);
  } else if (!search.segments[depth].empty()) {
    const auto literal = node.literals.find(search.segments[depth]);
    if (literal != node.literals.end()) Walk(*literal->second, depth + 1, search);
    if (search.found == nullptr && node.any_segment != nullptr) Walk(*node.any_segment, depth + 1, search);
  }
  if (search.found != nullptr || node.any_path == nullptr) return;
  const auto rest = search.segments.begin() + static_cast<std::ptrdiff_t>(depth);
  if (std::none_of(rest, search.segments.end(), [](absl::string_view s) { return s.empty(); })) {
    Visit(*node.any_path, search);
  }
}

absl::StatusOr<PathMatcher::Match> PathMatcher::Find(absl::string_view http_method, absl::string_view path) const {
  Match match;
  if (path.empty() || path.front() != '/') return match;
  Search search{http_method, "", absl::StrSplit(path.substr(1), '/'), nullptr, {}};
  absl::string_view& last = search.segments.back();
  // A colon begins a verb if a template has that verb; else it is part of the segment.
  if (const auto colon = last.rfind(':'); colon != absl::string_view::npos) {
    const auto whole = last;
    search.verb = whole.substr(colon + 1);
    last = whole.substr(0, colon);
    if (!search.verb.empty()) Walk(root_, 0, search);
    if (search.found == nullptr) {
      search.verb = "";
      last = whole;
      Walk(root_, 0, search);
    }
  } else {
    Walk(root_, 0, search);
  }
  if (search.found == nullptr) {
    match.allowed.assign(search.allowed.begin(), search.allowed.end());
    return match;
  }
  match.route = search.found->route;
  LUMBAR_ASSIGN_OR_RETURN(match.bindings, Bind(search.found->path_template, search.segments));
  return match;
}

}  // namespace lumbar::gateway
