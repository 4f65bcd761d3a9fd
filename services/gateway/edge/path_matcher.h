// Finds the template that a path matches: a trie of segments, literals before "*" before "**".
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "services/gateway/edge/path_template.h"

namespace lumbar::gateway {

// A field of the request and the text that the path or the query gave it.
struct Binding {
  std::string field_path;
  std::string value;
};

// Filled at start, then only read, by any thread.
class PathMatcher {
 public:
  static constexpr size_t kNoRoute = static_cast<size_t>(-1);

  struct Match {
    size_t route = kNoRoute;
    std::vector<Binding> bindings;
    // When no route was found: the HTTP methods that this path does have, sorted; empty for an unknown path.
    std::vector<std::string> allowed;
  };

  // `route` is what Find gives back.
  // ALREADY_EXISTS: another template of the same HTTP method matches the same paths.
  absl::Status Add(absl::string_view http_method, PathTemplate path_template, size_t route);

  // `path` is still percent-encoded and has no query. Empty segments never match.
  // INVALID_ARGUMENT/MALFORMED_REQUEST: what a variable matched isn't well encoded.
  absl::StatusOr<Match> Find(absl::string_view http_method, absl::string_view path) const;

 private:
  struct Leaf {
    size_t route = kNoRoute;
    PathTemplate path_template;
  };
  using Methods = std::map<std::string, Leaf, std::less<>>;
  struct Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
    std::unique_ptr<Node> any_segment;
    std::unique_ptr<Node> any_path;
    std::map<std::string, Methods, std::less<>> verbs;
  };
  struct Search;

  static void Walk(const Node& node, size_t depth, Search& search);
  static void Visit(const Node& node, Search& search);

  Node root_;
};

}  // namespace lumbar::gateway
