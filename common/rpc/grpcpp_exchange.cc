#include "common/rpc/grpcpp_exchange.h"

#include "common/rpc/wire_status.h"

namespace lumbar::rpc {

absl::string_view GrpcppExchange::Metadata(absl::string_view name) const {
  const auto& metadata = context_.client_metadata();
  const auto found = metadata.find(grpc::string_ref(name.data(), name.size()));
  return found == metadata.end() ? "" : absl::string_view(found->second.data(), found->second.size());
}

absl::Time GrpcppExchange::Deadline() const {
  const auto asked = context_.deadline();
  const bool none = asked == std::chrono::system_clock::time_point::max();
  return none ? absl::InfiniteFuture() : absl::FromChrono(asked);
}

void GrpcppExchange::Finish(const absl::Status& status) { reactor_.Finish(ToWire(status)); }

}  // namespace lumbar::rpc
