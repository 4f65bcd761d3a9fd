#include "common/cache/near_cache.h"

#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include <thread>

namespace lumbar::cache {
namespace {

class NearCacheTest : public ::testing::Test {
 protected:
  static constexpr size_t kMost = 64 * 1024;

  static Bytes Made(const std::string& text) { return std::make_shared<const std::string>(text); }
  NearCache::Entry Entry(const std::string& text, absl::Duration life = absl::Seconds(30)) const {
    return {Made(text), now_ + life / 2, now_ + life, now_};
  }
  void Put(const std::string& key, const std::string& text) { near_.Put(key, near_.Begin(key), Entry(text)); }
  std::string Find(const std::string& key) {
    const auto hit = near_.Find(key, now_, now_);
    return hit ? *hit->bytes : "none";
  }

  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
  NearCache near_{kMost, 1};
};

TEST_F(NearCacheTest, KeepsUntilItsEndAndForgetsWhatIsDropped) {
  Put("a", "1");
  Put("b", "2");
  EXPECT_EQ(Find("a"), "1");
  near_.Drop("a");
  EXPECT_EQ(Find("a"), "none");
  EXPECT_EQ(Find("b"), "2");
  now_ += absl::Seconds(30);
  EXPECT_EQ(Find("b"), "none");
}

TEST_F(NearCacheTest, TellsOneReaderASecondThatAnEntryIsStale) {
  Put("a", "1");
  EXPECT_FALSE(near_.Find("a", now_, now_)->refresh);
  now_ += absl::Seconds(15);
  EXPECT_TRUE(near_.Find("a", now_, now_)->refresh);
  EXPECT_FALSE(near_.Find("a", now_, now_)->refresh);
  now_ += absl::Seconds(1);
  EXPECT_TRUE(near_.Find("a", now_, now_)->refresh);
}

TEST_F(NearCacheTest, GivesNothingOutLongerThanASecondWithoutWord) {
  Put("a", "1");
  const absl::Time put = now_;
  now_ += absl::Milliseconds(999);
  EXPECT_TRUE(near_.Find("a", now_, absl::InfinitePast()));
  now_ += absl::Milliseconds(1);
  EXPECT_FALSE(near_.Find("a", now_, absl::InfinitePast()));
  EXPECT_FALSE(near_.Find("a", now_, put));
  EXPECT_TRUE(near_.Find("a", now_, put + absl::Milliseconds(1)));
}

TEST_F(NearCacheTest, RefusesWhatWasReadBeforeADrop) {
  const auto ticket = near_.Begin("a");
  near_.Drop("a");
  EXPECT_FALSE(near_.Put("a", ticket, Entry("old")));
  const auto another = near_.Begin("a");
  near_.Clear();
  EXPECT_FALSE(near_.Put("a", another, Entry("old")));
  EXPECT_TRUE(near_.Put("a", near_.Begin("a"), Entry("new")));
  EXPECT_EQ(Find("a"), "new");
}

TEST_F(NearCacheTest, StaysBelowItsBoundWhateverIsPut) {
  for (int i = 0; i < 20'000; ++i) {
    Put(absl::StrCat("k", i % 7'000), std::string(static_cast<size_t>(i % 3'000), 'x'));
    ASSERT_LE(near_.bytes(), kMost);
  }
  EXPECT_GT(near_.bytes(), kMost / 2);
  Put("huge", std::string(kMost / 2, 'x'));
  EXPECT_EQ(Find("huge"), "none");
  near_.Clear();
  EXPECT_EQ(near_.bytes(), 0u);
}

TEST_F(NearCacheTest, KeepsWhatIsWantedThroughAScan) {
  const std::string text(1'000, 'x');
  for (int i = 0; i < 20; ++i) Put(absl::StrCat("hot", i), text);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Find(absl::StrCat("hot", i)), text);
  for (int i = 0; i < 10'000; ++i) Put(absl::StrCat("scan", i), text);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Find(absl::StrCat("hot", i)), text) << i;
}

TEST_F(NearCacheTest, TakesWhatComesBackSoonForWanted) {
  const std::string text(1'000, 'x');
  Put("again", text);
  for (int i = 0; i < 60; ++i) Put(absl::StrCat("scan", i), text);
  EXPECT_EQ(Find("again"), "none") << "nobody asked for it";
  Put("again", text);
  for (int i = 0; i < 30; ++i) Put(absl::StrCat("more", i), text);
  EXPECT_EQ(Find("again"), text);
}

TEST_F(NearCacheTest, IsSharedByThreads) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this] {
      for (int i = 0; i < 5'000; ++i) {
        const std::string key = absl::StrCat(i % 100);
        Put(key, key);
        const auto hit = near_.Find(key, now_, now_);
        EXPECT_TRUE(!hit || *hit->bytes == key);
        if (i % 17 == 0) near_.Drop(key);
        if (i % 1'000 == 0) near_.Clear();
      }
    });
  }
}

}  // namespace
}  // namespace lumbar::cache
