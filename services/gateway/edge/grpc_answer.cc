#include "services/gateway/edge/grpc_answer.h"

#include <absl/strings/escaping.h>
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <google/rpc/status.pb.h>
#include <nghttp2/nghttp2.h>

#include <utility>

#include "common/rpc/grpc_wire.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/gateway/edge/errors.h"
#include "services/gateway/edge/percent.h"

namespace lumbar::gateway {
namespace {

// Of what was taken, and is still held because more follows it.
constexpr size_t kMostTaken = 64 * 1024;
constexpr int kMostCode = static_cast<int>(absl::StatusCode::kUnauthenticated);

// What a proxy in between may answer, as gRPC reads it.
absl::Status FromHttp(absl::string_view status) {
  const bool come_again = status == "429" || status == "502" || status == "503" || status == "504";
  return come_again ? UpstreamUnavailable() : InternalFailure();
}

absl::Status FromReset(uint32_t error) {
  switch (error) {
    case NGHTTP2_REFUSED_STREAM:
    case NGHTTP2_CANCEL:
    case NGHTTP2_ENHANCE_YOUR_CALM:
      return UpstreamUnavailable();
    default:
      return InternalFailure();
  }
}

std::string Decoded(absl::string_view message) { return PercentDecode(message, PercentMode::kAll).value_or(""); }

}  // namespace

absl::Status UpstreamFailure(int code, const std::string& message, const std::string& details) {
  google::rpc::Status wire;
  if (!details.empty() && wire.ParseFromString(details) && wire.code() == code) return FromRpcStatus(wire);
  switch (static_cast<absl::StatusCode>(code)) {
    case absl::StatusCode::kUnavailable:
      return UpstreamUnavailable();
    case absl::StatusCode::kDeadlineExceeded:
      return UpstreamTooSlow();
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kDataLoss:
      return InternalFailure();
    default:
      return absl::Status(static_cast<absl::StatusCode>(code), message);
  }
}

void GrpcAnswer::AddField(const http2::Field& field) {
  const auto keep = [&](std::string& into) { into.assign(field.value.data(), field.value.size()); };
  if (field.name == ":status") keep(http_status_);
  if (field.name == "content-type") keep(content_type_);
  if (field.name == "grpc-status") keep(code_);
  if (field.name == "grpc-message") keep(message_);
  if (field.name == "grpc-status-details-bin") keep(details_);
}

absl::Status GrpcAnswer::AddBytes(absl::string_view bytes) {
  body_.append(bytes.data(), bytes.size());
  LUMBAR_ASSIGN_OR_RETURN(const auto size, NextSize());
  if (size) body_.reserve(taken_ + rpc::kFramePrefixBytes + *size);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<size_t>> GrpcAnswer::NextSize() const {
  if (waiting() < rpc::kFramePrefixBytes) return std::nullopt;
  size_t size = 0;
  for (size_t i = 1; i < rpc::kFramePrefixBytes; ++i) size = size << 8 | static_cast<unsigned char>(body_[taken_ + i]);
  // We take no compressed messages, and say so by not asking for any.
  if (body_[taken_] != 0 || size > most_bytes_) return InternalFailure();
  return size;
}

absl::StatusOr<std::optional<std::string>> GrpcAnswer::Take() {
  LUMBAR_ASSIGN_OR_RETURN(const auto size, NextSize());
  if (!size || waiting() < rpc::kFramePrefixBytes + *size) return std::nullopt;
  std::string message = body_.substr(taken_ + rpc::kFramePrefixBytes, *size);
  taken_ += rpc::kFramePrefixBytes + *size;
  if (taken_ == body_.size() || taken_ > kMostTaken) Drop();
  return message;
}

// A stream lives long, and one large message isn't to be paid for until its end.
void GrpcAnswer::Drop() {
  body_.erase(0, std::exchange(taken_, 0));
  if (body_.empty() && body_.capacity() > kMostTaken) body_ = std::string();
}

absl::StatusOr<std::string> GrpcAnswer::TakeOnly() {
  LUMBAR_ASSIGN_OR_RETURN(const auto size, NextSize());
  if (!size || waiting() != rpc::kFramePrefixBytes + *size) return InternalFailure();
  body_.erase(0, taken_ + rpc::kFramePrefixBytes);
  return std::move(body_);
}

absl::Status GrpcAnswer::StatusAt(http2::Ending ending, uint32_t error) const {
  switch (ending) {
    case http2::Ending::kWhole:
      return FromFields();
    case http2::Ending::kReset:
      return FromReset(error);
    case http2::Ending::kRefused:
    case http2::Ending::kLost:
      break;
  }
  return UpstreamUnavailable();
}

absl::Status GrpcAnswer::FromFields() const {
  if (http_status_ != "200") return FromHttp(http_status_);
  int code = 0;
  const bool is_grpc = absl::StartsWith(content_type_, "application/grpc");
  if (!is_grpc || !absl::SimpleAtoi(code_, &code) || code < 0 || code > kMostCode) return InternalFailure();
  if (code == 0) return absl::OkStatus();
  std::string details;
  if (!absl::Base64Unescape(details_, &details)) details.clear();
  return UpstreamFailure(code, Decoded(message_), details);
}

}  // namespace lumbar::gateway
