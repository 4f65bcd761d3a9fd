#include "common/rpc/call_context.h"

#include "common/rpc/errors.h"

namespace lumbar::rpc {

absl::Status CallContext::CheckOwner(absl::string_view patient) const {
  owner_checked_.store(true);
  const bool restricted = caller_.role == options::v1::ROLE_PATIENT || caller_.role == options::v1::ROLE_ANYONE;
  if (restricted && caller_.subject != patient) return NotYours();
  return absl::OkStatus();
}

}  // namespace lumbar::rpc
