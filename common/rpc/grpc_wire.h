// How gRPC writes a message, a time-out and a status on HTTP/2.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>
#include <google/protobuf/message.h>

#include <string>

namespace lumbar::rpc {

// Before each message: a flag that tells whether it is compressed, and its length.
inline constexpr size_t kFramePrefixBytes = 5;

// The one message in a request's whole body. UNIMPLEMENTED/MESSAGE_COMPRESSED; INTERNAL/MESSAGE_MALFORMED: none, a part
// of one, or more than one.
absl::StatusOr<absl::string_view> MessageIn(absl::string_view body);
// `message` with its prefix.
std::string FrameOf(const google::protobuf::Message& message);
// The same of a message that is serialised already.
std::string FrameOf(absl::string_view serialised);

// The header grpc-timeout: one to eight digits and one of the units H, M, S, m, u, n.
// INVALID_ARGUMENT/TIMEOUT_MALFORMED.
absl::StatusOr<absl::Duration> ParseTimeout(absl::string_view text);
// The same from a duration, rounded up to the finest unit that has room for it; the longest that can be said if it is
// longer.
std::string TimeoutText(absl::Duration timeout);

// For the header grpc-message: everything outside of printable ASCII, and '%', as %XX.
std::string PercentEncoded(absl::string_view text);
// For the header grpc-status-details-bin: google.rpc.Status in base64 without padding.
std::string EncodedDetails(const absl::Status& status);

}  // namespace lumbar::rpc
