#include "common/rpc/grpcpp_exchange.h"

namespace lumbar::rpc {

absl::string_view MetadataOf(const grpc::CallbackServerContext& context, absl::string_view name) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find(grpc::string_ref(name.data(), name.size()));
  return found == metadata.end() ? "" : absl::string_view(found->second.data(), found->second.size());
}

absl::Time DeadlineOf(const grpc::CallbackServerContext& context) {
  const auto asked = context.deadline();
  const bool none = asked == std::chrono::system_clock::time_point::max();
  return none ? absl::InfiniteFuture() : absl::FromChrono(asked);
}

}  // namespace lumbar::rpc
