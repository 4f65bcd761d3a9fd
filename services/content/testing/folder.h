// A folder of articles that a test has to itself.
#pragma once

#include <absl/strings/string_view.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "services/content/testing/samples.h"

namespace lumbar::content {

// Gone with this object.
class ArticleFolder {
 public:
  ArticleFolder() {
    path_ = (std::filesystem::temp_directory_path() / "lumbar-articles-XXXXXX").string();
    if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("no scratch folder");
  }
  ~ArticleFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ArticleFolder(const ArticleFolder&) = delete;
  ArticleFolder& operator=(const ArticleFolder&) = delete;

  const std::string& path() const { return path_; }
  void Write(absl::string_view file, absl::string_view source) { std::ofstream(Path(file)) << source; }

 private:
  std::string Path(absl::string_view file) const { return absl::StrCat(path_, "/", file); }

  std::string path_;
};

}  // namespace lumbar::content
