#include "common/rpc/stream.h"

#include <algorithm>
#include <exception>

#include "common/rpc/errors.h"

namespace lumbar::rpc {
namespace {

// A source's exception may hold anything, patient data too.
absl::StatusOr<bool> Ask(StreamSource& source, google::protobuf::Message& message) {
  try {
    return source.Next(message);
  } catch (const std::exception&) {
    return HandlerFailed();
  }
}

}  // namespace

void Stream::Start(absl::Time end, Done done) {
  end_ = end;
  done_ = std::move(done);
  {
    MutexLock lock(mutex_);
    state_ = State::kStepping;
  }
  Step();
}

Stream::State Stream::After(const absl::StatusOr<bool>& next) {
  if (!next.ok() && !ending_) ending_ = next.status();
  if (!ending_ && clock_.Now() >= end_) ending_ = StreamEnded();
  if (ending_) return State::kOver;
  writing_since_ = clock_.Now();
  if (*next) return State::kWriting;
  return std::exchange(woken_, false) ? State::kStepping : State::kIdle;
}

void Stream::Step() {
  // Kept while it runs, whoever forgets it meanwhile.
  const std::shared_ptr<Stream> self = shared_from_this();
  State state = State::kStepping;
  absl::Status why;
  while (state == State::kStepping) {
    const absl::StatusOr<bool> next = IsEnding() ? false : Ask(*source_, transport_.message());
    MutexLock lock(mutex_);
    state = state_ = After(next);
    if (state == State::kOver) why = *ending_;
  }
  if (state == State::kWriting) transport_.Write();
  if (state == State::kOver) std::exchange(done_, nullptr)(why);
}

bool Stream::IsEnding() {
  MutexLock lock(mutex_);
  return ending_.has_value();
}

void Stream::Submit() {
  if (executor_.TrySubmit([self = shared_from_this()] { self->Step(); })) return;
  // Full: the next wake tries again. A stream that is to end needs no room for that.
  absl::Status why;
  {
    MutexLock lock(mutex_);
    state_ = ending_ ? State::kOver : State::kIdle;
    if (!ending_) return;
    why = *ending_;
  }
  std::exchange(done_, nullptr)(why);
}

void Stream::Wake() {
  bool stalled = false;
  {
    MutexLock lock(mutex_);
    woken_ = state_ == State::kStepping;
    stalled = GivesUp();
    if (!stalled && state_ != State::kIdle) return;
    if (!stalled) state_ = State::kStepping;
  }
  stalled ? CancelWrite() : Submit();
}

void Stream::Written(bool taken) {
  {
    MutexLock lock(mutex_);
    if (!taken && !ending_) ending_ = CallerGone();
    state_ = state_ == State::kCancelling ? State::kWritten : State::kStepping;
    if (state_ == State::kWritten) return;
  }
  Submit();
}

void Stream::End(const absl::Status& why) {
  bool stalled = false;
  {
    MutexLock lock(mutex_);
    if (!ending_) ending_ = why;
    stalled = GivesUp();
    if (!stalled && state_ != State::kIdle) return;
    if (!stalled) state_ = State::kOver;
  }
  stalled ? CancelWrite() : std::exchange(done_, nullptr)(why);
}

bool Stream::GivesUp() {
  const absl::Time now = clock_.Now();
  if (state_ != State::kWriting || given_up_ || now - writing_since_ < kWritePatience) return false;
  if (!ending_ && now >= end_) ending_ = StreamEnded();
  if (!ending_ && now - writing_since_ >= kReaderPatience) ending_ = ReaderStalled();
  if (!ending_) return false;
  given_up_ = true;
  state_ = State::kCancelling;
  return true;
}

// Without the lock: the transport may call Written meanwhile, from here too.
void Stream::CancelWrite() {
  transport_.Cancel();
  {
    MutexLock lock(mutex_);
    const bool over = state_ == State::kWritten;
    state_ = over ? State::kStepping : State::kWriting;
    if (!over) return;
  }
  Submit();
}

absl::Status StreamSet::Add(const std::shared_ptr<Stream>& stream) {
  MutexLock lock(mutex_);
  if (ended_) return StreamEnded();
  if (streams_.size() >= kMostStreams) return TooManyStreams();
  streams_.push_back(stream);
  return absl::OkStatus();
}

void StreamSet::Remove(const std::shared_ptr<Stream>& stream) {
  MutexLock lock(mutex_);
  streams_.erase(std::remove(streams_.begin(), streams_.end(), stream), streams_.end());
}

std::vector<std::shared_ptr<Stream>> StreamSet::All() {
  MutexLock lock(mutex_);
  return streams_;
}

void StreamSet::WakeAll() {
  for (const auto& stream : All()) stream->Wake();
}

void StreamSet::EndAll() {
  {
    MutexLock lock(mutex_);
    ended_ = true;
  }
  for (const auto& stream : All()) stream->End(StreamEnded());
}

}  // namespace lumbar::rpc
