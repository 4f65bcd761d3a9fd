// One request on its way to an answer, whichever protocol carries it.
#pragma once

#include <absl/time/time.h>

#include <memory>
#include <string>
#include <vector>

#include "common/telemetry/trace.h"
#include "services/gateway/edge/route_table.h"
#include "services/gateway/edge/rpc_catalog.h"

namespace lumbar::gateway {

class ServedPage;

// How a message is written inside of a body.
enum class Codec { kProto, kJson };

// Whether a client may keep a good answer.
enum class Keeping {
  kNever,
  // If it asks again before each use: what anybody may read; a patient's own file.
  kPublic,
  kPrivate,
};

struct Exchange {
  // "rest", "connect", "grpc-web", "grpc" or "fhir".
  std::string protocol = "rest";
  // The client's X-Request-Id if it is 1 to 64 of [A-Za-z0-9._-], else the trace id.
  std::string request_id;
  TraceContext trace;
  absl::Time start;
  // "OTHER" for what isn't a method of RFC 9110: labels have few values.
  std::string http_method;
  // A template, never a path: paths name patients' things.
  std::string route_label = "unmatched";
  // Full name of the method that is called.
  std::string rpc_name;
  // As the client sent it.
  std::string if_none_match;
  std::string origin;
  // The reason of a failure.
  std::string reason;
  Keeping keeping = Keeping::kNever;

  // The page that is asked for; null: none.
  std::shared_ptr<const ServedPage> page;
  // What the dialect remembers. `allowed` are the HTTP methods of an address that was called by another.
  const Route* route = nullptr;
  std::vector<Binding> bindings;
  const RpcMethod* rpc = nullptr;
  Codec codec = Codec::kProto;
  bool is_text = false;
  // The answer is a stream.
  bool is_stream = false;
  std::string allowed;
  // Which of its kinds of requests a facade took it for.
  size_t facade_row = 0;

  // Takes the method that is called by its name; false if there is none.
  bool Names(const RpcMethod* named) {
    rpc = named;
    if (rpc == nullptr) return false;
    route_label = rpc->path;
    rpc_name = rpc->method->full_name();
    return true;
  }
};

}  // namespace lumbar::gateway
