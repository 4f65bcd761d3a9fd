#include "services/gateway/consult/domain/audience.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

#include "common/status/macros.h"
#include "common/time/proto_time.h"
#include "services/gateway/consult/domain/errors.h"

namespace lumbar::gateway {

using consult::v1::Consult;

namespace {

// What whoever declined or lost a consult is left with: that it went on.
Consult WithoutPart(const Consult& consult, const std::string& clinician) {
  Consult left;
  left.set_name(consult.name());
  left.set_state(consult.state());
  *left.mutable_create_time() = consult.create_time();
  *left.mutable_update_time() = consult.update_time();
  for (const auto& decline : consult.declines()) {
    if (decline.clinician() == clinician) *left.add_declines() = decline;
  }
  return left;
}

}  // namespace

bool HasPart(const Consult& consult, const std::string& clinician) {
  if (consult.chosen_slot().clinician() == clinician || consult.handler() == clinician) return true;
  return consult.state() == consult::v1::CONSULT_STATE_ESCALATED && consult.handler().empty();
}

absl::StatusOr<Right> RightToRead(const auth::Caller& caller, const Consult& consult, AccessGrants& grants,
                                  absl::Time now) {
  if (caller.role != options::v1::ROLE_CLINICIAN || HasPart(consult, caller.subject)) return Right::kOwn;
  LUMBAR_ASSIGN_OR_RETURN(const bool is_open, grants.IsLive(consult.name(), caller.subject, now));
  if (!is_open) return NotYourConsult();
  return Right::kGrant;
}

absl::StatusOr<Right> CheckSees(const rpc::CallContext& context, const Consult& consult, AccessGrants& grants,
                                absl::Time now) {
  LUMBAR_RETURN_IF_ERROR(context.CheckOwner(consult.patient()));
  LUMBAR_ASSIGN_OR_RETURN(const Right right, RightToRead(context.caller(), consult, grants, now));
  if (right == Right::kGrant) context.NoteAuditEvent(kUseOfGrant);
  return right;
}

void HideFrom(const auth::Caller& caller, Consult& consult, absl::Time now, Right right) {
  auto& offers = *consult.mutable_offers();
  const auto has_begun = [now](const auto& offer) { return FromProto(offer.start_time()) <= now; };
  offers.erase(std::remove_if(offers.begin(), offers.end(), has_begun), offers.end());
  const bool is_clinician = caller.role == options::v1::ROLE_CLINICIAN;
  if (is_clinician && right == Right::kOwn && !HasPart(consult, caller.subject))
    consult = WithoutPart(consult, caller.subject);
  if (caller.role != options::v1::ROLE_PATIENT) return;
  // Why other clinicians were passed over is for whoever answers for the routing, and who looks after it for the staff.
  consult.clear_routing_notes();
  consult.clear_handler();
  consult.clear_declines();
}

Consult ShownTo(const auth::Caller& caller, const Case& stored, absl::Time now, Right right) {
  Consult consult = stored.consult;
  HideFrom(caller, consult, now, right);
  consult.set_etag(absl::StrCat("v", stored.version));
  return consult;
}

}  // namespace lumbar::gateway
