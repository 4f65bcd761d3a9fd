#include "common/rpc/wire_status.h"

#include <google/rpc/status.pb.h>

#include "common/status/errors.h"

namespace lumbar::rpc {

absl::Status FromWire(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  google::rpc::Status details;
  const bool readable = !status.error_details().empty() && details.ParseFromString(status.error_details());
  // The transport's own code and message win: the details may come from a peer that fills them carelessly.
  if (!readable) details.Clear();
  details.set_code(static_cast<int>(status.error_code()));
  details.set_message(status.error_message());
  return FromRpcStatus(details);
}

}  // namespace lumbar::rpc
