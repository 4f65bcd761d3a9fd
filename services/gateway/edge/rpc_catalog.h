// The methods that are called by their names in the contracts: by gRPC, gRPC-Web and Connect.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#include <absl/strings/string_view.h>
#include <google/protobuf/descriptor.h>

#include <string>

#include "services/gateway/edge/route_table.h"

namespace lumbar::gateway {

struct RpcMethod {
  const google::protobuf::MethodDescriptor* method = nullptr;
  // "/lumbar.booking.v1.BookingService/CreateHold".
  std::string path;
  // False for what the contract plans, and for providers' callbacks, which are signed with the address that they call.
  bool served = false;
  // As Route has it.
  bool is_public_reading = false;

  // Declared NO_SIDE_EFFECTS.
  bool IsReading() const;
};

// Thread safe.
class RpcCatalog {
 public:
  // Of all methods that have a route; `routes` outlives nothing of it.
  explicit RpcCatalog(const RouteTable& routes);

  // Whether `path` names a method of a service that is here, be there such a method or not.
  bool IsRpc(absl::string_view path) const;
  // Null if there is none.
  const RpcMethod* Find(absl::string_view path) const;

 private:
  absl::flat_hash_map<std::string, RpcMethod> methods_;
  // "/lumbar.booking.v1.BookingService".
  absl::flat_hash_set<std::string> services_;
};

}  // namespace lumbar::gateway
