// The content service: medical articles for patients.
#include <absl/cleanup/cleanup.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "common/cache/redis.h"
#include "common/concurrency/batch_task.h"
#include "common/concurrency/periodic.h"
#include "common/server/command_line.h"
#include "common/server/host.h"
#include "common/status/macros.h"
#include "common/store/database.h"
#include "common/store/idempotency.h"
#include "common/telemetry/log.h"
#include "services/content/adapters/triage_client.h"
#include "services/content/cache_metrics.h"
#include "services/content/content_service.h"
#include "services/content/domain/site.h"
#include "services/content/domain/triage_watch.h"
#include "services/content/domain/wake.h"
#include "services/content/store/cached_article_store.h"
#include "services/content/store/migrations.h"
#include "services/content/store/sql_article_index.h"
#include "services/content/store/sql_article_search.h"
#include "services/content/store/sql_article_store.h"
#include "services/content/store/sql_editorial_store.h"

namespace lumbar::content {
namespace {

// How often scheduled articles are looked at, and those whose review is due.
constexpr absl::Duration kWakePeriod = absl::Seconds(5);
// How often triage is asked for its rules.
constexpr absl::Duration kTriagePeriod = absl::Minutes(1);

struct Options {
  std::string database;
  std::string redis;
  std::string redis_ca_file;
  int near_cache_megabytes = 64;
  std::string articles_url;
  std::string triage;
};

void AddFlags(server::CommandLine& line, Options& options) {
  line.RequiredText("database", options.database,
                    "where articles are kept: sqlite:///var/lib/lumbar/content.db or postgresql://user@host/content");
  line.Text("redis", options.redis,
            "cache that replicas share: redis://user:password@host:port/database, rediss:// for TLS, "
            "redis+sentinel://host:port,host:port/master/database; empty: none");
  line.Text("redis-ca-file", options.redis_ca_file, "authorities for rediss://, in PEM; empty: the system's");
  line.Number("near-cache-megabytes", options.near_cache_megabytes, 1, 4096, "memory for answers in this process");
  line.Text("articles-url", options.articles_url,
            "where readers see articles, for search engines: with https://clinic.example/articles, sciatica is at "
            "https://clinic.example/articles/sciatica; empty: no sitemap");
  line.Text("triage", options.triage,
            "address of the triage service, e.g. 127.0.0.1:9091, whose changed rules make articles due for review; "
            "empty: nobody asks it");
}

// Readers' way to the articles, with the caches around the database.
class Shelves {
 public:
  static absl::StatusOr<std::unique_ptr<Shelves>> Open(const Options& options, server::Host& host) {
    LUMBAR_ASSIGN_OR_RETURN(auto database, store::Database::Open({.url = options.database}));
    LUMBAR_RETURN_IF_ERROR(MigrateContent(*database, host.clock()));
    const size_t near_bytes = static_cast<size_t>(options.near_cache_megabytes) << 20;
    std::unique_ptr<Shelves> shelves(new Shelves(std::move(database), near_bytes, host));
    if (options.redis.empty()) return shelves;
    LUMBAR_ASSIGN_OR_RETURN(cache::RedisOptions redis, cache::ParseRedisUrl(options.redis));
    redis.ca_file = options.redis_ca_file;
    redis.prefix = "lumbar:content:";
    cache::LayeredCache& layers = shelves->cached_.layers();
    LUMBAR_ASSIGN_OR_RETURN(shelves->redis_,
                            cache::RedisCache::Start(std::move(redis), layers.Events(), shelves->steady_));
    layers.Share(*shelves->redis_);
    return shelves;
  }

  CachedArticleStore& store() { return cached_; }
  store::Database& database() { return *database_; }
  const cache::CacheCounters* redis_counters() const { return redis_ == nullptr ? nullptr : &redis_->counters(); }
  // No reader is answered through Redis any more.
  void Close() {
    if (redis_ != nullptr) redis_->Stop();
  }

 private:
  Shelves(std::unique_ptr<store::Database> database, size_t near_bytes, server::Host& host)
      : database_(std::move(database)),
        sql_(*database_),
        cached_(sql_, near_bytes, host.executor(), host.clock(), steady_) {}

  const SteadyClock steady_;
  const std::unique_ptr<store::Database> database_;
  SqlArticleStore sql_;
  CachedArticleStore cached_;
  std::unique_ptr<cache::RedisCache> redis_;
};

// Asks triage at once and then again and again, if it is known.
class TriageAsking {
 public:
  TriageAsking(const std::string& triage, const transport::CertificateFiles* certificates, EditorialStore& drafts) {
    if (triage.empty()) return;
    client_.emplace(triage, certificates);
    watch_.emplace(*client_, drafts);
    asking_.emplace("triage", kTriagePeriod, [this] { watch_->Look(); });
    asking_->Wake();
  }

 private:
  std::optional<TriageClient> client_;
  std::optional<TriageWatch> watch_;
  std::optional<PeriodicTask> asking_;
};

absl::Status Serve(server::Host& host, const Options& options) {
  LUMBAR_ASSIGN_OR_RETURN(const Site site, Site::At(options.articles_url));
  LUMBAR_ASSIGN_OR_RETURN(const auto shelves, Shelves::Open(options, host));
  SqlEditorialStore drafts(shelves->database(), host.clock());
  LUMBAR_ASSIGN_OR_RETURN(const auto pipeline, host.MakePipeline({&ContentContract(), &EditorialContract()}));
  SqlArticleSearch search(shelves->database());
  SqlArticleIndex index(shelves->database());
  Library library(shelves->store(), shelves->store(), search);
  Signpost signpost(shelves->store(), index, site);
  Desk desk(drafts, shelves->store());
  PeriodicTask waking("editorial", kWakePeriod, [&] { WakeArticles(drafts, shelves->store(), host.clock()); });
  const TriageAsking triage(options.triage, host.certificates(), drafts);
  BatchTask sweep("sweep", store::kSweepPeriod,
                  [&] { return store::SweepResponses(shelves->database(), host.clock()); });
  CacheMetrics metrics(*host.registry(), shelves->store().layers(), shelves->redis_counters());
  PeriodicTask count("cache metrics", absl::Seconds(1), [&] { metrics.Update(); });
  // What Redis still answers, it answers to calls of this pipeline.
  const absl::Cleanup close = [&] { shelves->Close(); };
  // Not Redis: without it articles are slower and nothing else.
  host.AddReadiness("database", [&] { return shelves->database().Ping(); });
  return host.Serve(*pipeline, {ContentMethods(library, signpost), EditorialMethods(desk)});
}

}  // namespace
}  // namespace lumbar::content

int main(int argc, char** argv) {
  lumbar::server::CommandLine line("lumbar-content: medical articles for patients");
  lumbar::server::Flags flags;
  flags.service = "content";
  flags.port = 9092;
  flags.ops_port = 10092;
  flags.metrics_port = 11092;
  lumbar::content::Options options;
  lumbar::content::AddFlags(line, options);
  return lumbar::server::Main(argc, argv, line, flags,
                              [&](lumbar::server::Host& host) { return lumbar::content::Serve(host, options); });
}
