// Call contexts for tests of handlers.
#pragma once

#include <string>

#include "common/rpc/body_hash.h"
#include "common/rpc/call_context.h"

namespace lumbar::rpc {

// As the pipeline would make it for a caller of `role` named `subject`, due in ten seconds of real time. A request with
// a `request_id` is taken for a mutation.
inline CallContext TestContext(options::v1::Role role, std::string subject, const google::protobuf::Message& request) {
  store::Mutation mutation;
  if (const auto* field = request.GetDescriptor()->FindFieldByName("request_id")) {
    mutation = {subject, request.GetDescriptor()->full_name(), request.GetReflection()->GetString(request, field),
                BodyHash(request)};
  }
  return CallContext({std::move(subject), role}, absl::Now() + absl::Seconds(10), NewTrace(), std::move(mutation));
}

}  // namespace lumbar::rpc
