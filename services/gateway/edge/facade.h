// A part of the public port's addresses that is spoken to in another standard's words, and answers by calls of its own.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <functional>
#include <string>

#include "services/gateway/edge/dialect.h"
#include "services/gateway/edge/exchange.h"
#include "services/gateway/edge/http.h"
#include "services/gateway/edge/upstream.h"

namespace lumbar::gateway {

class Facade : public Tongue {
 public:
  // Whether a path, without its query, is one of its addresses.
  virtual bool Owns(absl::string_view path) const = 0;
  // Its address that says what it answers, to anybody.
  virtual std::string Front() const = 0;

  using Done = std::function<void(absl::StatusOr<HttpAnswer>)>;
  // Answers a request that was recognized and admitted: makes the calls that it needs of `upstream`, one after the
  // other, as whoever sent it. Calls `done` once, maybe before it returns; what it returns gives the request up. What
  // was passed may be gone once it has returned, `upstream` not.
  virtual GiveUp Answer(const HttpRequest& request, const Exchange& exchange, Upstream& upstream, Done done) const = 0;
};

}  // namespace lumbar::gateway
