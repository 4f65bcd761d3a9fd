#include "services/notification/domain/alert_desk.h"

#include "common/status/macros.h"
#include "services/notification/errors.h"

namespace lumbar::notification {

absl::StatusOr<v1::RaiseAlertResponse> AlertDesk::RaiseAlert(const rpc::CallContext& context,
                                                             const v1::RaiseAlertRequest& request) {
  if (!somebody_) return StaffEmailMissing();
  const bool first = request.number() == 1;
  LUMBAR_ASSIGN_OR_RETURN(
      v1::RaiseAlertResponse response,
      messages_.Alert(context.mutation(), request.consult(),
                      first ? v1::MESSAGE_KIND_STAFF_CONSULT : v1::MESSAGE_KIND_STAFF_CONSULT_OVERDUE,
                      request.number()));
  on_alert_();
  return response;
}

}  // namespace lumbar::notification
