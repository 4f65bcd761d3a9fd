// Who may see a consult, and what of it.
#pragma once

#include <absl/status/status.h>

#include <string>

#include "common/auth/caller.h"
#include "common/rpc/call_context.h"
#include "services/gateway/consult/domain/consult_store.h"

namespace lumbar::gateway {

// Whether `clinician` has a part in it: the chosen time is theirs, they took it on, or it waits for somebody who does.
bool HasPart(const consult::v1::Consult& consult, const std::string& clinician);

// PERMISSION_DENIED/NOT_YOURS: another patient's, or one that the calling clinician has no part in.
absl::Status CheckSees(const rpc::CallContext& context, const consult::v1::Consult& consult);

// Takes out what `caller` isn't to see.
void HideFrom(const auth::Caller& caller, consult::v1::Consult& consult);

// The consult as `caller` sees it, with its etag.
consult::v1::Consult ShownTo(const auth::Caller& caller, const Case& stored);

}  // namespace lumbar::gateway
