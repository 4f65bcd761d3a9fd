#include "services/gateway/edge/rpc_catalog.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/descriptor.pb.h>

namespace lumbar::gateway {

bool RpcMethod::IsReading() const {
  return method->options().idempotency_level() == google::protobuf::MethodOptions::NO_SIDE_EFFECTS;
}

RpcCatalog::RpcCatalog(const RouteTable& routes) {
  for (const Route& route : routes.routes()) {
    RpcMethod& rpc = methods_[route.GrpcPath()];
    rpc.method = route.method;
    rpc.path = route.GrpcPath();
    rpc.served = route.served && !route.is_callback;
    rpc.is_public_reading |= route.is_public_reading;
    services_.insert(absl::StrCat("/", route.method->service()->full_name()));
  }
}

bool RpcCatalog::IsRpc(absl::string_view path) const {
  const size_t end = path.rfind('/');
  return end != absl::string_view::npos && services_.contains(path.substr(0, end));
}

const RpcMethod* RpcCatalog::Find(absl::string_view path) const {
  const auto found = methods_.find(path);
  return found == methods_.end() ? nullptr : &found->second;
}

}  // namespace lumbar::gateway
