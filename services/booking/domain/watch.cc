#include "services/booking/domain/watch.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/rpc/change_stream.h"
#include "common/status/macros.h"
#include "services/booking/errors.h"

namespace lumbar::booking {
namespace {

// Everything in the request that decides which changes the stream has.
std::string QueryOf(v1::WatchAppointmentsRequest request) {
  request.clear_resume_token();
  return request.SerializeAsString();
}

class LoggedChanges final : public rpc::Changes<ChangeKey, v1::WatchAppointmentsResponse> {
 public:
  LoggedChanges(ChangeLog& log, const Clock& clock, ChangeQuery query)
      : log_(log), clock_(clock), query_(std::move(query)) {}

  absl::StatusOr<std::vector<ChangeKey>> Keys(const ChangeKey& after, int limit) override {
    // What comes after an older one may be swept.
    if (after.time + rpc::kChangesSettle < clock_.Now() - kChangesKept) return ResumeTokenTooOld();
    return log_.Keys(query_, after, limit);
  }

  absl::StatusOr<bool> Read(const ChangeKey& key, v1::WatchAppointmentsResponse& response) override {
    LUMBAR_ASSIGN_OR_RETURN(std::optional<v1::AppointmentEvent> event, log_.Read(key));
    if (event) *response.mutable_event() = *std::move(event);
    return response.has_event();
  }

 private:
  ChangeLog& log_;
  const Clock& clock_;
  const ChangeQuery query_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<rpc::StreamSource>> Watch::WatchAppointments(
    const rpc::CallContext& context, const v1::WatchAppointmentsRequest& request) {
  v1::WatchAppointmentsRequest wanted = request;
  if (context.caller().role == options::v1::ROLE_CLINICIAN) {
    if (wanted.clinician().empty()) wanted.set_clinician(context.caller().subject);
    if (wanted.clinician() != context.caller().subject) return NotYourVisit();
  }
  ChangeQuery query{wanted.clinician(), {}};
  for (const int state : wanted.states()) query.states.push_back(static_cast<v1::AppointmentState>(state));
  return rpc::ChangeStream<ChangeKey, v1::WatchAppointmentsResponse>::Open(
      std::make_unique<LoggedChanges>(log_, clock_, std::move(query)), clock_, QueryOf(wanted), wanted.resume_token());
}

}  // namespace lumbar::booking
