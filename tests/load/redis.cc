// What asking Redis costs the one who asks: the same value over and over, by hiredis one at a time or by the shared
// cache so many at a time. Prints the CPU per call of this process, in microseconds, as JSON.
#include "common/cache/redis.h"

#include <CLI/CLI.hpp>
#include <hiredis/hiredis.h>
#include <sys/resource.h>

#include <atomic>
#include <future>
#include <iostream>
#include <string>

#include "common/time/clock.h"

namespace lumbar::load {
namespace {

constexpr char kKey[] = "load";

double CpuMicros() {
  rusage used = {};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
         static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

// Answers that had the value.
int AskOneAtATime(int port, const std::string& value, int calls) {
  redisContext* context = redisConnect("127.0.0.1", port);
  if (context == nullptr || context->err != 0) return 0;
  int right = 0;
  for (int i = 0; i < calls; ++i) {
    auto* reply = static_cast<redisReply*>(redisCommand(context, "GET lumbar:value:%s", kKey));
    if (reply == nullptr) break;
    right += reply->type == REDIS_REPLY_STRING && static_cast<size_t>(reply->len) == value.size();
    freeReplyObject(reply);
  }
  redisFree(context);
  return right;
}

// So many lanes, in each of which the next call begins when the last has ended.
struct Lanes {
  cache::RedisCache& cache;
  const std::string& value;
  std::atomic<int> left;
  std::atomic<int> running;
  std::atomic<int> right = 0;
  std::promise<void> finished = {};

  void Next() {
    if (left.fetch_sub(1) <= 0) {
      if (running.fetch_sub(1) == 1) finished.set_value();
      return;
    }
    cache.Get(kKey, [this](const cache::Found& found) {
      right += found.value && found.value->size() == value.size();
      Next();
    });
  }
};

int AskManyAtATime(cache::RedisCache& cache, const std::string& value, int calls, int in_flight) {
  Lanes lanes{cache, value, calls, in_flight};
  for (int i = 0; i < in_flight; ++i) lanes.Next();
  lanes.finished.get_future().wait();
  return lanes.right;
}

}  // namespace
}  // namespace lumbar::load

int main(int argc, char** argv) {
  using namespace lumbar;
  CLI::App app{"Asks Redis on 127.0.0.1 for one value over and over"};
  int port = 0, calls = 20'000, in_flight = 32;
  size_t bytes = 4096;
  std::string by;
  app.add_option("--port", port)->required();
  app.add_option("--by", by, "hiredis or cache")->required()->check(CLI::IsMember({"hiredis", "cache"}));
  app.add_option("--calls", calls)->check(CLI::Range(1, 100'000'000))->capture_default_str();
  app.add_option("--in-flight", in_flight)->check(CLI::Range(1, 1024))->capture_default_str();
  app.add_option("--bytes", bytes, "of the value")->check(CLI::Range(1, 1'000'000))->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const std::string value(bytes, 'x');
  const SteadyClock clock;
  cache::RedisOptions options;
  options.addresses = {{"127.0.0.1", port}};
  options.operation_timeout = absl::Seconds(5);
  const auto cache = cache::RedisCache::Start(options, {[](auto) {}, [] {}, [](auto) {}, [] {}}, clock);
  if (!cache.ok()) return 1;
  std::promise<cache::Outcome> put;
  (*cache)->Put(load::kKey, "", value, absl::Minutes(10), [&](cache::Outcome outcome) { put.set_value(outcome); });
  if (put.get_future().get() != cache::Outcome::kDone) return 1;
  const double before = load::CpuMicros();
  const int right = by == "hiredis" ? load::AskOneAtATime(port, value, calls)
                                    : load::AskManyAtATime(**cache, value, calls, in_flight);
  std::cout << "{\"cpuMicros\":" << (load::CpuMicros() - before) / calls << "}\n";
  return right == calls ? 0 : 1;
}
