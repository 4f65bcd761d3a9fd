// The answer to one call as gRPC writes it on HTTP/2: fields and bytes in, messages and a status out.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "common/http2/client_session.h"

namespace lumbar::gateway {

// The failure of a service that gave `code` and `message`, and maybe a serialized google.rpc.Status. Without that it
// isn't one of ours, and what tells that something is out of reach or broken tells the client no more than that.
absl::Status UpstreamFailure(int code, const std::string& message, const std::string& details);

class GrpcAnswer {
 public:
  // Messages are at most so large.
  explicit GrpcAnswer(size_t most_bytes) : most_bytes_(most_bytes) {}

  // Of the header or the trailer.
  void AddField(const http2::Field& field);
  // Of the body. INTERNAL/INTERNAL: what is there isn't the beginning of a message, or of too large a one.
  absl::Status AddBytes(absl::string_view bytes);

  // Takes the next message, if all of it is there. Fails as AddBytes does.
  absl::StatusOr<std::optional<std::string>> Take();
  // What the body holds, if that is one message and nothing else; else INTERNAL/INTERNAL.
  absl::StatusOr<std::string> TakeOnly();
  // Whether any of it has come.
  bool has_begun() const { return !http_status_.empty(); }
  // Bytes of the body that haven't been taken.
  size_t waiting() const { return body_.size() - taken_; }

  // How the call ended, given how the answer did. UNAVAILABLE/UPSTREAM_UNAVAILABLE and INTERNAL/INTERNAL as Upstream
  // says; the latter also when the service sent no status, or something that isn't gRPC.
  absl::Status StatusAt(http2::Ending ending, uint32_t error) const;

 private:
  // Of the message at `taken_`; nothing if its prefix isn't there. Fails as AddBytes does.
  absl::StatusOr<std::optional<size_t>> NextSize() const;
  absl::Status FromFields() const;
  // Lets go of what was taken.
  void Drop();

  const size_t most_bytes_;
  std::string body_;
  size_t taken_ = 0;
  std::string http_status_, content_type_, code_, message_, details_;
};

}  // namespace lumbar::gateway
