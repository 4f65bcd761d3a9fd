// Answers that are a stream: where its messages come from, and how they get out, one at a time. Free of the transport.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/functional/any_invocable.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>
#include <google/protobuf/message.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "common/concurrency/executor.h"
#include "common/concurrency/mutex.h"
#include "common/time/clock.h"

namespace lumbar::rpc {

// Gives the messages of one stream. Used by one thread at a time; it may block as handlers may.
class StreamSource {
 public:
  virtual ~StreamSource() = default;
  // Fills `message`, which may hold an earlier one, and returns true; false: there is nothing now, ask again when
  // woken. A failure ends the stream with it.
  virtual absl::StatusOr<bool> Next(google::protobuf::Message& message) = 0;
};

// How one stream's messages get out.
class StreamTransport {
 public:
  virtual ~StreamTransport() = default;
  virtual google::protobuf::Message& message() = 0;
  // Sends message(); calls Stream::Written once it may be overwritten.
  virtual void Write() = 0;
  // Gives up the message that is being written, because its reader doesn't take it: Written(false) follows. Once.
  virtual void Cancel() = 0;
  // Once, and nothing comes after it.
  virtual void Finish(const absl::Status& status) = 0;
};

// Moves messages from source to transport: the next is asked for when the transport has taken the last, so that a slow
// reader costs one message and whatever its source keeps. Thread safe.
class Stream : public std::enable_shared_from_this<Stream> {
 public:
  using Done = absl::AnyInvocable<void(const absl::Status&)>;

  // All must outlive it; the transport until `done` was called.
  Stream(StreamTransport& transport, Executor& executor, const Clock& clock)
      : transport_(transport), executor_(executor), clock_(clock) {}

  StreamTransport& transport() { return transport_; }
  // What it will be fed from. Before Start.
  void Open(std::unique_ptr<StreamSource> source) { source_ = std::move(source); }
  // Begins, on the executor's thread that calls it. `done` is called once, when the stream is over, with why.
  void Start(absl::Time end, Done done);
  // There may be something new. Also ends a stream whose time is over, even when its reader has stalled, and one whose
  // reader hasn't taken a message for kReaderPatience: UNAVAILABLE/READER_STALLED.
  void Wake();
  // The transport took the message; false: the reader is gone.
  void Written(bool taken);
  // Ends the stream with `why`, at once if nothing is under way. A message that its reader doesn't take is given up,
  // now or, if its time to be taken isn't over, by the next Wake.
  void End(const absl::Status& why);

 private:
  // kCancelling: as kWriting, while Cancel is called, so that the transport stays; kWritten: and the write has ended.
  enum class State { kNew, kStepping, kWriting, kCancelling, kWritten, kIdle, kOver };

  // One message, or none. Only while kStepping.
  void Step();
  void Submit();
  bool IsEnding();
  // True: the stream is to end, and its message is to be given up by CancelWrite.
  bool GivesUp() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CancelWrite();
  // What the next step is, after one that gave `next`.
  State After(const absl::StatusOr<bool>& next) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  StreamTransport& transport_;
  Executor& executor_;
  const Clock& clock_;
  std::unique_ptr<StreamSource> source_;
  absl::Time end_;
  Done done_;
  Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kNew;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::Status> ending_ ABSL_GUARDED_BY(mutex_);
  absl::Time writing_since_ ABSL_GUARDED_BY(mutex_);
  bool given_up_ ABSL_GUARDED_BY(mutex_) = false;
};

// The streams of one process. Thread safe.
class StreamSet {
 public:
  // RESOURCE_EXHAUSTED/TOO_MANY_STREAMS; UNAVAILABLE/STREAM_ENDED: EndAll was called.
  absl::Status Add(const std::shared_ptr<Stream>& stream);
  void Remove(const std::shared_ptr<Stream>& stream);
  void WakeAll();
  // The process stops: streams end with UNAVAILABLE/STREAM_ENDED, also those to come.
  void EndAll();

 private:
  std::vector<std::shared_ptr<Stream>> All();

  Mutex mutex_;
  std::vector<std::shared_ptr<Stream>> streams_ ABSL_GUARDED_BY(mutex_);
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
};

// How long the reader of a stream that is to end has for the message that is under way.
inline constexpr absl::Duration kWritePatience = absl::Seconds(1);
// How long any reader may take for a message.
inline constexpr absl::Duration kReaderPatience = absl::Seconds(30);
// How many streams a process serves at once, and how long one of them may last.
inline constexpr size_t kMostStreams = 64;
inline constexpr absl::Duration kLongestStream = absl::Hours(1);

}  // namespace lumbar::rpc
