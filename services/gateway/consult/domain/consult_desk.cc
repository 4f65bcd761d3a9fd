#include "services/gateway/consult/domain/consult_desk.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/store/resource_name.h"
#include "common/time/proto_time.h"
#include "services/gateway/consult/domain/audience.h"
#include "services/gateway/consult/domain/declining.h"
#include "services/gateway/consult/domain/ending.h"
#include "services/gateway/consult/domain/errors.h"
#include "services/gateway/consult/domain/escalation.h"
#include "services/gateway/consult/domain/guidance.h"
#include "services/gateway/consult/domain/request_check.h"
#include "services/gateway/consult/domain/worklist.h"

namespace lumbar::gateway {
namespace {

namespace v1 = consult::v1;

// Less than this can't be enough for triage; trying would only hand the patient to staff.
constexpr absl::Duration kLeastTime = absl::Seconds(2);
// A reader waits no longer than this for word of the visit.
constexpr absl::Duration kVisitTimeout = absl::Seconds(1);
// How often a consult that changed meanwhile is moved on from what it has become.
constexpr int kMostTries = 3;
// Left for storing what came of the calls, and for the answer's way back.
constexpr absl::Duration kReserve = absl::Milliseconds(500);

const booking::v1::Slot* FindOffer(const v1::Consult& consult, const v1::ChooseSlotRequest& request) {
  for (const auto& offer : consult.offers()) {
    if (offer.clinician() == request.clinician() && offer.start_time() == request.start_time()) return &offer;
  }
  return nullptr;
}

bool Bookable(const v1::Consult& consult) {
  return consult.state() == v1::CONSULT_STATE_OFFERED || consult.state() == v1::CONSULT_STATE_SELF_CARE;
}

bool HasTime(const v1::Consult& consult) {
  return consult.state() == v1::CONSULT_STATE_HELD || consult.state() == v1::CONSULT_STATE_BOOKED ||
         consult.state() == v1::CONSULT_STATE_IN_VISIT;
}

absl::Status Choose(Case& chosen, const v1::ChooseSlotRequest& request, absl::Time now) {
  v1::Consult& consult = chosen.consult;
  if (consult.state() == v1::CONSULT_STATE_EMERGENCY) return EmergencyNotBookable();
  if (IsOver(consult)) return ConsultOver();
  if (HasTime(consult)) return TimeChosen();
  const auto* offer = Bookable(consult) ? FindOffer(consult, request) : nullptr;
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

absl::Status TakeOn(Case& taken, const auth::Caller& caller, absl::Time now) {
  v1::Consult& consult = taken.consult;
  if (consult.state() != v1::CONSULT_STATE_ESCALATED) return NotEscalated();
  const bool others = !consult.handler().empty() && consult.handler() != caller.subject;
  if (others && caller.role != options::v1::ROLE_STAFF) return TakenOn();
  consult.set_handler(caller.subject);
  StopAlerting(taken);
  *consult.mutable_update_time() = ToProtoTime(now);
  return absl::OkStatus();
}

}  // namespace

Errand ConsultDesk::ErrandOf(const rpc::CallContext& context) const {
  return {std::min(context.deadline() - kReserve, clock_.Now() + kMoveTime), context.trace()};
}

absl::StatusOr<Case> ConsultDesk::MoveOn(Case moved, const Errand& errand) {
  const std::string name = moved.consult.name();
  auto result = saga_.Advance(std::move(moved), errand);
  for (int tried = 1; tried <= kMostTries && ReasonOf(result.status()) == "CHANGED_MEANWHILE"; ++tried) {
    LUMBAR_ASSIGN_OR_RETURN(Case found, cases_.Find(name));
    // Whoever is always quicker moves it on, too.
    if (tried == kMostTries) return found;
    result = saga_.Advance(std::move(found), errand);
  }
  return result;
}

absl::StatusOr<v1::RequestConsultResponse> ConsultDesk::RequestConsult(const rpc::CallContext& context,
                                                                       const v1::RequestConsultRequest& request) {
  v1::RequestConsultRequest asked = request;
  LUMBAR_RETURN_IF_ERROR(CheckRequest(asked));
  const Errand errand = ErrandOf(context);
  auto known = cases_.FindRequested(context.mutation());
  if (!known.ok()) {
    if (!absl::IsNotFound(known.status())) return known.status();
    if (context.deadline() - clock_.Now() < kLeastTime) return DeadlineTooShort();
    LUMBAR_ASSIGN_OR_RETURN(const Case opened, saga_.Open(asked, errand));
    LUMBAR_RETURN_IF_ERROR(CheckOpened(opened.consult));
    known = cases_.Create(context.mutation(), opened);
    LUMBAR_RETURN_IF_ERROR(known.status());
  }
  LUMBAR_ASSIGN_OR_RETURN(const Case moved, MoveOn(*std::move(known), errand));
  v1::RequestConsultResponse response;
  *response.mutable_consult() = ShownTo(context.caller(), moved, clock_.Now());
  return response;
}

absl::StatusOr<v1::GetConsultResponse> ConsultDesk::GetConsult(const rpc::CallContext& context,
                                                               const v1::GetConsultRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const Case found, cases_.Find(request.name()));
  LUMBAR_RETURN_IF_ERROR(context.CheckOwner(found.consult.patient()));
  // Whose visit it is by now: it may have been moved without the consult.
  const Case now = AfterVisit(context, found);
  LUMBAR_ASSIGN_OR_RETURN(const Right right, CheckSees(context, now.consult, grants_, clock_.Now()));
  v1::GetConsultResponse response;
  *response.mutable_consult() = ShownTo(context.caller(), now, clock_.Now(), right);
  return response;
}

absl::StatusOr<v1::ListConsultsResponse> ConsultDesk::ListConsults(const rpc::CallContext& context,
                                                                   const v1::ListConsultsRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const ConsultQuery query, QueryFor(context.caller(), request));
  LUMBAR_ASSIGN_OR_RETURN(v1::ListConsultsResponse response, cases_.List(query));
  for (v1::Consult& consult : *response.mutable_consults()) HideFrom(context.caller(), consult, clock_.Now());
  return response;
}

absl::StatusOr<v1::ChooseSlotResponse> ConsultDesk::ChooseSlot(const rpc::CallContext& context,
                                                               const v1::ChooseSlotRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const Case found, cases_.Find(request.name()));
  LUMBAR_RETURN_IF_ERROR(context.CheckOwner(found.consult.patient()));
  LUMBAR_RETURN_IF_ERROR(CheckNoEmergencySince(found.consult));
  const auto choose = [&](Case& chosen) { return Choose(chosen, request, clock_.Now()); };
  LUMBAR_ASSIGN_OR_RETURN(Case chosen, cases_.Change(context.mutation(), request.name(), choose));
  LUMBAR_ASSIGN_OR_RETURN(const Case moved, MoveOn(std::move(chosen), ErrandOf(context)));
  v1::ChooseSlotResponse response;
  *response.mutable_consult() = ShownTo(context.caller(), moved, clock_.Now());
  return response;
}

absl::StatusOr<v1::AcceptConsultResponse> ConsultDesk::AcceptConsult(const rpc::CallContext& context,
                                                                     const v1::AcceptConsultRequest& request) {
  const auto take_on = [&](Case& taken) { return TakeOn(taken, context.caller(), clock_.Now()); };
  LUMBAR_ASSIGN_OR_RETURN(const Case taken, cases_.Change(context.mutation(), request.name(), take_on));
  v1::AcceptConsultResponse response;
  *response.mutable_consult() = ShownTo(context.caller(), taken, clock_.Now());
  return response;
}

absl::StatusOr<v1::DeclineConsultResponse> ConsultDesk::DeclineConsult(const rpc::CallContext& context,
                                                                       const v1::DeclineConsultRequest& request) {
  const std::string& clinician = context.caller().subject;
  LUMBAR_ASSIGN_OR_RETURN(const Case found, cases_.Find(request.name()));
  // Whose visit it is by now: it may have been moved without the consult.
  AfterVisit(context, found);
  const auto decline = [&](Case& declined) { return Decline(declined, clinician, request.reason(), clock_.Now()); };
  LUMBAR_ASSIGN_OR_RETURN(Case declined, cases_.Change(context.mutation(), request.name(), decline));
  LUMBAR_ASSIGN_OR_RETURN(const Case moved, MoveOn(std::move(declined), ErrandOf(context)));
  const bool is_kept =
      moved.consult.state() == v1::CONSULT_STATE_BOOKED && moved.consult.chosen_slot().clinician() == clinician;
  // Booking knew better: the patient has joined.
  if (is_kept) return VisitBegun();
  v1::DeclineConsultResponse response;
  *response.mutable_consult() = ShownTo(context.caller(), moved, clock_.Now());
  return response;
}

absl::Status ConsultDesk::CheckNoEmergencySince(const v1::Consult& consult) {
  // Past that, a choice is a repeated one, which gets its answer.
  if (!Bookable(consult)) return absl::OkStatus();
  LUMBAR_ASSIGN_OR_RETURN(const bool emergency,
                          cases_.HasEmergency(consult.patient(), FromProto(consult.create_time())));
  return emergency ? EmergencyNotBookable() : absl::OkStatus();
}

Case ConsultDesk::AfterVisit(const rpc::CallContext& context, Case found) {
  if (found.consult.state() != v1::CONSULT_STATE_BOOKED) return found;
  const Errand errand{std::min(context.deadline() - kReserve, clock_.Now() + kVisitTimeout), context.trace()};
  const auto visit = booking_.GetAppointment(found.consult.appointment(), errand);
  if (!visit.ok()) return found;
  Case after = found;
  if (!FollowVisit(*visit, after, clock_.Now())) return found;
  // Not stored this time: the next reader finds the same.
  auto saved = cases_.Save(std::move(after));
  return saved.ok() ? *std::move(saved) : found;
}

}  // namespace lumbar::gateway
