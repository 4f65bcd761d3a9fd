// How one kind of client puts a call, and how it is told what became of it.
#pragma once

#include <absl/status/statusor.h>

#include <string>

#include "services/gateway/edge/exchange.h"
#include "services/gateway/edge/http.h"
#include "services/gateway/edge/streamed_body.h"
#include "services/gateway/edge/upstream.h"

namespace lumbar::gateway {

// What a client speaks. Thread safe. Knows no sockets.
class Tongue {
 public:
  virtual ~Tongue() = default;

  // Finds what `request` is for, from its first line and header, and how its answer is written. Writes into `exchange`
  // what the answer and the record need, also when it fails.
  virtual absl::Status Recognize(const HttpRequest& request, Exchange& exchange) const = 0;

  // The answer of one that failed, also before it was read.
  virtual HttpAnswer Refuse(const Exchange& exchange, const absl::Status& failure) const = 0;
};

// Of a client whose request is one call.
class Dialect : public Tongue, public PieceWriter {
 public:
  // The call that a request asks for, once it was recognized.
  virtual absl::StatusOr<UpstreamCall> Read(const HttpRequest& request, Exchange& exchange) const = 0;

  // The answer of a call that went well, from the serialized response. Without what every answer carries.
  virtual absl::StatusOr<HttpAnswer> Write(const Exchange& exchange, const std::string& response) const = 0;

  // The header of an answer that is a stream; its body is made of pieces.
  virtual HttpAnswer BeginStream(const Exchange& exchange) const = 0;
};

}  // namespace lumbar::gateway
