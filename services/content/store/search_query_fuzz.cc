// Whatever is searched: the index takes it, and what readers see of it holds no markup but <mark>.
#include <absl/strings/str_replace.h>
#include <stdlib.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>

#include "services/content/domain/words.h"
#include "services/content/store/migrations.h"
#include "services/content/store/sql_article_search.h"
#include "services/content/store/sql_article_store.h"
#include "services/content/testing/samples.h"
#include "services/content/testing/shelf.h"

namespace lumbar::content {
namespace {

// A database with one article.
class Shelf {
 public:
  Shelf() {
    std::string folder = (std::filesystem::temp_directory_path() / "lumbar-search-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) std::abort();
    database_ = *store::Database::Open({.url = absl::StrCat("sqlite://", folder, "/content.db")});
    const SystemClock clock;
    if (!MigrateContent(*database_, clock).ok()) std::abort();
    SqlArticleStore shelf(*database_);
    if (!Shelve(*database_, clock, shelf, SampleArticle("a")).ok()) std::abort();
    search_ = std::make_unique<SqlArticleSearch>(*database_);
    folder_ = folder;
  }
  ~Shelf() { std::filesystem::remove_all(folder_); }

  ArticleSearch& search() { return *search_; }

 private:
  std::string folder_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<SqlArticleSearch> search_;
};

void Search(absl::string_view text) {
  static Shelf shelf;
  const auto words = QueryTerms(text);
  if (!words.empty() && !shelf.search().Search({words, "", 0, 10}).ok()) std::abort();
  for (const char* language : {"en", "es"}) {
    const std::string snippet = Snippet(text, language, words);
    const std::string bare = absl::StrReplaceAll(snippet, {{"<mark>", ""}, {"</mark>", ""}});
    if (bare.find_first_of("<>\"") != std::string::npos) std::abort();
  }
}

}  // namespace
}  // namespace lumbar::content

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  lumbar::content::Search({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
