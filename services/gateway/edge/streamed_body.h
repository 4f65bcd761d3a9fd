// A streamed answer of a service as the pieces of a body, in the words of the client's dialect.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/status/statusor.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/concurrency/mutex.h"
#include "services/gateway/edge/body_source.h"
#include "services/gateway/edge/exchange.h"
#include "services/gateway/edge/upstream.h"

namespace lumbar::gateway {

// How the messages of a stream are written into a body. Thread safe.
class PieceWriter {
 public:
  virtual ~PieceWriter() = default;
  // One serialized message. INTERNAL/INTERNAL: it isn't what the contract says.
  virtual absl::StatusOr<std::string> Piece(const Exchange& exchange, const std::string& message) const = 0;
  // What tells the end, and how it came; "" if the body says nothing of it.
  virtual std::string LastPiece(const Exchange& exchange, const absl::Status& status) const = 0;
};

// Keeps one piece at most: the next message is read when the last piece was taken, so that a slow client slows its
// service down and costs no memory.
class StreamedBody final : public BodySource, public StreamTaker, public std::enable_shared_from_this<StreamedBody> {
 public:
  // Told once: OK when there is a first message or the stream ended well without any, else how it failed.
  // With the body itself, which can't be held by what it holds.
  using OnBegun = std::function<void(const absl::Status&, std::shared_ptr<BodySource>)>;
  // Told once, after that, how it ended and how many bytes it had.
  using OnOver = std::function<void(const absl::Status&, size_t bytes)>;
  // Told once, after that, when the upstream is done with it. From then on `writer` isn't asked any more.
  using OnReleased = std::function<void()>;

  StreamedBody(const PieceWriter& writer, std::shared_ptr<const Exchange> exchange, OnBegun on_begun, OnOver on_over,
               OnReleased on_released);

  // What it is fed by. Once, at first. Returns what gives the stream up.
  GiveUp Attach(const std::shared_ptr<UpstreamStream>& upstream);

  void Next(Give give) override;
  absl::Status status() const override;
  void End(const absl::Status& why) override;

  void OnMessage(const std::string& message) override;
  void OnEnd(const absl::Status& status) override;

 private:
  // Gives a piece, or keeps it until somebody asks.
  void Put(std::string piece);
  void Begin(const OnBegun& begun);
  void Finish(const absl::Status& status);
  // Between them nothing is released; Start is false once it is over.
  bool StartTelling();
  void HasTold();
  // Null once it is over.
  std::shared_ptr<UpstreamStream> upstream() const;
  void ReadOn();

  const PieceWriter& writer_;
  const std::shared_ptr<const Exchange> exchange_;
  const OnOver on_over_;
  const OnReleased on_released_;
  mutable Mutex mutex_;
  OnBegun on_begun_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<UpstreamStream> upstream_ ABSL_GUARDED_BY(mutex_);
  Give asked_ ABSL_GUARDED_BY(mutex_);
  std::optional<std::string> piece_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Status> over_ ABSL_GUARDED_BY(mutex_);
  // `on_begun_` is being told; the end that comes meanwhile is told after it, by whoever tells that.
  bool is_beginning_ ABSL_GUARDED_BY(mutex_) = false;
  // How many threads ask the writer or tell somebody something just now; the last one lets go, if the upstream has.
  int telling_ ABSL_GUARDED_BY(mutex_) = 0;
  bool upstream_ended_ ABSL_GUARDED_BY(mutex_) = false;
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace lumbar::gateway
