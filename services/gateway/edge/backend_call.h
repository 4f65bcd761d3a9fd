// One call of a service behind the edge, from where it waits for a connection to its end.
#pragma once

#include <absl/time/time.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "common/http2/client_connection.h"
#include "services/gateway/edge/grpc_answer.h"
#include "services/gateway/edge/upstream.h"

namespace lumbar::gateway {

class Backend;
class UpstreamLane;

// Everything on the loop of its lane.
class BackendCall : public http2::Caller, public std::enable_shared_from_this<BackendCall> {
 public:
  BackendCall(UpstreamCall call, absl::Time now);

  const std::string& method() const { return call_.method; }
  absl::Time deadline() const { return deadline_; }

  // Belongs to both from here on, and to neither after its end.
  void Start(UpstreamLane& lane, Backend& backend);
  // False: the connection takes no more.
  bool SendOn(std::shared_ptr<http2::ClientConnection> connection, absl::string_view authority, absl::Time now);
  // Ends it with `why`, unless it has ended.
  void End(const absl::Status& why);
  // Tells so at once, too, even if nobody asks.
  virtual void EndNow(const absl::Status& why) { End(why); }
  // What becomes of it; also before it was started.
  virtual void Conclude(const absl::Status& status) = 0;

  absl::string_view Body() const override { return frame_; }
  void OnField(const http2::Field& field) override { answer_.AddField(field); }
  void OnBytes(absl::string_view bytes) override;
  void OnOver(http2::Ending ending, uint32_t error) override;

 protected:
  // More of the answer is there.
  virtual void OnMore() = 0;
  // Gives the room of what was received back to the service, but for `kept` bytes.
  void OpenWindow(size_t kept);
  // Takes what was delivered out of the lane's ledger.
  void HoldWaiting();
  // Lets go of connection, backend and lane.
  void Leave();

  GrpcAnswer answer_;

 private:
  // Whether it may be made once more: nothing of it was done, or doing it twice is doing it once, and nobody has seen
  // any of an answer.
  bool IsRepeatable(http2::Ending ending) const;
  void Hold(size_t bytes);

  const UpstreamCall call_;
  const absl::Time deadline_;
  const std::string frame_;
  UpstreamLane* lane_ = nullptr;
  Backend* backend_ = nullptr;
  // While it runs; 0 while it waits.
  std::shared_ptr<http2::ClientConnection> connection_;
  int32_t id_ = 0;
  size_t shut_window_ = 0;
  // What the lane's ledger has for this call.
  size_t held_ = 0;
  bool retried_ = false;
};

class UnaryCall final : public BackendCall {
 public:
  UnaryCall(UpstreamCall call, absl::Time now, Upstream::Callback done)
      : BackendCall(std::move(call), now), done_(std::move(done)) {}

  void Conclude(const absl::Status& status) override;

 private:
  void OnMore() override;

  Upstream::Callback done_;
};

// Its messages are taken when they are asked for; what the service sends ahead is bounded by the stream's window.
class StreamedCall final : public BackendCall {
 public:
  StreamedCall(UpstreamCall call, absl::Time now, std::shared_ptr<StreamTaker> taker)
      : BackendCall(std::move(call), now), taker_(std::move(taker)) {}

  void Conclude(const absl::Status& status) override;
  // One more message is wanted; the end is told to nobody before.
  void Want();
  void EndNow(const absl::Status& why) override;

 private:
  void OnMore() override;
  void Deliver();
  void TellEnd();

  // Null once it was told the end.
  std::shared_ptr<StreamTaker> taker_;
  std::optional<absl::Status> end_;
  bool wanted_ = false;
  bool delivering_ = false;
};

}  // namespace lumbar::gateway
