// Reads the YAML at the head of an article, and finds what is wrong with it by key and line.
#pragma once

#include <absl/strings/string_view.h>
#include <absl/time/time.h>
#include <absl/types/span.h>
#include <re2/re2.h>
#include <yaml-cpp/yaml.h>

#include <map>
#include <string>
#include <vector>

#include "services/content/domain/problems.h"

namespace lumbar::content {

// The fields of one YAML map. Every function adds what it finds to the problems and then returns something empty, so
// that one run finds all of them. Functions may throw YAML::Exception.
class FrontMatter {
 public:
  // `line_offset`: lines of the file before the YAML. `prefix` comes before every key that is named, e.g.
  // "sources[2].". `problems` must outlive it.
  FrontMatter(const YAML::Node& map, int line_offset, std::string prefix, Problems& problems);

  bool Has(absl::string_view key) const { return fields_.count(key) > 0; }
  // Where `key` stands; the map's own line if it doesn't.
  int Line(absl::string_view key) const;

  // A text of 1 to `most` bytes on one line.
  std::string Text(absl::string_view key, size_t most) const;
  // A text that matches `form` wholly; `wanted` says in words what that is.
  std::string Formed(absl::string_view key, const RE2& form, absl::string_view wanted) const;
  std::string OneOf(absl::string_view key, absl::Span<const absl::string_view> choices) const;
  // The beginning, in UTC, of a day written as 2026-11-01.
  absl::Time Date(absl::string_view key) const;
  // 1 to `most` texts that match `form`, each once.
  std::vector<std::string> Texts(absl::string_view key, size_t most, const RE2& form, absl::string_view wanted) const;
  // 1 to `most` maps.
  std::vector<FrontMatter> Maps(absl::string_view key, size_t most) const;
  // A misspelt key is a missing one.
  void RefuseAllBut(absl::Span<const absl::string_view> known) const;

  void Refuse(absl::string_view key, absl::string_view what) const;

 private:
  struct Field {
    int line;
    YAML::Node value;
  };

  // Null, and a problem, if `key` is missing or isn't of `type`.
  const YAML::Node* Find(absl::string_view key, YAML::NodeType::value type, absl::string_view type_name) const;
  // Null, and a problem, unless `key` is a list of 1 to `most`.
  const YAML::Node* FindList(absl::string_view key, size_t most) const;

  const int line_;
  const int line_offset_;
  const std::string prefix_;
  Problems& problems_;
  std::map<std::string, Field, std::less<>> fields_;
};

}  // namespace lumbar::content
