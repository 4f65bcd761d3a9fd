// The content service: medical articles for patients.
#include <CLI/CLI.hpp>

#include <optional>
#include <string>

#include "common/cache/redis.h"
#include "common/concurrency/periodic.h"
#include "common/server/host.h"
#include "common/status/macros.h"
#include "common/store/database.h"
#include "common/store/idempotency.h"
#include "common/telemetry/log.h"
#include "services/content/content_service.h"
#include "services/content/domain/importer.h"
#include "services/content/domain/wake.h"
#include "services/content/store/cached_article_store.h"
#include "services/content/store/migrations.h"
#include "services/content/store/sql_article_search.h"
#include "services/content/store/sql_article_store.h"
#include "services/content/store/sql_editorial_store.h"

namespace lumbar::content {
namespace {

// How often scheduled articles are looked at, and those whose review is due.
constexpr absl::Duration kWakePeriod = absl::Seconds(5);

struct Options {
  std::string database;
  std::string redis;
  std::string articles_dir;
};

void AddFlags(CLI::App& app, Options& options) {
  app.add_option("--database", options.database,
                 "where articles are kept: sqlite:///var/lib/lumbar/content.db or postgresql://user@host/content")
      ->envname("LUMBAR_DATABASE")
      ->required();
  app.add_option("--redis", options.redis, "shared cache, e.g. redis://127.0.0.1:6379; empty: none")
      ->envname("LUMBAR_REDIS");
  app.add_option("--articles-dir", options.articles_dir, "folder of *.md to import at start")
      ->envname("LUMBAR_ARTICLES_DIR")
      ->required();
}

// Readers' way to the articles, with the cache around the database if there is one.
class Shelves {
 public:
  static absl::StatusOr<std::unique_ptr<Shelves>> Open(const Options& options, const Clock& clock) {
    LUMBAR_ASSIGN_OR_RETURN(auto database, store::Database::Open({.url = options.database}));
    LUMBAR_RETURN_IF_ERROR(MigrateContent(*database, clock));
    std::unique_ptr<Shelves> shelves(new Shelves(std::move(database)));
    if (options.redis.empty()) return shelves;
    LUMBAR_ASSIGN_OR_RETURN(const cache::RedisOptions redis, cache::ParseRedisUrl(options.redis));
    shelves->redis_.emplace(redis, clock);
    shelves->cached_.emplace(shelves->sql_, *shelves->redis_, clock);
    return shelves;
  }

  ArticleStore& store() { return cached_ ? static_cast<ArticleStore&>(*cached_) : sql_; }
  store::Database& database() { return *database_; }

 private:
  explicit Shelves(std::unique_ptr<store::Database> database) : database_(std::move(database)), sql_(*database_) {}

  const std::unique_ptr<store::Database> database_;
  SqlArticleStore sql_;
  std::optional<cache::RedisCache> redis_;
  std::optional<CachedArticleStore> cached_;
};

absl::Status Serve(server::Host& host, const Options& options) {
  LUMBAR_ASSIGN_OR_RETURN(const auto shelves, Shelves::Open(options, host.clock()));
  SqlEditorialStore drafts(shelves->database(), host.clock());
  LUMBAR_ASSIGN_OR_RETURN(const ImportReport report, ImportArticles(options.articles_dir, drafts, shelves->store()));
  Log(LogLevel::kInfo, "articles_imported",
      {{"articles", report.articles}, {"published", report.published}, {"kept", report.kept}, {"left", report.left}});
  LUMBAR_ASSIGN_OR_RETURN(const auto pipeline, host.MakePipeline({&ContentContract(), &EditorialContract()}));
  SqlArticleSearch search(shelves->database());
  Library library(shelves->store(), search);
  Desk desk(drafts, shelves->store());
  PeriodicTask waking("editorial", kWakePeriod, [&] { WakeArticles(drafts, shelves->store(), host.clock()); });
  PeriodicTask sweep("sweep", store::kSweepPeriod, [&] { store::SweepResponses(shelves->database(), host.clock()); });
  // Not Redis: without it articles are slower and nothing else.
  host.AddReadiness("database", [&] { return shelves->database().Ping(); });
  return host.Serve(*pipeline, {ContentMethods(library), EditorialMethods(desk)});
}

}  // namespace
}  // namespace lumbar::content

int main(int argc, char** argv) {
  CLI::App app{"lumbar-content: medical articles for patients"};
  lumbar::server::Flags flags;
  flags.service = "content";
  flags.port = 9092;
  flags.ops_port = 10092;
  flags.metrics_port = 11092;
  lumbar::content::Options options;
  lumbar::content::AddFlags(app, options);
  return lumbar::server::Main(argc, argv, app, flags,
                              [&](lumbar::server::Host& host) { return lumbar::content::Serve(host, options); });
}
