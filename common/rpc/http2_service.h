// gRPC on HTTP/2: takes a request of the http2 room for a call, and has the pipeline serve it.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/status/statusor.h>

#include <memory>
#include <string>
#include <vector>

#include "common/http2/stream.h"
#include "common/rpc/method_table.h"
#include "common/rpc/pipeline.h"
#include "common/time/clock.h"

namespace lumbar::rpc {

class Http2Service final : public http2::Handler {
 public:
  // `pipeline`, `clock` and the logic behind `services` outlive it. Fails as MethodTable::Check does.
  static absl::StatusOr<std::unique_ptr<Http2Service>> Create(Pipeline& pipeline, const Clock& clock,
                                                              const std::vector<MethodTable>& services);

  // Answers, besides what the pipeline does: UNIMPLEMENTED/METHOD_UNKNOWN, METHOD_PLANNED and MESSAGE_COMPRESSED;
  // RESOURCE_EXHAUSTED/MESSAGE_TOO_LARGE, METADATA_TOO_LARGE and OVERLOADED; INTERNAL/MESSAGE_MALFORMED;
  // INVALID_ARGUMENT/TIMEOUT_MALFORMED. What isn't gRPC gets HTTP's 405 or 415.
  void OnRequest(const std::shared_ptr<http2::Stream>& stream) override;

 private:
  Http2Service(Pipeline& pipeline, const Clock& clock) : pipeline_(pipeline), clock_(clock) {}
  absl::Status Start(const std::shared_ptr<http2::Stream>& stream);
  absl::Status StartStream(const std::shared_ptr<http2::Stream>& stream, const OfferedMethod& method,
                           absl::string_view message, absl::Time deadline);
  absl::StatusOr<absl::Time> DeadlineOf(const http2::Request& request) const;

  Pipeline& pipeline_;
  const Clock& clock_;
  // By path, e.g. "/lumbar.triage.v1.TriageService/Assess"; planned methods have no handler.
  absl::flat_hash_map<std::string, OfferedMethod> methods_;
};

}  // namespace lumbar::rpc
