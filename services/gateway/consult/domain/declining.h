// What a clinician's decline makes of a consult. Giving the time up and routing again is the saga's.
#pragma once

#include <absl/status/status.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <string>

#include "services/gateway/consult/domain/consult_store.h"

namespace lumbar::gateway {

// Whether `clinician` has declined it, and so isn't offered any more.
bool HasDeclined(const consult::v1::Consult& consult, absl::string_view clinician);

// `declined` is given up by `clinician`, with whom its visit is. Fails as the contract says of DeclineConsult.
absl::Status Decline(Case& declined, const std::string& clinician, const std::string& reason, absl::Time now);

}  // namespace lumbar::gateway
