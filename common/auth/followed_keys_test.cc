#include "common/auth/followed_keys.h"

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <latch>
#include <sstream>
#include <thread>

#include "common/auth/errors.h"
#include "common/auth/test_issuer.h"
#include "common/status/matchers.h"
#include "common/telemetry/log.h"

namespace lumbar::auth {
namespace {

using ::testing::HasSubstr;

std::string SetOf(const char* kid) { return JwksOf({TestIssuer(Algorithm::kEdDsa, kid).Jwk()}); }

// A server that answers what the test says, and counts how often it is asked.
class StandIn final : public KeySource {
 public:
  struct Script {
    absl::StatusOr<Answer> answer = KeyUrlUnreachable("it is down");
    int reads = 0;
  };
  explicit StandIn(Script& script) : script_(script) {}
  absl::StatusOr<Answer> Read() override {
    ++script_.reads;
    return script_.answer;
  }
  const std::string& name() const override { return name_; }

 private:
  Script& script_;
  const std::string name_ = "https://id.example/keys";
};

class FollowedKeysTest : public ::testing::Test {
 protected:
  void Answer(const std::string& text, absl::Duration good_for = absl::InfiniteDuration()) {
    server_.answer = KeySource::Answer{text, good_for};
  }
  bool Has(const char* kid) const { return keys_.Current()->Find(kid) != nullptr; }
  // Once a second, as a process does.
  void LookFor(absl::Duration time) {
    for (; time > absl::ZeroDuration(); time -= absl::Seconds(1)) {
      clock_.Advance(absl::Seconds(1));
      keys_.Look().IgnoreError();
    }
  }

  StandIn::Script server_;
  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  FollowedKeys keys_{std::make_unique<StandIn>(server_), clock_, {absl::Minutes(5), absl::Seconds(10)}};
};

TEST_F(FollowedKeysTest, HasNoKeysBeforeTheFirstSetAndSaysSo) {
  EXPECT_EQ(keys_.Current()->size(), 0u);
  EXPECT_THAT(keys_.Ready(), FailsWith(absl::StatusCode::kUnavailable, "KEYS_MISSING"));
  EXPECT_THAT(keys_.Look(), FailsWith(absl::StatusCode::kUnavailable, "KEY_URL_UNREACHABLE"));
  EXPECT_THAT(keys_.Ready(), FailsWith(absl::StatusCode::kUnavailable, "KEYS_MISSING"));
  EXPECT_THAT(keys_.AwaitFirst(absl::ZeroDuration()), FailsWith(absl::StatusCode::kUnavailable, "KEYS_MISSING"));
  // It is asked at every look, so that the process is ready as soon as may be.
  LookFor(absl::Seconds(3));
  EXPECT_EQ(server_.reads, 4);
  Answer(SetOf("first"));
  EXPECT_THAT(keys_.Look(), IsOk());
  EXPECT_THAT(keys_.Ready(), IsOk());
  EXPECT_TRUE(Has("first"));
}

TEST_F(FollowedKeysTest, WakesWhoAwaitsTheFirstSet) {
  Answer(SetOf("first"));
  std::latch begun(1);
  absl::Status first = absl::UnknownError("not awaited");
  std::thread waiting([&] {
    begun.count_down();
    first = keys_.AwaitFirst(absl::Minutes(1));
  });
  begun.wait();
  EXPECT_THAT(keys_.Look(), IsOk());
  waiting.join();
  EXPECT_THAT(first, IsOk());
}

TEST_F(FollowedKeysTest, AsksOncePerInterval) {
  Answer(SetOf("first"));
  EXPECT_THAT(keys_.Look(), IsOk());
  Answer(SetOf("second"));
  LookFor(absl::Seconds(299));
  EXPECT_EQ(server_.reads, 1);
  EXPECT_TRUE(Has("first"));
  EXPECT_EQ(keys_.Age(), absl::Seconds(299));
  LookFor(absl::Seconds(1));
  EXPECT_EQ(server_.reads, 2);
  EXPECT_FALSE(Has("first"));
  EXPECT_TRUE(Has("second"));
  EXPECT_EQ(keys_.Age(), absl::ZeroDuration());
}

TEST_F(FollowedKeysTest, AsksSoonerIfTheSourceSaysSoButNeverTooOften) {
  Answer(SetOf("first"), absl::Seconds(60));
  EXPECT_THAT(keys_.Look(), IsOk());
  LookFor(absl::Seconds(59));
  EXPECT_EQ(server_.reads, 1);
  Answer(SetOf("first"), absl::ZeroDuration());
  LookFor(absl::Seconds(1));
  EXPECT_EQ(server_.reads, 2);
  LookFor(absl::Seconds(9));
  EXPECT_EQ(server_.reads, 2);
  Answer(SetOf("first"), absl::Hours(24));
  LookFor(absl::Seconds(1));
  EXPECT_EQ(server_.reads, 3);
  LookFor(absl::Minutes(5));
  EXPECT_EQ(server_.reads, 4);
}

TEST_F(FollowedKeysTest, KeepsTheSameSetWhileTheSourceIsTheSame) {
  Answer(SetOf("first"));
  EXPECT_THAT(keys_.Look(), IsOk());
  const auto before = keys_.Current();
  LookFor(absl::Minutes(20));
  EXPECT_EQ(server_.reads, 5);
  EXPECT_EQ(keys_.Current(), before);
}

TEST_F(FollowedKeysTest, AsksOnceForAFloodOfUnknownKeys) {
  Answer(SetOf("first"));
  EXPECT_THAT(keys_.Look(), IsOk());
  int most = 0;
  for (int second = 0; second < 100; ++second) {
    for (int i = 0; i < 100; ++i) keys_.Missed();
    const int before = server_.reads;
    LookFor(absl::Seconds(1));
    most = std::max(most, server_.reads - before);
  }
  EXPECT_EQ(most, 1);
  EXPECT_EQ(server_.reads, 1 + 10);
  // Who is forgotten asks no more.
  LookFor(absl::Seconds(299));
  EXPECT_EQ(server_.reads, 11);
}

TEST_F(FollowedKeysTest, AsksAtOnceForTheFirstUnknownKeyAfterAQuietTime) {
  Answer(SetOf("first"));
  EXPECT_THAT(keys_.Look(), IsOk());
  LookFor(absl::Seconds(30));
  Answer(SetOf("second"));
  keys_.Missed();
  LookFor(absl::Seconds(1));
  EXPECT_EQ(server_.reads, 2);
  EXPECT_TRUE(Has("second"));
}

TEST_F(FollowedKeysTest, KeepsTheLastGoodSetThroughEveryFailure) {
  const std::string key = TestIssuer(Algorithm::kEdDsa, "twice").Jwk().dump();
  auto with_private_part = TestIssuer().Jwk();
  with_private_part["d"] = "AAAA";
  Answer(SetOf("first"));
  EXPECT_THAT(keys_.Look(), IsOk());
  int64_t failures = 0;
  for (const std::string& bad :
       {std::string(), std::string("garbage"), std::string(R"({"keys":[]})"),
        absl::StrCat(R"({"keys":[)", key, ",", key, "]}"), JwksOf({with_private_part}), std::string(300'000, ' ')}) {
    Answer(bad);
    LookFor(absl::Minutes(5));
    EXPECT_TRUE(Has("first")) << bad;
    EXPECT_GT(keys_.failures(), failures) << bad;
    failures = keys_.failures();
  }
  EXPECT_EQ(keys_.Age(), absl::Minutes(30));
  EXPECT_THAT(keys_.Ready(), IsOk());
  // After a failure it asks again as soon as it may.
  Answer(SetOf("second"));
  LookFor(absl::Seconds(10));
  EXPECT_TRUE(Has("second"));
}

TEST_F(FollowedKeysTest, LogsTheFirstFailureOfAKindWithoutWhatWasRead) {
  Answer(SetOf("first"));
  EXPECT_THAT(keys_.Look(), IsOk());
  std::ostringstream log;
  InitLoggingTo(log, "test", LogLevel::kWarning);
  Answer("canary");
  LookFor(absl::Minutes(10));
  server_.answer = KeyUrlUnreachable("it is down");
  LookFor(absl::Minutes(10));
  InitLoggingTo(std::cerr, "test", LogLevel::kWarning);
  const std::string lines = log.str();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 2) << lines;
  EXPECT_THAT(lines, HasSubstr("keys_not_read"));
  EXPECT_THAT(lines, HasSubstr("KEY_SET_REFUSED"));
  EXPECT_THAT(lines, HasSubstr("KEY_URL_UNREACHABLE"));
  EXPECT_THAT(lines, HasSubstr("https://id.example/keys"));
  EXPECT_THAT(lines, Not(HasSubstr("canary")));
}

TEST_F(FollowedKeysTest, AsksAfterTheClockIsSetBack) {
  Answer(SetOf("first"));
  EXPECT_THAT(keys_.Look(), IsOk());
  Answer(SetOf("second"));
  clock_.Advance(-absl::Hours(3));
  EXPECT_THAT(keys_.Look(), IsOk());
  EXPECT_TRUE(Has("second"));
}

class FollowedFileTest : public ::testing::Test {
 protected:
  const std::string path_ = TemporaryPath("jwks.json");
  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
};

TEST_F(FollowedFileTest, FollowsItsFile) {
  WriteFile(path_, SetOf("first"));
  ASSERT_OK_AND_ASSIGN(const auto keys, FollowedKeys::OfFile(path_, clock_));
  WriteFile(path_, SetOf("second"));
  clock_.Advance(absl::Seconds(9));
  EXPECT_THAT(keys->Look(), IsOk());
  EXPECT_NE(keys->Current()->Find("first"), nullptr);
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(keys->Look(), IsOk());
  EXPECT_EQ(keys->Current()->Find("first"), nullptr);
  EXPECT_NE(keys->Current()->Find("second"), nullptr);
  ::unlink(path_.c_str());
  clock_.Advance(absl::Seconds(10));
  EXPECT_THAT(keys->Look(), FailsWith(absl::StatusCode::kNotFound, "KEY_FILE_UNREADABLE"));
  EXPECT_NE(keys->Current()->Find("second"), nullptr);
}

TEST_F(FollowedFileTest, KeepsTheLastGoodSetWhenReadingTheFileFails) {
  WriteFile(path_, SetOf("first"));
  ASSERT_OK_AND_ASSIGN(const auto keys, FollowedKeys::OfFile(path_, clock_));
  // A regular file that can be opened, and then gives EIO.
  ::unlink(path_.c_str());
  ASSERT_EQ(::symlink("/proc/self/mem", path_.c_str()), 0);
  clock_.Advance(absl::Seconds(10));
  EXPECT_THAT(keys->Look(), FailsWith(absl::StatusCode::kNotFound, "KEY_FILE_UNREADABLE"));
  EXPECT_NE(keys->Current()->Find("first"), nullptr);
  EXPECT_EQ(keys->failures(), 1);
}

TEST_F(FollowedFileTest, NeedsAGoodFileToStart) {
  const auto open = [&] { return FollowedKeys::OfFile(path_, clock_); };
  EXPECT_THAT(open(), FailsWith(absl::StatusCode::kNotFound, "KEY_FILE_UNREADABLE"));
  WriteFile(path_, "");
  EXPECT_THAT(open(), FailsWith(absl::StatusCode::kInvalidArgument, "KEY_SET_REFUSED"));
  WriteFile(path_, std::string(kMaxKeySetBytes + 1, ' '));
  EXPECT_THAT(open(), FailsWith(absl::StatusCode::kNotFound, "KEY_FILE_UNREADABLE"));
}

}  // namespace
}  // namespace lumbar::auth
