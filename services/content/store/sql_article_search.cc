#include "services/content/store/sql_article_search.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <cstring>

#include "common/digest/sha256.h"
#include "common/status/macros.h"
#include "common/store/proto_column.h"
#include "services/content/domain/words.h"

namespace lumbar::content {
namespace {

using soci::into;
using soci::use;
using Words = std::vector<std::vector<std::string>>;

// Both rank title, summary and text as 10 : 4 : 1. :every is what has all words, :any what has one.
constexpr char kSqlite[] = R"sql(
  SELECT a.listing, w.body FROM article_search
  JOIN article_words w ON w.docid = article_search.rowid JOIN article a ON a.name = w.name
  WHERE article_search MATCH :any AND (:all_languages = '' OR a.language = :language)
  ORDER BY article_search.rowid IN (SELECT rowid FROM article_search WHERE article_search MATCH :every) DESC,
           bm25(article_search, 10.0, 4.0, 1.0), a.name
  LIMIT :rows OFFSET :skipped
)sql";
constexpr char kPostgresql[] = R"sql(
  SELECT listing, body FROM (
    SELECT a.listing, w.body, a.name, a.language,
           article_vector(w.title_terms, w.summary_terms, w.body_terms) AS vector
    FROM article_words w JOIN article a ON a.name = w.name
    WHERE article_vector(w.title_terms, w.summary_terms, w.body_terms) @@ CAST(:any AS tsquery)
  ) found
  WHERE (CAST(:all_languages AS TEXT) = '' OR language = :language)
  ORDER BY vector @@ CAST(:every AS tsquery) DESC,
           ts_rank('{0.1, 0.1, 0.4, 1.0}', vector, CAST(:ranked AS tsquery)) DESC, name
  LIMIT :rows OFFSET :skipped
)sql";

// How an engine writes a search; terms are letters and digits, so that quotes keep them from being operators.
struct Syntax {
  const char* quote;
  const char* either;
  const char* both;
};

std::string Expression(const Words& words, const Syntax& syntax, const char* between) {
  return absl::StrJoin(words, between, [&](std::string* out, const std::vector<std::string>& forms) {
    const auto quoted = [&](std::string* to, const std::string& form) {
      absl::StrAppend(to, syntax.quote, form, syntax.quote);
    };
    absl::StrAppend(out, "(", absl::StrJoin(forms, syntax.either, quoted), ")");
  });
}

bool IsSqlite(soci::session& session) { return session.get_backend_name() == "sqlite3"; }

// Of the name, because an index wants a number that stays: two names share one in no lifetime.
int64_t DocidOf(const std::string& name) {
  int64_t docid = 0;
  std::memcpy(&docid, Sha256(name).data(), sizeof(docid));
  return docid & INT64_MAX;
}

}  // namespace

void IndexWords(soci::session& session, const v1::Article& article) {
  ForgetWords(session, article.name());
  const std::string &language = article.language_code(), body = PlainText(article.body_html());
  const std::string title = TermsOf(article.title(), language), summary = TermsOf(article.summary(), language),
                    terms = TermsOf(body, language);
  const int64_t docid = DocidOf(article.name());
  session << "INSERT INTO article_words (docid, name, title_terms, summary_terms, body_terms, body) "
             "VALUES (:docid, :name, :title, :summary, :terms, :body)",
      use(docid), use(article.name()), use(title), use(summary), use(terms), use(body);
  if (!IsSqlite(session)) return;
  session << "INSERT INTO article_search (rowid, title_terms, summary_terms, body_terms) "
             "VALUES (:docid, :title, :summary, :terms)",
      use(docid), use(title), use(summary), use(terms);
}

void ForgetWords(soci::session& session, const std::string& name) {
  // An index without its own copy must be told what it is to forget.
  if (IsSqlite(session)) {
    session << "INSERT INTO article_search (article_search, rowid, title_terms, summary_terms, body_terms) "
               "SELECT 'delete', docid, title_terms, summary_terms, body_terms FROM article_words WHERE name = :name",
        use(name);
  }
  session << "DELETE FROM article_words WHERE name = :name", use(name);
}

absl::Status RepairIndex(store::Database& database) {
  return database.Write([](soci::session& session) -> absl::Status {
    if (!IsSqlite(session)) return absl::OkStatus();
    int64_t words = 0, indexed = 0;
    session << "SELECT (SELECT COUNT(*) FROM article_words), (SELECT COUNT(*) FROM article_search_docsize)",
        into(words), into(indexed);
    if (words != indexed) session << "INSERT INTO article_search (article_search) VALUES ('rebuild')";
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<Found>> SqlArticleSearch::Search(const SearchQuery& query) {
  const bool is_sqlite = database_.engine_name() == "sqlite";
  const Syntax syntax = is_sqlite ? Syntax{"\"", " OR ", " AND "} : Syntax{"'", " | ", " & "};
  const std::string any = Expression(query.words, syntax, syntax.either),
                    every = Expression(query.words, syntax, syntax.both);
  return database_.Read([&](soci::session& session) -> absl::StatusOr<std::vector<Found>> {
    std::string listing, body;
    soci::statement select(session);
    select.exchange(into(listing));
    select.exchange(into(body));
    select.exchange(use(any, "any"));
    select.exchange(use(every, "every"));
    if (!is_sqlite) select.exchange(use(any, "ranked"));
    select.exchange(use(query.language, "all_languages"));
    select.exchange(use(query.language, "language"));
    select.exchange(use(query.limit, "rows"));
    select.exchange(use(query.skip, "skipped"));
    select.alloc();
    select.prepare(is_sqlite ? kSqlite : kPostgresql);
    select.define_and_bind();
    select.execute();
    std::vector<Found> found;
    while (select.fetch()) {
      LUMBAR_ASSIGN_OR_RETURN(v1::Article article, store::FromColumn<v1::Article>(listing));
      found.push_back({std::move(article), body});
    }
    return found;
  });
}

}  // namespace lumbar::content
