// Reads one article from every replica without a pause while it is published over and over, and tells how old the
// oldest answer was. One line of JSON for each line of input, about the time since the line before; the input's end
// ends it.
#include <CLI/CLI.hpp>
#include <absl/strings/str_cat.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <iostream>
#include <thread>
#include <utility>
#include <vector>

#include "common/cache/redis.h"
#include "common/rpc/client.h"
#include "common/status/macros.h"
#include "common/store/database.h"
#include "lumbar/content/v1/content_service.grpc.pb.h"
#include "services/content/store/cached_article_store.h"
#include "services/content/store/shelf_table.h"
#include "services/content/store/sql_article_store.h"

namespace lumbar::chaos {
namespace {

namespace v1 = content::v1;

constexpr char kName[] = "articles/under-test";

struct Options {
  std::string database;
  std::string redis;
  std::vector<std::string> targets;
  int readers = 8;
  int period_ms = 40;
};

// What happened since the last report. Revision i was committed at commits[i - first].
class Record {
 public:
  void Published(int64_t revision, absl::Time time) {
    const MutexLock lock(mutex_);
    if (first_ == 0) first_ = revision;
    commits_.push_back({time, absl::ZeroDuration(), false});
  }
  // Redis took the newest one's word.
  void Told() {
    const MutexLock lock(mutex_);
    if (!commits_.empty()) commits_.back().told = true;
  }
  void Failed(const absl::Status& status) {
    const MutexLock lock(mutex_);
    if (failed_++ == 0) failure_ = status.ToString();
  }
  // Whoever asked at `asked` was given `revision`: each newer one that was there before is late.
  void Read(int64_t revision, absl::Time asked) {
    const MutexLock lock(mutex_);
    ++reads_;
    for (size_t i = revision < first_ ? 0 : static_cast<size_t>(revision - first_ + 1); i < commits_.size(); ++i) {
      if (commits_[i].time > asked) break;
      commits_[i].late = std::max(commits_[i].late, asked - commits_[i].time);
    }
  }
  // About the revisions since the last one, told to Redis and not.
  nlohmann::json Report() {
    const MutexLock lock(mutex_);
    std::vector<absl::Duration> late;
    absl::Duration most_untold;
    for (size_t i = reported_; i < commits_.size(); ++i) {
      commits_[i].told ? late.push_back(commits_[i].late) : void(most_untold = std::max(most_untold, commits_[i].late));
    }
    std::sort(late.begin(), late.end());
    nlohmann::json report = {{"reads", reads_}, {"failed", failed_}, {"published", commits_.size() - reported_}};
    report["told"] = late.size();
    report["untoldMsMost"] = absl::ToDoubleMilliseconds(most_untold);
    report["lateMsMost"] = late.empty() ? 0 : absl::ToDoubleMilliseconds(late.back());
    report["lateMsP99"] = late.empty() ? 0 : absl::ToDoubleMilliseconds(late[(late.size() - 1) * 99 / 100]);
    if (failed_ > 0) report["failure"] = failure_;
    reported_ = commits_.size();
    reads_ = failed_ = 0;
    return report;
  }

 private:
  struct Commit {
    absl::Time time;
    absl::Duration late;
    bool told;
  };

  Mutex mutex_;
  int64_t first_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<Commit> commits_ ABSL_GUARDED_BY(mutex_);
  size_t reported_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t reads_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t failed_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string failure_ ABSL_GUARDED_BY(mutex_);
};

// Publishes as a replica of the service would, past the editorial process: that one wants two more people each time.
class Publisher {
 public:
  static absl::StatusOr<std::unique_ptr<Publisher>> Open(const Options& options) {
    LUMBAR_ASSIGN_OR_RETURN(auto database, store::Database::Open({.url = options.database}));
    LUMBAR_ASSIGN_OR_RETURN(cache::RedisOptions redis, cache::ParseRedisUrl(options.redis));
    redis.prefix = "lumbar:content:";
    std::unique_ptr<Publisher> publisher(new Publisher(std::move(database)));
    cache::LayeredCache& layers = publisher->store_.layers();
    LUMBAR_ASSIGN_OR_RETURN(publisher->redis_,
                            cache::RedisCache::Start(std::move(redis), layers.Events(), publisher->steady_));
    layers.Share(*publisher->redis_);
    return publisher;
  }

  absl::Status Publish(Record& record) {
    v1::Article article;
    article.set_name(kName);
    article.set_title(absl::StrCat("Edition ", ++edition_));
    article.set_topic("causes");
    article.set_language_code("en");
    article.set_etag(absl::StrCat(absl::ToUnixNanos(absl::Now()), "-", edition_));
    article.set_body_html(std::string(3500, 'x'));
    store_.Prepare(kName);
    const auto published =
        database_->Write([&](soci::session& session) { return content::PutOnShelf(session, article, absl::Now()); });
    if (published.ok()) record.Published(published->revision, absl::Now());
    const absl::Time gone = store_.Announce({kName, 0, false});
    if (published.ok() && gone < absl::Now() + 2 * cache::NearCache::kAlone) record.Told();
    return published.status();
  }

 private:
  explicit Publisher(std::unique_ptr<store::Database> database)
      : database_(std::move(database)), sql_(*database_), store_(sql_, 1 << 20, executor_, wall_, steady_) {}

  const SystemClock wall_;
  const SteadyClock steady_;
  const std::unique_ptr<store::Database> database_;
  Executor executor_{1, 1};
  content::SqlArticleStore sql_;
  content::CachedArticleStore store_;
  std::unique_ptr<cache::RedisCache> redis_;
  int64_t edition_ = 0;
};

void ReadOn(const std::string& target, Record& record, const std::atomic<bool>& stop) {
  const auto stub = v1::ContentService::NewStub(rpc::MakeChannel(target));
  v1::GetArticleRequest request;
  request.set_name(kName);
  while (!stop) {
    const absl::Time asked = absl::Now();
    const auto answer =
        rpc::Call(*stub, &v1::ContentService::Stub::GetArticle, request, {asked + absl::Seconds(2), NewTrace(), ""});
    answer.ok() ? record.Read(answer->article().revision(), asked) : record.Failed(answer.status());
  }
}

absl::Status Drive(const Options& options) {
  LUMBAR_ASSIGN_OR_RETURN(const auto publisher, Publisher::Open(options));
  Record record;
  LUMBAR_RETURN_IF_ERROR(publisher->Publish(record));
  std::atomic<bool> stop = false;
  std::atomic<int> unpublished = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < options.readers; ++i) {
    const std::string& target = options.targets[static_cast<size_t>(i) % options.targets.size()];
    threads.emplace_back([&] { ReadOn(target, record, stop); });
  }
  threads.emplace_back([&] {
    while (!stop) {
      if (!publisher->Publish(record).ok()) ++unpublished;
      // The pace of the load, which nobody waits for.
      std::this_thread::sleep_for(std::chrono::milliseconds(options.period_ms));
    }
  });
  for (std::string line; std::getline(std::cin, line);) {
    nlohmann::json report = record.Report();
    report["unpublished"] = unpublished.exchange(0);
    std::cout << report.dump() << std::endl;
  }
  stop = true;
  return absl::OkStatus();
}

}  // namespace
}  // namespace lumbar::chaos

int main(int argc, char** argv) {
  CLI::App app{"Reads an article from every replica while it is published over and over"};
  lumbar::chaos::Options options;
  app.add_option("--database", options.database, "the replicas'")->required();
  app.add_option("--redis", options.redis, "the replicas'")->required();
  app.add_option("--target", options.targets, "HOST:PORT of a replica; several")->required();
  app.add_option("--readers", options.readers)->check(CLI::Range(1, 256))->capture_default_str();
  app.add_option("--period-ms", options.period_ms, "between two publications")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  if (const absl::Status status = lumbar::chaos::Drive(options); !status.ok()) {
    std::cerr << "content_driver: " << status.ToString() << "\n";
    return 1;
  }
  return 0;
}
