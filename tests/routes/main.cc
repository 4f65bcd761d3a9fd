// Our side of routes.test.mjs: reads "set", "route METHOD TEMPLATE" and "ask METHOD PATH" line by line, and answers
// each of the last two with a line of JSON.
#include <absl/strings/str_split.h>
#include <nlohmann/json.hpp>

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "services/gateway/edge/path_matcher.h"

namespace {

using lumbar::gateway::ParsePathTemplate;
using lumbar::gateway::PathMatcher;
using nlohmann::json;

// "ok", or why not.
std::string Add(PathMatcher& matcher, const std::string& method, const std::string& text, size_t index) {
  auto parsed = ParsePathTemplate(text);
  if (!parsed.ok()) return "refused";
  return matcher.Add(method, *std::move(parsed), index).ok() ? "ok" : "double";
}

json Ask(const PathMatcher& matcher, const std::string& method, const std::string& path) {
  const auto found = matcher.Find(method, path);
  if (!found.ok()) return {{"status", 400}};
  if (found->route == PathMatcher::kNoRoute) return {{"status", found->allowed.empty() ? 404 : 405}};
  json bindings = json::object();
  for (const auto& binding : found->bindings) bindings[binding.field_path] = binding.value;
  return {{"status", 200}, {"route", found->route}, {"bindings", bindings}};
}

}  // namespace

int main() {
  auto matcher = std::make_unique<PathMatcher>();
  size_t routes = 0;
  for (std::string line; std::getline(std::cin, line);) {
    const std::vector<std::string> words = absl::StrSplit(line, absl::MaxSplits(' ', 2));
    if (words.front() == "set") {
      matcher = std::make_unique<PathMatcher>();
      routes = 0;
    } else if (words.front() == "route") {
      std::cout << json(Add(*matcher, words[1], words[2], routes++)) << "\n";
    } else {
      std::cout << Ask(*matcher, words[1], words[2]).dump(-1, ' ', false, json::error_handler_t::replace) << "\n";
    }
  }
}
