// What comes by HTTP/2: gRPC is passed on as it is, all else goes to the edge's handler as an HTTP request.
#pragma once

#include <absl/status/statusor.h>

#include <memory>

#include "common/http2/stream.h"
#include "services/gateway/edge/admission.h"
#include "services/gateway/edge/edge_handler.h"
#include "services/gateway/edge/exchange_recorder.h"
#include "services/gateway/edge/limits.h"
#include "services/gateway/edge/upstream.h"

namespace lumbar::gateway {

class Http2Front final : public http2::Handler {
 public:
  // All outlive the front.
  Http2Front(EdgeHandler& handler, Upstream& upstream, Admission& admission, const ExchangeRecorder& recorder,
             const Limits& limits);

  void OnRequest(const std::shared_ptr<http2::Stream>& stream) override;

 private:
  void ServeHttp(const std::shared_ptr<http2::Stream>& stream);
  void RefuseHttp(const std::shared_ptr<http2::Stream>& stream, const absl::Status& fault);
  // The request and its answer cross undecoded.
  void ForwardGrpc(const std::shared_ptr<http2::Stream>& stream);
  GiveUp ProceedGrpc(const std::shared_ptr<http2::Stream>& stream, const std::shared_ptr<Exchange>& exchange,
                     const absl::Status& admitted);
  absl::Status RecognizeGrpc(const http2::Request& request, Exchange& exchange) const;
  absl::StatusOr<UpstreamCall> ReadGrpc(const http2::Request& request, const Exchange& exchange) const;
  GiveUp StreamGrpc(const std::shared_ptr<http2::Stream>& stream, const std::shared_ptr<Exchange>& exchange,
                    UpstreamCall call);
  void AnswerGrpc(const std::shared_ptr<http2::Stream>& stream, Exchange& exchange,
                  absl::StatusOr<std::string> response);
  void RecordGrpc(Exchange& exchange, const absl::Status& status, size_t bytes) const;

  EdgeHandler& handler_;
  Upstream& upstream_;
  Admission& admission_;
  const ExchangeRecorder& recorder_;
  const Limits limits_;
};

}  // namespace lumbar::gateway
