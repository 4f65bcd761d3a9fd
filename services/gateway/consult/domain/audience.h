// Who may see a consult, and what of it.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <string>

#include "common/auth/caller.h"
#include "common/rpc/call_context.h"
#include "services/gateway/consult/domain/access_grants.h"
#include "services/gateway/consult/domain/consult_store.h"

namespace lumbar::gateway {

// Whether `clinician` has a part in it: the chosen time is theirs, they took it on, or it waits for somebody who does.
bool HasPart(const consult::v1::Consult& consult, const std::string& clinician);

// The audit event of a reading that rests on a grant.
inline constexpr char kUseOfGrant[] = "access.use";

// Why somebody may read a consult: it is theirs to see, or a grant opens it to them.
enum class Right { kOwn, kGrant };

// That of a caller who is no patient. PERMISSION_DENIED/NOT_YOURS: a clinician who has no part in it, and no grant that
// is live at `now`. Can also fail as AccessGrants says.
absl::StatusOr<Right> RightToRead(const auth::Caller& caller, const consult::v1::Consult& consult, AccessGrants& grants,
                                  absl::Time now);

// The same for the call itself, which is audited as "access.use" if it rests on a grant. PERMISSION_DENIED/NOT_YOURS:
// another patient's, too.
absl::StatusOr<Right> CheckSees(const rpc::CallContext& context, const consult::v1::Consult& consult,
                                AccessGrants& grants, absl::Time now);

// Takes out what `caller` isn't to see: offers that have begun by `now`, and for a clinician who has no part in it any
// more, and no grant, nearly all.
void HideFrom(const auth::Caller& caller, consult::v1::Consult& consult, absl::Time now, Right right = Right::kOwn);

// The consult as `caller` sees it at `now`, with its etag.
consult::v1::Consult ShownTo(const auth::Caller& caller, const Case& stored, absl::Time now, Right right = Right::kOwn);

}  // namespace lumbar::gateway
