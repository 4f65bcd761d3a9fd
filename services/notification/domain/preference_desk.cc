#include "services/notification/domain/preference_desk.h"

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/time/zone.h"

namespace lumbar::notification {
namespace {

bool IsTimeOfDay(const google::type::TimeOfDay& time) {
  return time.hours() >= 0 && time.hours() < 24 && time.minutes() >= 0 && time.minutes() < 60 && time.seconds() == 0 &&
         time.nanos() == 0;
}

}  // namespace

absl::StatusOr<v1::UpdatePreferencesResponse> PreferenceDesk::UpdatePreferences(
    const rpc::CallContext& context, const v1::UpdatePreferencesRequest& request) {
  const v1::Preferences& wanted = request.preferences();
  if (!wanted.time_zone().empty() && !IsKnownZone(wanted.time_zone())) {
    return InvalidField("preferences.time_zone", "must be an IANA zone, e.g. America/New_York");
  }
  const v1::QuietHours& quiet = wanted.quiet_hours();
  if (!IsTimeOfDay(quiet.start()) || !IsTimeOfDay(quiet.end())) {
    return InvalidField("preferences.quiet_hours", "must begin and end at a whole minute from 00:00 to 23:59");
  }
  v1::UpdatePreferencesResponse response;
  LUMBAR_ASSIGN_OR_RETURN(*response.mutable_preferences(),
                          preferences_.Update(context.mutation(), request.patient(), wanted));
  return response;
}

absl::StatusOr<v1::GetPreferencesResponse> PreferenceDesk::GetPreferences(const rpc::CallContext&,
                                                                          const v1::GetPreferencesRequest& request) {
  v1::GetPreferencesResponse response;
  LUMBAR_ASSIGN_OR_RETURN(*response.mutable_preferences(), preferences_.Get(request.patient()));
  return response;
}

}  // namespace lumbar::notification
