#include "services/gateway/edge/backend_call.h"

#include <absl/container/inlined_vector.h>

#include <utility>

#include "common/rpc/grpc_wire.h"
#include "services/gateway/edge/backend.h"
#include "services/gateway/edge/errors.h"
#include "services/gateway/edge/upstream_lane.h"

namespace lumbar::gateway {
namespace {

// Largest message of an answer.
constexpr size_t kMostMessageBytes = 1024 * 1024;

constexpr http2::Field kPost = {":method", "POST"};
constexpr http2::Field kScheme = {":scheme", "http"};
constexpr http2::Field kGrpcType = {"content-type", "application/grpc"};
constexpr http2::Field kTrailers = {"te", "trailers"};

}  // namespace

BackendCall::BackendCall(UpstreamCall call, absl::Time now)
    : answer_(kMostMessageBytes),
      call_(std::move(call)),
      deadline_(now + call_.time_left),
      frame_(rpc::FrameOf(absl::string_view(call_.request))) {}

void BackendCall::Start(UpstreamLane& lane, Backend& backend) {
  lane_ = &lane;
  backend_ = &backend;
  if (!lane.ledger().Fits(frame_.size())) return End(TooBusy());
  Hold(frame_.size());
  backend.CountCall();
  backend.Send(shared_from_this());
}

bool BackendCall::SendOn(std::shared_ptr<http2::ClientConnection> connection, absl::string_view authority,
                         absl::Time now) {
  const std::string timeout = rpc::TimeoutText(deadline_ - now);
  absl::InlinedVector<http2::Field, 8> header = {
      kPost, kScheme, {":path", call_.method}, {":authority", authority}, kGrpcType, kTrailers};
  absl::InlinedVector<http2::Field, 8> once;
  if (deadline_ != absl::InfiniteFuture()) header.push_back({"grpc-timeout", timeout});
  for (const auto& [name, value] : call_.metadata) once.push_back({name, value});
  id_ = connection->Begin(header, once, shared_from_this());
  if (id_ == 0) return false;
  if (retried_) backend_->CountRetry();
  connection_ = std::move(connection);
  return true;
}

void BackendCall::End(const absl::Status& why) {
  if (lane_ == nullptr) return;
  Leave();
  Conclude(why);
}

void BackendCall::OnBytes(absl::string_view bytes) {
  if (connection_ == nullptr) return;
  shut_window_ += bytes.size();
  Hold(bytes.size());
  const absl::Status status = answer_.AddBytes(bytes);
  if (!status.ok()) return End(status);
  if (!lane_->ledger().Fits(0)) return End(TooBusy());
  OnMore();
}

void BackendCall::OnOver(http2::Ending ending, uint32_t error) {
  if (lane_ == nullptr) return;
  connection_ = nullptr;
  if (IsRepeatable(ending) && backend_->MayRetry()) {
    retried_ = true;
    id_ = 0;
    return backend_->Send(shared_from_this());
  }
  Leave();
  Conclude(answer_.StatusAt(ending, error));
}

bool BackendCall::IsRepeatable(http2::Ending ending) const {
  if (retried_) return false;
  if (ending == http2::Ending::kRefused) return true;
  return ending == http2::Ending::kLost && !answer_.has_begun() && backend_->IsRepeatable(call_.method);
}

void BackendCall::OpenWindow(size_t kept) {
  if (connection_ == nullptr || shut_window_ <= kept) return;
  connection_->OpenWindow(id_, shut_window_ - kept);
  shut_window_ = kept;
}

void BackendCall::Leave() {
  if (connection_ != nullptr) {
    std::exchange(connection_, nullptr)->Reset(id_);
  } else if (id_ == 0) {
    backend_->Forget(*this);
    if (retried_) backend_->GiveRetryBack();
  }
  lane_->ledger().Release(std::exchange(held_, 0));
  std::exchange(lane_, nullptr)->Forget(*this);
}

void BackendCall::HoldWaiting() {
  const size_t waiting = frame_.size() + answer_.waiting();
  if (held_ <= waiting) return;
  lane_->ledger().Release(held_ - waiting);
  held_ = waiting;
}

void BackendCall::Hold(size_t bytes) {
  lane_->ledger().Hold(bytes);
  held_ += bytes;
}

void UnaryCall::OnMore() {
  // More than the one message that there may be.
  if (answer_.waiting() > kMostMessageBytes + rpc::kFramePrefixBytes) return End(InternalFailure());
  OpenWindow(0);
}

void UnaryCall::Conclude(const absl::Status& status) {
  const auto done = std::exchange(done_, nullptr);
  if (done == nullptr) return;
  status.ok() ? done(answer_.TakeOnly()) : done(status);
}

void StreamedCall::Want() {
  if (taker_ == nullptr) return;
  wanted_ = true;
  Deliver();
}

void StreamedCall::EndNow(const absl::Status& why) {
  wanted_ = false;
  End(why);
  if (!end_) end_ = why;
  TellEnd();
}

void StreamedCall::OnMore() { Deliver(); }

void StreamedCall::Conclude(const absl::Status& status) {
  if (!end_) end_ = status;
  Deliver();
}

// In a loop: who is told a message may want the next one before it has returned.
void StreamedCall::Deliver() {
  if (std::exchange(delivering_, true)) return;
  while (wanted_ && taker_ != nullptr) {
    auto message = answer_.Take();
    if (!message.ok()) end_ = message.status();
    if (!message.ok() || !*message) break;
    wanted_ = false;
    // It may give this call up.
    const auto taker = taker_;
    taker->OnMessage(**message);
  }
  delivering_ = false;
  // A message was begun and not sent whole: what came isn't all there is.
  if (wanted_ && end_ && end_->ok() && answer_.waiting() > 0) end_ = InternalFailure();
  OpenWindow(wanted_ ? 0 : answer_.waiting());
  HoldWaiting();
  if (end_ && wanted_) TellEnd();
}

void StreamedCall::TellEnd() {
  const auto taker = std::exchange(taker_, nullptr);
  if (taker == nullptr) return;
  const absl::Status end = *end_;
  End(end);
  taker->OnEnd(end);
}

}  // namespace lumbar::gateway
