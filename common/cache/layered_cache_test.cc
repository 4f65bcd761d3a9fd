#include "common/cache/layered_cache.h"

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <thread>

#include "common/cache/envelope.h"
#include "common/cache/testing.h"
#include "common/status/errors.h"

namespace lumbar::cache {
namespace {

constexpr char kKey[] = "articles/a";
constexpr uint32_t kSchema = 3;

// The truth, and who reads it. `before_answer` runs between the reading and the answer.
class Origin {
 public:
  absl::StatusOr<std::string> Read(absl::string_view key) {
    ++reads;
    const std::string seen = text();
    if (before_answer) std::exchange(before_answer, nullptr)();
    if (key != kKey || seen.empty()) return absl::NotFoundError("none");
    return seen;
  }
  void Set(const std::string& text) {
    const MutexLock lock(mutex_);
    text_ = text;
  }
  std::string text() {
    const MutexLock lock(mutex_);
    return text_;
  }

  std::atomic<int> reads = 0;
  std::function<void()> before_answer;

 private:
  Mutex mutex_;
  std::string text_ ABSL_GUARDED_BY(mutex_) = "old";
};

class LayeredCacheTest : public ::testing::Test {
 protected:
  LayerOptions Options() {
    return {.schema = kSchema,
            .read = [this](absl::string_view key) { return origin_.Read(key); },
            .absent = absl::NotFoundError("none")};
  }
  void SetUp() override {
    for (LayeredCache* replica : {&a_, &b_}) {
      replica->Share(shared_);
      shared_.Follow(replica->Events());
    }
    Hear();
  }
  // What refreshes in the background ends before the caches do.
  void TearDown() override { executor_.Drain(absl::Seconds(5)); }
  // Both replicas hear from the shared cache.
  void Hear() {
    for (LayeredCache* replica : {&a_, &b_}) replica->Events().heard(clock_.Now());
  }
  // What replicas that hear all the time see in the end; steps of a second.
  void Pass(absl::Duration time, bool hearing = true) {
    for (; time > absl::ZeroDuration(); time -= absl::Seconds(1)) {
      clock_.Advance(std::min(time, absl::Seconds(1)));
      if (hearing) Hear();
    }
  }
  static std::string Read(LayeredCache& cache, const std::string& key = kKey) {
    std::promise<LayeredCache::Answer> answered;
    cache.Get(key, [&](LayeredCache::Answer answer) { answered.set_value(std::move(answer)); });
    const auto answer = answered.get_future().get();
    return answer.ok() ? **answer : std::string(absl::StatusCodeToString(answer.status().code()));
  }
  void Change(LayeredCache& by, const std::string& text) {
    by.Changing(kKey);
    origin_.Set(text);
    by.Changed(kKey);
  }

  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  Origin origin_;
  MemoryCache shared_;
  Executor executor_{4, 64};
  LayeredCache a_{Options(), executor_, clock_, clock_};
  LayeredCache b_{Options(), executor_, clock_, clock_};
};

TEST_F(LayeredCacheTest, ReadsTheOriginOnceForAllReplicas) {
  for (int read = 0; read < 5; ++read) {
    EXPECT_EQ(Read(a_), "old");
    EXPECT_EQ(Read(b_), "old");
  }
  EXPECT_EQ(origin_.reads, 1);
  EXPECT_EQ(a_.counters().near, 4u);
  EXPECT_EQ(b_.counters().shared, 1u);
}

TEST_F(LayeredCacheTest, ReadsTheOriginOnceForAThousandWhoMissTogether) {
  std::latch all_there(1);
  origin_.before_answer = [&] { all_there.wait(); };
  std::atomic<int> answered = 0;
  std::promise<void> finished;
  for (int i = 0; i < 1'000; ++i) {
    a_.Get(kKey, [&](const LayeredCache::Answer& answer) {
      EXPECT_TRUE(answer.ok() && **answer == "old");
      if (++answered == 1'000) finished.set_value();
    });
  }
  EXPECT_EQ(answered, 0);
  all_there.count_down();
  finished.get_future().wait();
  EXPECT_EQ(origin_.reads, 1);
  EXPECT_EQ(a_.counters().joined, 999u);
}

TEST_F(LayeredCacheTest, RefusesWhoeverIsTooMuchToWait) {
  LayerOptions options = Options();
  options.most_waiting = 2;
  LayeredCache narrow(options, executor_, clock_, clock_);
  std::promise<void> go, three;
  origin_.before_answer = [&, went = go.get_future().share()] { went.wait(); };
  std::atomic<int> answered = 0, refused = 0;
  for (int i = 0; i < 3; ++i) {
    narrow.Get(kKey, [&](const LayeredCache::Answer& answer) {
      if (!answer.ok() && ReasonOf(answer.status()) == "OVERLOADED") ++refused;
      if (++answered == 3) three.set_value();
    });
  }
  go.set_value();
  three.get_future().wait();
  EXPECT_EQ(refused, 1);
}

TEST_F(LayeredCacheTest, GivesNothingOutThatIsOlderThanTheBound) {
  EXPECT_EQ(Read(a_), "old");
  EXPECT_EQ(Read(b_), "old");
  EXPECT_GT(shared_.last_ttl, absl::Seconds(20));
  // Nobody is told.
  origin_.Set("new");
  origin_.before_answer = [&] { ADD_FAILURE() << "nothing is stale yet"; };
  Pass(absl::Seconds(9));
  EXPECT_EQ(Read(a_), "old");
  origin_.before_answer = nullptr;
  Pass(absl::Seconds(21));
  EXPECT_EQ(Read(a_), "new");
  EXPECT_EQ(Read(b_), "new");
}

TEST_F(LayeredCacheTest, CountsTheBoundFromTheReading) {
  origin_.before_answer = [&] { clock_.Advance(absl::Seconds(30)); };
  EXPECT_EQ(Read(a_), "old");
  Hear();
  origin_.Set("new");
  EXPECT_EQ(Read(a_), "new");
  EXPECT_EQ(Read(b_), "new");
}

TEST_F(LayeredCacheTest, GivesAStaleAnswerAtOnceAndFetchesANewOne) {
  EXPECT_EQ(Read(a_), "old");
  origin_.Set("new");
  Pass(absl::Seconds(23));
  std::promise<void> fetched;
  origin_.before_answer = [&] { fetched.set_value(); };
  EXPECT_EQ(Read(a_), "old");
  fetched.get_future().wait();
  while (Read(a_) != "new") std::this_thread::yield();
  EXPECT_EQ(origin_.reads, 2);
}

TEST_F(LayeredCacheTest, ShowsAChangeAtOnceToEveryReplica) {
  EXPECT_EQ(Read(a_), "old");
  EXPECT_EQ(Read(b_), "old");
  Change(a_, "new");
  EXPECT_EQ(Read(b_), "new");
  EXPECT_EQ(Read(a_), "new");
  EXPECT_EQ(origin_.reads, 2);
}

TEST_F(LayeredCacheTest, KeepsAnAbsenceUntilThereIsSomething) {
  origin_.Set("");
  for (int read = 0; read < 3; ++read) EXPECT_EQ(Read(a_), "NOT_FOUND");
  EXPECT_EQ(Read(b_), "NOT_FOUND");
  EXPECT_EQ(origin_.reads, 1);
  Change(b_, "new");
  EXPECT_EQ(Read(a_), "new");
  Change(b_, "");
  EXPECT_EQ(Read(a_), "NOT_FOUND");
  origin_.Set("untold");
  Pass(absl::Seconds(5));
  EXPECT_EQ(Read(a_), "untold");
}

TEST_F(LayeredCacheTest, KeepsNoAnswerThatWasReadBeforeAChange) {
  origin_.before_answer = [&] { Change(a_, "new"); };
  EXPECT_EQ(Read(b_), "old") << "what was true when it asked";
  EXPECT_EQ(Read(b_), "new");
  EXPECT_EQ(Read(a_), "new");
}

TEST_F(LayeredCacheTest, LetsNobodyJoinAReadingThatBeganBeforeAChange) {
  std::promise<void> reading, go;
  origin_.before_answer = [&, went = go.get_future().share()] {
    reading.set_value();
    went.wait();
  };
  auto early = std::async(std::launch::async, [&] { return Read(a_); });
  reading.get_future().wait();
  Change(a_, "new");
  EXPECT_EQ(Read(a_), "new");
  go.set_value();
  EXPECT_EQ(early.get(), "old");
  EXPECT_EQ(Read(a_), "new");
}

TEST_F(LayeredCacheTest, TakesBackWhatAChangeOvertookOnItsWayToTheSharedCache) {
  shared_.before_put = [&] { Change(a_, "new"); };
  EXPECT_EQ(Read(b_), "old");
  EXPECT_EQ(Read(b_), "new");
  EXPECT_EQ(Read(a_), "new");
}

TEST_F(LayeredCacheTest, KeepsNothingBetweenTheAnnouncementOfAChangeAndItsEnd) {
  EXPECT_EQ(Read(b_), "old");
  a_.Changing(kKey);
  EXPECT_EQ(Read(b_), "old");
  // It dies here, after its commit and before it tells.
  origin_.Set("new");
  EXPECT_EQ(Read(b_), "new");
}

TEST_F(LayeredCacheTest, GivesOutOfItsMemoryForASecondWhenItHearsNothing) {
  EXPECT_EQ(Read(a_), "old");
  shared_.reachable = false;
  origin_.Set("new");
  clock_.Advance(absl::Milliseconds(500));
  EXPECT_EQ(Read(a_), "old");
  clock_.Advance(absl::Milliseconds(500));
  EXPECT_EQ(Read(a_), "new");
  origin_.Set("newer");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Read(a_), "newer");
}

TEST_F(LayeredCacheTest, SaysWhenTheOldAnswerIsGoneAndTellsTheSharedCacheLater) {
  EXPECT_EQ(Read(a_), "old");
  EXPECT_EQ(Read(b_), "old");
  a_.Changing(kKey);
  shared_.reachable = false;
  origin_.Set("new");
  EXPECT_EQ(a_.Changed(kKey), absl::Seconds(30));
  EXPECT_EQ(Read(a_), "new");
  shared_.reachable = true;
  EXPECT_EQ(Read(a_), "new") << "whatever the shared cache has";
  a_.Events().tick();
  EXPECT_EQ(Read(b_), "new");
  a_.Changing(kKey);
  EXPECT_EQ(a_.Changed(kKey), absl::Seconds(1));
}

TEST_F(LayeredCacheTest, ForgetsAllWhenSomethingWasMissed) {
  EXPECT_EQ(Read(a_), "old");
  origin_.Set("new");
  shared_.Drop(kKey);
  EXPECT_EQ(Read(a_), "old");
  a_.Events().all_changed();
  EXPECT_EQ(Read(a_), "new");
}

TEST_F(LayeredCacheTest, RefusesAndDeletesWhatItDidNotPutThere) {
  EXPECT_EQ(Read(a_), "old");
  const std::string sealed = shared_.value(kKey);
  const std::string payload = *Decode(kSchema, kKey, sealed);
  int refused = 0;
  for (const std::string& forged :
       {std::string("garbage"), std::string(), Encode(kSchema + 1, kKey, payload), Encode(kSchema, "other", payload),
        Encode(kSchema, kKey, "soon  +\nforged"), Encode(kSchema, kKey, "1700000000000000 +\nforged"),
        Encode(kSchema, kKey, "\n"), sealed + "x"}) {
    shared_.Forge(kKey, forged);
    a_.Events().all_changed();
    EXPECT_EQ(Read(a_), "old");
    EXPECT_EQ(a_.counters().refused, static_cast<uint64_t>(++refused));
    EXPECT_EQ(Decode(kSchema, kKey, shared_.value(kKey)), payload);
  }
  // Too old, from the future, and of another stamp: refused, if not as forged.
  for (const absl::Duration age : {absl::Seconds(30), -absl::Minutes(1)}) {
    const int64_t micros = absl::ToUnixMicros(clock_.Now() - age);
    shared_.Forge(kKey, Encode(kSchema, kKey, absl::StrCat(micros, "  +\nforged")));
    a_.Events().all_changed();
    EXPECT_EQ(Read(a_), "old");
  }
  shared_.Forge(kKey, Encode(kSchema, kKey, absl::StrCat(absl::ToUnixMicros(clock_.Now()), " other +\nforged")));
  a_.Events().all_changed();
  EXPECT_EQ(Read(a_), "old");
}

// A published revision counts up; no reader may see an older one than was told before it asked.
TEST_F(LayeredCacheTest, BringsNoOldAnswerBackWhileSixtyFourFill) {
  std::atomic<int> told = 0;
  std::atomic<bool> stop = false;
  std::atomic<int> reads = 0;
  origin_.Set("0");
  std::vector<std::jthread> readers;
  readers.reserve(64);
  for (int r = 0; r < 64; ++r) {
    readers.emplace_back([&, r] {
      while (!stop) {
        const int least = told;
        EXPECT_GE(std::stoi(Read(r % 2 == 0 ? a_ : b_)), least);
        ++reads;
        std::this_thread::yield();
      }
    });
  }
  for (int revision = 1; revision <= 80; ++revision) {
    Change(revision % 2 == 0 ? a_ : b_, std::to_string(revision));
    told = revision;
    if (revision % 10 == 0) Hear();
    if (revision % 20 == 0) a_.Events().all_changed();
    const int enough = reads + 64;
    while (reads < enough) std::this_thread::yield();
  }
  stop = true;
  readers.clear();
  EXPECT_EQ(Read(a_), "80");
  EXPECT_EQ(Read(b_), "80");
}

}  // namespace
}  // namespace lumbar::cache
