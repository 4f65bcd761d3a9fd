#include "common/rpc/http2_call.h"

#include <absl/strings/str_cat.h>

#include <utility>
#include <vector>

#include "common/rpc/errors.h"
#include "common/rpc/grpc_wire.h"

namespace lumbar::rpc {
namespace {

constexpr http2::Field kOk = {":status", "200"};
constexpr http2::Field kContentType = {"content-type", "application/grpc"};
constexpr http2::Field kStatusOk = {"grpc-status", "0"};

void SendAnswer(http2::Stream& stream, std::string frame) {
  stream.Begin({kOk, kContentType});
  stream.Write(std::move(frame));
  stream.End({kStatusOk});
}

}  // namespace

// Header and trailer in one.
void SendStatus(http2::Stream& stream, const absl::Status& status) {
  const std::string code = absl::StrCat(static_cast<int>(status.code()));
  const std::string message = PercentEncoded(status.message());
  const std::string details = EncodedDetails(status);
  std::vector<http2::Field> fields = {kOk, kContentType, {"grpc-status", code}, {"grpc-message", message}};
  if (!details.empty()) fields.push_back({"grpc-status-details-bin", details});
  // Tells whoever compressed a message what to do about it.
  if (status.code() == absl::StatusCode::kUnimplemented) fields.push_back({"grpc-accept-encoding", "identity"});
  stream.Answer(fields);
}

Http2Call::Http2Call(std::shared_ptr<http2::Stream> stream, const OfferedMethod& method, absl::Time deadline)
    : stream_(std::move(stream)),
      method_(method),
      deadline_(deadline),
      arena_(first_block_.data(), first_block_.size()),
      request_(method.request->New(&arena_)),
      response_(method.response->New(&arena_)) {}

absl::StatusOr<std::unique_ptr<Http2Call>> Http2Call::Parse(std::shared_ptr<http2::Stream> stream,
                                                            const OfferedMethod& method, absl::string_view message,
                                                            absl::Time deadline) {
  std::unique_ptr<Http2Call> call(new Http2Call(std::move(stream), method, deadline));
  if (call->request_->ParseFromArray(message.data(), static_cast<int>(message.size()))) return call;
  return MessageMalformed();
}

void Http2Call::Finish(const absl::Status& status) {
  if (!status.ok()) {
    stream_->OnLoop([stream = stream_, status] { SendStatus(*stream, status); });
    return;
  }
  stream_->OnLoop([stream = stream_, frame = FrameOf(*response_)]() mutable { SendAnswer(*stream, std::move(frame)); });
}

}  // namespace lumbar::rpc
