// Follows the changes of one consult.
#pragma once

#include <absl/status/statusor.h>

#include <memory>

#include "common/rpc/call_context.h"
#include "common/rpc/stream.h"
#include "common/time/clock.h"
#include "services/gateway/consult/domain/access_grants.h"
#include "services/gateway/consult/domain/consult_desk.h"
#include "services/gateway/consult/domain/consult_store.h"

namespace lumbar::gateway {

// The handler of ConsultService's stream; what it refuses is in its contract. Thread safe.
class ConsultWatch {
 public:
  // All must outlive it and its streams.
  ConsultWatch(ConsultStore& cases, AccessGrants& grants, ConsultDesk& desk, const Clock& clock)
      : cases_(cases), grants_(grants), desk_(desk), clock_(clock) {}

  absl::StatusOr<std::unique_ptr<rpc::StreamSource>> WatchConsult(const rpc::CallContext& context,
                                                                  const consult::v1::WatchConsultRequest& request);

 private:
  ConsultStore& cases_;
  AccessGrants& grants_;
  ConsultDesk& desk_;
  const Clock& clock_;
};

}  // namespace lumbar::gateway
