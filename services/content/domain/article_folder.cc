#include "services/content/domain/article_folder.h"

#include <absl/container/flat_hash_set.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/strip.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/content/domain/article_parser.h"
#include "services/content/domain/problems.h"
#include "services/content/errors.h"

namespace lumbar::content {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostArticles = 5'000;

absl::StatusOr<std::vector<fs::path>> FindFiles(const std::string& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() == ".md") files.push_back(entry->path());
  }
  if (error) return ArticlesUnreadable(folder, error.message());
  if (files.empty()) return ArticlesUnreadable(folder, "there is no *.md file in it");
  if (files.size() > kMostArticles) return ArticlesUnreadable(folder, "it has too many files");
  std::sort(files.begin(), files.end());
  return files;
}

// Reads no more than it takes to see that a file is too long.
absl::StatusOr<std::string> ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kLongestSource + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file && !file.eof()) return ArticlesUnreadable(path.string(), "it can't be read");
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

void CheckRelated(const std::vector<ParsedArticle>& all, std::vector<std::string>& problems) {
  absl::flat_hash_set<std::string> names;
  for (const auto& parsed : all) names.insert(parsed.article.name());
  for (const auto& parsed : all) {
    Problems own(absl::StrCat(absl::StripPrefix(parsed.article.name(), "articles/"), ".md"));
    for (const std::string& related : parsed.article.related_articles()) {
      if (!names.contains(related)) own.Add(parsed.related_line, "related", absl::StrCat("there is no ", related));
    }
    const std::string& original = parsed.article.translation_of();
    if (!original.empty() && !names.contains(original)) {
      own.Add(1, "translation_of", absl::StrCat("there is no ", original));
    }
    problems.insert(problems.end(), own.lines().begin(), own.lines().end());
  }
}

}  // namespace

absl::StatusOr<std::vector<v1::Article>> ReadArticles(const std::string& folder) {
  LUMBAR_ASSIGN_OR_RETURN(const std::vector<fs::path> files, FindFiles(folder));
  std::vector<ParsedArticle> all;
  std::vector<std::string> problems;
  for (const fs::path& path : files) {
    LUMBAR_ASSIGN_OR_RETURN(const std::string source, ReadFile(path));
    auto parsed = ParseArticle(path.filename().string(), source);
    if (parsed.ok()) {
      all.push_back(*std::move(parsed));
    } else {
      problems.emplace_back(parsed.status().message());
    }
  }
  // While a file is refused nobody can tell which articles there are.
  if (problems.empty()) CheckRelated(all, problems);
  if (!problems.empty()) return ArticleRefused(problems);
  std::vector<v1::Article> articles;
  articles.reserve(all.size());
  for (ParsedArticle& parsed : all) articles.push_back(std::move(parsed.article));
  return articles;
}

}  // namespace lumbar::content
