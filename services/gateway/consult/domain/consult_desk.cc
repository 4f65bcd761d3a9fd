#include "services/gateway/consult/domain/consult_desk.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>

#include "common/status/macros.h"
#include "common/store/resource_name.h"
#include "common/time/proto_time.h"
#include "services/gateway/consult/domain/errors.h"
#include "services/gateway/consult/domain/guidance.h"

namespace lumbar::gateway {
namespace {

namespace v1 = consult::v1;

// Left for storing what came of the calls, and for the answer's way back.
constexpr absl::Duration kReserve = absl::Milliseconds(500);

v1::Consult Shown(const Case& stored) {
  v1::Consult consult = stored.consult;
  consult.set_etag(absl::StrCat("v", stored.version));
  return consult;
}

const booking::v1::Slot* FindOffer(const v1::Consult& consult, const v1::ChooseSlotRequest& request) {
  for (const auto& offer : consult.offers()) {
    if (offer.clinician() == request.clinician() && offer.start_time() == request.start_time()) return &offer;
  }
  return nullptr;
}

absl::Status Choose(Case& chosen, const v1::ChooseSlotRequest& request, absl::Time now) {
  v1::Consult& consult = chosen.consult;
  if (consult.state() == v1::CONSULT_STATE_EMERGENCY) return EmergencyNotBookable();
  const bool open = consult.state() == v1::CONSULT_STATE_OFFERED || consult.state() == v1::CONSULT_STATE_SELF_CARE;
  const auto* offer = open ? FindOffer(consult, request) : nullptr;
  if (offer == nullptr) return NotOffered();
  *consult.mutable_chosen_slot() = *offer;
  consult.set_state(v1::CONSULT_STATE_HELD);
  consult.set_guidance(GuidanceFor(consult));
  *consult.mutable_update_time() = ToProtoTime(now);
  // New keys for a new choice: an earlier choice's keys belong to its own calls.
  chosen.hold_request_id = store::NewUuid();
  chosen.confirm_request_id = store::NewUuid();
  chosen.lease_end = now + kLease;
  return absl::OkStatus();
}

absl::Status MarkCancelled(Case& cancelled, absl::Time now) {
  v1::Consult& consult = cancelled.consult;
  if (consult.state() == v1::CONSULT_STATE_HELD) return ConsultBusy();
  if (consult.state() == v1::CONSULT_STATE_CANCELLED || consult.state() == v1::CONSULT_STATE_COMPLETED) {
    return ConsultOver();
  }
  consult.set_state(v1::CONSULT_STATE_CANCELLED);
  consult.clear_offers();
  consult.set_guidance(GuidanceFor(consult));
  *consult.mutable_update_time() = ToProtoTime(now);
  return absl::OkStatus();
}

}  // namespace

Errand ConsultDesk::ErrandOf(const rpc::CallContext& context) const {
  return {std::min(context.deadline() - kReserve, clock_.Now() + kLease / 2), context.trace()};
}

absl::StatusOr<v1::RequestConsultResponse> ConsultDesk::RequestConsult(const rpc::CallContext& context,
                                                                       const v1::RequestConsultRequest& request) {
  const Errand errand = ErrandOf(context);
  auto known = cases_.FindRequested(context.mutation());
  if (!known.ok()) {
    if (!absl::IsNotFound(known.status())) return known.status();
    LUMBAR_ASSIGN_OR_RETURN(const Case opened, saga_.Open(request, errand));
    known = cases_.Create(context.mutation(), opened);
    LUMBAR_RETURN_IF_ERROR(known.status());
  }
  LUMBAR_ASSIGN_OR_RETURN(const Case moved, saga_.Advance(*std::move(known), errand));
  v1::RequestConsultResponse response;
  *response.mutable_consult() = Shown(moved);
  return response;
}

absl::StatusOr<v1::GetConsultResponse> ConsultDesk::GetConsult(const rpc::CallContext& context,
                                                               const v1::GetConsultRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const Case found, cases_.Find(request.name()));
  LUMBAR_RETURN_IF_ERROR(context.CheckOwner(found.consult.patient()));
  v1::GetConsultResponse response;
  *response.mutable_consult() = Shown(found);
  return response;
}

absl::StatusOr<v1::ListConsultsResponse> ConsultDesk::ListConsults(const rpc::CallContext&,
                                                                   const v1::ListConsultsRequest& request) {
  return cases_.List(request);
}

absl::StatusOr<v1::ChooseSlotResponse> ConsultDesk::ChooseSlot(const rpc::CallContext& context,
                                                               const v1::ChooseSlotRequest& request) {
  const auto choose = [&](Case& found) -> absl::Status {
    LUMBAR_RETURN_IF_ERROR(context.CheckOwner(found.consult.patient()));
    return Choose(found, request, clock_.Now());
  };
  LUMBAR_ASSIGN_OR_RETURN(Case chosen, cases_.Change(context.mutation(), request.name(), choose));
  LUMBAR_RETURN_IF_ERROR(context.CheckOwner(chosen.consult.patient()));
  LUMBAR_ASSIGN_OR_RETURN(const Case moved, saga_.Advance(std::move(chosen), ErrandOf(context)));
  v1::ChooseSlotResponse response;
  *response.mutable_consult() = Shown(moved);
  return response;
}

absl::StatusOr<v1::CancelConsultResponse> ConsultDesk::CancelConsult(const rpc::CallContext& context,
                                                                     const v1::CancelConsultRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const Case found, cases_.Find(request.name()));
  LUMBAR_RETURN_IF_ERROR(context.CheckOwner(found.consult.patient()));
  if (found.consult.state() == v1::CONSULT_STATE_BOOKED) {
    // The visit first: if this fails, nothing changed, and the retry makes the same call.
    booking::v1::CancelAppointmentRequest cancel;
    cancel.set_request_id(request.request_id());
    cancel.set_name(found.consult.appointment());
    const absl::Status status = booking_.CancelAppointment(cancel, ErrandOf(context));
    // Called off on another way already: then only the consult is left to do.
    if (!status.ok() && !absl::IsFailedPrecondition(status)) return status;
  }
  const auto mark = [&](Case& cancelled) { return MarkCancelled(cancelled, clock_.Now()); };
  LUMBAR_ASSIGN_OR_RETURN(const Case cancelled, cases_.Change(context.mutation(), request.name(), mark));
  v1::CancelConsultResponse response;
  *response.mutable_consult() = Shown(cancelled);
  return response;
}

}  // namespace lumbar::gateway
