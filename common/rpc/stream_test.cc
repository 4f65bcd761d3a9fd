#include "common/rpc/stream.h"

#include <gmock/gmock.h>
#include <google/protobuf/wrappers.pb.h>

#include <atomic>
#include <deque>
#include <functional>
#include <string>
#include <thread>

#include "common/rpc/errors.h"
#include "common/status/matchers.h"

namespace lumbar::rpc {
namespace {

using google::protobuf::Int64Value;
using testing::ElementsAre;
using testing::SizeIs;

// Gives 1, 2, 3 ... up to what the test allows, then nothing, or the failure.
class CountingSource final : public StreamSource {
 public:
  struct Script {
    std::atomic<int64_t> allowed = 0;
    std::atomic<int64_t> asked = 0;
    absl::Status failure;
  };
  explicit CountingSource(Script& script) : script_(script) {}
  absl::StatusOr<bool> Next(google::protobuf::Message& message) override {
    ++script_.asked;
    if (!script_.failure.ok()) return script_.failure;
    if (given_ >= script_.allowed) return false;
    static_cast<Int64Value&>(message).set_value(++given_);
    return true;
  }

 private:
  Script& script_;
  int64_t given_ = 0;
};

// Keeps what it is given, and takes it when the test says so.
class SlowTransport final : public StreamTransport {
 public:
  google::protobuf::Message& message() override { return message_; }
  void Write() override { ++written_; }
  void Cancel() override {
    ++cancelled_;
    if (on_cancel_) on_cancel_();
  }
  void Finish(const absl::Status& status) override { finished_ = status; }
  Int64Value message_;
  std::atomic<int> written_ = 0;
  std::atomic<int> cancelled_ = 0;
  std::function<void()> on_cancel_;
  absl::Status finished_;
};

class StreamTest : public testing::Test {
 protected:
  std::shared_ptr<Stream> Start() {
    auto stream = std::make_shared<Stream>(transport_, executor_, clock_);
    stream->Open(std::make_unique<CountingSource>(script_));
    stream->Start(clock_.Now() + absl::Hours(1), [this](const absl::Status& why) {
      ++ended_;
      why_ = why;
    });
    return stream;
  }
  // Waits until the executor has nothing to do. In this order: what isn't queued any more runs.
  void Settle() {
    while (executor_.queued() > 0 || executor_.running() > 0) std::this_thread::yield();
  }

  FakeClock clock_{absl::FromUnixSeconds(1'772'000'000)};
  CountingSource::Script script_;
  SlowTransport transport_;
  std::atomic<int> ended_ = 0;
  absl::Status why_;
  Executor executor_{2, 4};
};

TEST_F(StreamTest, AsksForTheNextMessageOnlyWhenTheLastIsTaken) {
  script_.allowed = 1000;
  const auto stream = Start();
  for (int i = 0; i < 10; ++i) stream->Wake();
  Settle();
  EXPECT_EQ(script_.asked, 1) << "one message in flight, however slow the reader is";
  EXPECT_EQ(transport_.written_, 1);
  stream->Written(true);
  Settle();
  EXPECT_EQ(script_.asked, 2);
  EXPECT_EQ(transport_.message_.value(), 2);
}

TEST_F(StreamTest, RestsUntilItIsWoken) {
  const auto stream = Start();
  EXPECT_EQ(transport_.written_, 0);
  script_.allowed = 1;
  stream->Wake();
  Settle();
  EXPECT_EQ(transport_.written_, 1);
}

TEST_F(StreamTest, EndsAtOnceWhenItRestsAndAfterTheMessageThatIsUnderWay) {
  const auto resting = Start();
  resting->End(StreamEnded());
  EXPECT_EQ(ended_, 1);
  script_.allowed = 1;
  const auto writing = Start();
  writing->End(StreamEnded());
  EXPECT_EQ(ended_, 1);
  writing->Written(true);
  Settle();
  EXPECT_EQ(ended_, 2);
  EXPECT_THAT(why_, FailsWith(absl::StatusCode::kUnavailable, "STREAM_ENDED"));
  writing->End(CallerGone());
  writing->Wake();
  Settle();
  EXPECT_EQ(ended_, 2) << "once";
}

TEST_F(StreamTest, EndsWithItsSourcesFailure) {
  script_.failure = absl::OutOfRangeError("too old");
  Start();
  EXPECT_EQ(why_.code(), absl::StatusCode::kOutOfRange);
}

TEST_F(StreamTest, EndsWhenTheReaderIsGone) {
  script_.allowed = 5;
  const auto stream = Start();
  stream->Written(false);
  Settle();
  EXPECT_THAT(why_, FailsWith(absl::StatusCode::kCancelled, "CALLER_GONE"));
  EXPECT_EQ(script_.asked, 1);
}

TEST_F(StreamTest, EndsWhenItsTimeIsOver) {
  const auto stream = Start();
  clock_.Advance(absl::Hours(1));
  stream->Wake();
  Settle();
  EXPECT_THAT(why_, FailsWith(absl::StatusCode::kUnavailable, "STREAM_ENDED"));
}

TEST_F(StreamTest, GivesUpAMessageThatIsNotTakenWhenItsTimeIsOver) {
  script_.allowed = 2;
  const auto stream = Start();
  stream->Wake();
  EXPECT_EQ(transport_.cancelled_, 0) << "a slow reader has until the end";
  clock_.Advance(absl::Hours(1));
  stream->Wake();
  stream->Wake();
  EXPECT_EQ(transport_.cancelled_, 1);
  EXPECT_EQ(ended_, 0) << "the transport has the message still";
  stream->Written(false);
  Settle();
  EXPECT_EQ(ended_, 1);
  EXPECT_THAT(why_, FailsWith(absl::StatusCode::kUnavailable, "STREAM_ENDED"));
}

TEST_F(StreamTest, GivesUpAMessageThatIsNotTakenWhenItIsEnded) {
  script_.allowed = 2;
  const auto stream = Start();
  // As a transport may, which has nothing to wait for.
  transport_.on_cancel_ = [&] { stream->Written(false); };
  stream->End(StreamEnded());
  stream->Wake();
  EXPECT_EQ(transport_.cancelled_, 0) << "it may be on its way to a reader that is well";
  clock_.Advance(kWritePatience);
  stream->Wake();
  Settle();
  stream->End(CallerGone());
  EXPECT_EQ(transport_.cancelled_, 1);
  EXPECT_EQ(ended_, 1);
  EXPECT_THAT(why_, FailsWith(absl::StatusCode::kUnavailable, "STREAM_ENDED"));
}

TEST_F(StreamTest, GivesUpAtOnceAMessageThatWasNotTakenForLong) {
  script_.allowed = 2;
  const auto stream = Start();
  clock_.Advance(kWritePatience);
  stream->End(StreamEnded());
  EXPECT_EQ(transport_.cancelled_, 1);
  stream->Written(false);
  Settle();
  EXPECT_EQ(ended_, 1);
}

TEST_F(StreamTest, EndsWithAReasonForAReaderThatTakesNothing) {
  script_.allowed = 2;
  const auto stream = Start();
  clock_.Advance(kReaderPatience - absl::Microseconds(1));
  stream->Wake();
  EXPECT_EQ(transport_.cancelled_, 0);
  stream->Written(true);
  Settle();
  clock_.Advance(kReaderPatience - absl::Microseconds(1));
  stream->Wake();
  EXPECT_EQ(transport_.cancelled_, 0) << "each message has that long";
  clock_.Advance(absl::Microseconds(1));
  stream->Wake();
  EXPECT_EQ(transport_.cancelled_, 1);
  stream->Written(false);
  Settle();
  EXPECT_THAT(why_, FailsWith(absl::StatusCode::kUnavailable, "READER_STALLED"));
}

TEST_F(StreamTest, LosesNoWakeAndEndsOnceWhateverRaces) {
  for (int round = 0; round < 200; ++round) {
    ended_ = 0;
    const auto stream = Start();
    std::thread waking([&] {
      for (int i = 0; i < 20; ++i) stream->Wake();
    });
    std::thread ending([&] { stream->End(StreamEnded()); });
    waking.join();
    ending.join();
    Settle();
    stream->Wake();
    Settle();
    EXPECT_EQ(ended_, 1);
  }
}

TEST_F(StreamTest, HasABoundOnHowManyThereAre) {
  StreamSet set;
  std::vector<std::shared_ptr<Stream>> streams;
  for (size_t i = 0; i < kMostStreams; ++i) {
    streams.push_back(Start());
    EXPECT_THAT(set.Add(streams.back()), IsOk());
  }
  const auto one_more = Start();
  EXPECT_THAT(set.Add(one_more), FailsWith(absl::StatusCode::kResourceExhausted, "TOO_MANY_STREAMS"));
  set.Remove(streams.back());
  EXPECT_THAT(set.Add(one_more), IsOk());
  set.EndAll();
  EXPECT_EQ(ended_, static_cast<int>(kMostStreams));
  EXPECT_THAT(set.Add(streams.back()), FailsWith(absl::StatusCode::kUnavailable, "STREAM_ENDED"));
}

}  // namespace
}  // namespace lumbar::rpc
