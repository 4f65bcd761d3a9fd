// The REST routes that the contracts declare with google.api.http, resolved and checked once at start.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

#include "services/gateway/edge/path_matcher.h"

namespace google::api {
class HttpRule;
}

namespace lumbar::gateway {

struct Route {
  const google::protobuf::MethodDescriptor* method = nullptr;
  std::string http_method;
  // As written in the contract; what logs and metrics show instead of a path.
  std::string path_template;
  // Where the body goes: "*" for the whole request, a field's name, or "" for nowhere.
  std::string body;
  // The field of the response that is the answer's body; null: the whole response.
  const google::protobuf::FieldDescriptor* response_body = nullptr;
  // Whether that field is a google.api.HttpBody: the answer is a file as it is.
  bool is_file = false;
  // Whether the field that the body goes to is a google.api.HttpBody: bytes of any type go on as they are, with the
  // address as it was called and who signed it, and the query binds nothing.
  bool is_callback = false;
  // False for what the contract plans.
  bool served = false;
  // The answer is a stream: server-sent events.
  bool streams = false;
  // A GET that anybody may call, and whose answer isn't marked as patient data: caches may keep the answer if they ask
  // again before each use.
  bool is_public_reading = false;

  // "calendar.ics" of "/v1/{name=appointments/*}/calendar.ics": what a file that isn't public reading is to be kept as.
  std::string FileName() const;

  // "/lumbar.booking.v1.BookingService/CreateHold".
  std::string GrpcPath() const;
};

class RouteTable {
 public:
  struct Match {
    // Null if nothing matches; then `allowed` tells whether the path exists with other HTTP methods.
    const Route* route = nullptr;
    std::vector<Binding> bindings;
    std::vector<std::string> allowed;
  };

  // All methods of `services` (full names), which must be linked into the program.
  // NOT_FOUND: there is no such service. INVALID_ARGUMENT: a method without a route, a bad template, a field that the
  // request doesn't have or that can't be bound. ALREADY_EXISTS: two routes match the same paths.
  static absl::StatusOr<RouteTable> Build(const std::vector<std::string>& services);

  // `path` without the query. HEAD finds what GET finds.
  // INVALID_ARGUMENT/MALFORMED_REQUEST: bad percent-encoding.
  absl::StatusOr<Match> Find(absl::string_view http_method, absl::string_view path) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  absl::Status AddMethod(const google::protobuf::MethodDescriptor& method);
  absl::Status AddRule(const google::protobuf::MethodDescriptor& method, const google::api::HttpRule& rule);

  std::vector<Route> routes_;
  PathMatcher matcher_;
};

}  // namespace lumbar::gateway
