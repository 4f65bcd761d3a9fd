// Moves a streamed body into the answer of a request that came by HTTP/2, as fast as the peer takes it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/http2/stream.h"
#include "services/gateway/edge/body_source.h"

namespace lumbar::gateway {

class Http2Pump final : public http2::Progress, public std::enable_shared_from_this<Http2Pump> {
 public:
  // Ends the answer, on its loop, once the body is over with this status.
  using EndAnswer = std::function<void(http2::Stream&, const absl::Status&)>;

  Http2Pump(std::shared_ptr<http2::Stream> stream, std::shared_ptr<BodySource> source, EndAnswer end);
  ~Http2Pump() override;

  // On the loop; the answer's header was written.
  void Start();

  void OnTaken() override;
  void OnDrain() override;
  void OnGone() override;

 private:
  void Ask();
  void Write(std::optional<std::string> piece);

  const std::shared_ptr<http2::Stream> stream_;
  const std::shared_ptr<BodySource> source_;
  const EndAnswer end_;
  // A piece is under way.
  bool writing_ = false;
};

}  // namespace lumbar::gateway
