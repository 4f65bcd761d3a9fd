#include "services/gateway/consult/domain/access_desk.h"

#include <absl/strings/ascii.h>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/store/resource_name.h"
#include "common/time/proto_time.h"
#include "services/gateway/consult/domain/errors.h"

namespace lumbar::gateway {
namespace {

namespace v1 = consult::v1;

constexpr size_t kShortestReason = 10;

}  // namespace

absl::StatusOr<v1::BreakGlassResponse> AccessDesk::BreakGlass(const rpc::CallContext& context,
                                                              const v1::BreakGlassRequest& request) {
  // Ten spaces are no reason.
  if (absl::StripAsciiWhitespace(request.reason()).size() < kShortestReason) {
    return InvalidField("reason", "must say in ten characters at least why you must read this consult");
  }
  LUMBAR_RETURN_IF_ERROR(cases_.Find(request.name()).status());
  const absl::Time now = clock_.Now();
  const bool usual = request.lifetime_minutes() == 0;
  v1::AccessGrant wanted;
  wanted.set_name(store::NewName("accessGrants"));
  wanted.set_consult(request.name());
  wanted.set_holder(context.caller().subject);
  wanted.set_reason(request.reason());
  *wanted.mutable_create_time() = ToProtoTime(now);
  *wanted.mutable_expire_time() = ToProtoTime(now + (usual ? kUsualGrant : absl::Minutes(request.lifetime_minutes())));
  v1::BreakGlassResponse response;
  LUMBAR_ASSIGN_OR_RETURN(*response.mutable_grant(), grants_.Create(context.mutation(), wanted, kMostGrants));
  return response;
}

absl::StatusOr<v1::ListAccessGrantsResponse> AccessDesk::ListAccessGrants(const rpc::CallContext&,
                                                                          const v1::ListAccessGrantsRequest& request) {
  return grants_.List(request);
}

absl::StatusOr<v1::RevokeAccessGrantResponse> AccessDesk::RevokeAccessGrant(
    const rpc::CallContext& context, const v1::RevokeAccessGrantRequest& request) {
  const auth::Caller& caller = context.caller();
  const absl::Time now = clock_.Now();
  const auto revoke = [&](v1::AccessGrant& grant) -> absl::Status {
    if (caller.role != options::v1::ROLE_STAFF && grant.holder() != caller.subject) return NotYourGrant();
    if (grant.has_revoke_time() || FromProto(grant.expire_time()) <= now) return absl::OkStatus();
    *grant.mutable_revoke_time() = ToProtoTime(now);
    grant.set_revoker(caller.subject);
    return absl::OkStatus();
  };
  v1::RevokeAccessGrantResponse response;
  LUMBAR_ASSIGN_OR_RETURN(*response.mutable_grant(), grants_.Change(context.mutation(), request.name(), revoke));
  return response;
}

}  // namespace lumbar::gateway
