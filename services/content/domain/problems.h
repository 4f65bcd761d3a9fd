// What is wrong with an article, for the person who edits it.
#pragma once

#include <absl/strings/str_cat.h>
#include <absl/strings/string_view.h>

#include <string>
#include <utility>
#include <vector>

namespace lumbar::content {

// The problems of one file, in the form that editors can jump to: "sciatica.md:9: reviewed: isn't a date".
class Problems {
 public:
  explicit Problems(absl::string_view file) : file_(file) {}

  // `line` counts from 1; `key` is the front matter's key, "body" or "file".
  void Add(int line, absl::string_view key, absl::string_view what) {
    lines_.push_back(absl::StrCat(file_, ":", line, ": ", key, ": ", what));
  }

  bool empty() const { return lines_.empty(); }
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  const std::string file_;
  std::vector<std::string> lines_;
};

}  // namespace lumbar::content
