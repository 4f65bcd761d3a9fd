// What callers ask about how patients want to be reached.
#pragma once

#include <absl/status/statusor.h>

#include "common/rpc/call_context.h"
#include "lumbar/notification/v1/notification_service.pb.h"
#include "services/notification/domain/preference_store.h"

namespace lumbar::notification {

// Thread safe.
class PreferenceDesk {
 public:
  // It must outlive this.
  explicit PreferenceDesk(PreferenceStore& preferences) : preferences_(preferences) {}

  // INVALID_ARGUMENT/INVALID_FIELD: a zone that isn't known, or a time of day that isn't one.
  absl::StatusOr<v1::UpdatePreferencesResponse> UpdatePreferences(const rpc::CallContext& context,
                                                                  const v1::UpdatePreferencesRequest& request);
  absl::StatusOr<v1::GetPreferencesResponse> GetPreferences(const rpc::CallContext& context,
                                                            const v1::GetPreferencesRequest& request);

 private:
  PreferenceStore& preferences_;
};

}  // namespace lumbar::notification
