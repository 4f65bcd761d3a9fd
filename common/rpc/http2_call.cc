#include "common/rpc/http2_call.h"

#include <absl/container/inlined_vector.h>
#include <absl/strings/str_cat.h>

#include <utility>
#include <vector>

#include "common/rpc/errors.h"
#include "common/rpc/grpc_wire.h"

namespace lumbar::rpc {
namespace {

constexpr http2::Field kOk = {":status", "200"};
constexpr http2::Field kContentType = {"content-type", "application/grpc"};

// A status as fields, which refer to it.
struct StatusText {
  explicit StatusText(const absl::Status& status)
      : code(absl::StrCat(static_cast<int>(status.code()))),
        message(PercentEncoded(status.message())),
        details(status.ok() ? "" : EncodedDetails(status)) {}

  void AddTo(std::vector<http2::Field>& fields) const {
    fields.push_back({"grpc-status", code});
    if (!message.empty()) fields.push_back({"grpc-message", message});
    if (!details.empty()) fields.push_back({"grpc-status-details-bin", details});
  }

  const std::string code, message, details;
};

void SendAnswer(http2::Stream& stream, std::string frame) {
  constexpr http2::Field kStatusOk = {"grpc-status", "0"};
  BeginAnswer(stream);
  stream.Write(std::move(frame));
  stream.End({kStatusOk});
}

}  // namespace

void BeginAnswer(http2::Stream& stream, absl::Span<const http2::Field> added) {
  absl::InlinedVector<http2::Field, 4> fields = {kOk, kContentType};
  fields.insert(fields.end(), added.begin(), added.end());
  stream.Begin(fields);
}

void SendTrailer(http2::Stream& stream, const absl::Status& status) {
  const StatusText text(status);
  std::vector<http2::Field> fields;
  text.AddTo(fields);
  stream.End(fields);
}

// Header and trailer in one.
void SendStatus(http2::Stream& stream, const absl::Status& status, absl::Span<const http2::Field> added) {
  const StatusText text(status);
  std::vector<http2::Field> fields = {kOk, kContentType};
  fields.insert(fields.end(), added.begin(), added.end());
  text.AddTo(fields);
  // Tells whoever compressed a message what to do about it.
  if (status.code() == absl::StatusCode::kUnimplemented) fields.push_back({"grpc-accept-encoding", "identity"});
  stream.Answer(fields);
}

Http2Exchange::Http2Exchange(std::shared_ptr<http2::Stream> stream, const OfferedMethod& method, absl::Time deadline)
    : stream_(std::move(stream)),
      method_(method),
      deadline_(deadline),
      arena_(first_block_.data(), first_block_.size()),
      request_(method.request->New(&arena_)) {}

absl::Status Http2Exchange::Parse(absl::string_view message) {
  const bool parsed = request_->ParseFromArray(message.data(), static_cast<int>(message.size()));
  return parsed ? absl::OkStatus() : MessageMalformed();
}

Http2Call::Http2Call(std::shared_ptr<http2::Stream> stream, const OfferedMethod& method, absl::Time deadline)
    : Http2Exchange(std::move(stream), method, deadline), response_(method.response->New(&arena_)) {}

void Http2Call::Find(absl::AnyInvocable<void(const absl::Status&)> done) {
  method_.find(Request(), [this, done = std::move(done)](absl::StatusOr<ReadyAnswer> found) mutable {
    if (found.ok()) ready_ = *found;
    done(found.status());
  });
}

void Http2Call::Finish(const absl::Status& status) {
  if (!status.ok()) {
    stream_->OnLoop([stream = stream_, status] { SendStatus(*stream, status); });
    return;
  }
  std::string made = ready_ != nullptr ? FrameOf(*ready_) : FrameOf(*response_);
  stream_->OnLoop([stream = stream_, frame = std::move(made)]() mutable { SendAnswer(*stream, std::move(frame)); });
}

}  // namespace lumbar::rpc
