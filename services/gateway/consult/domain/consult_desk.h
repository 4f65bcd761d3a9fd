// The handlers of consult.v1.ConsultService.
#pragma once

#include <absl/status/statusor.h>

#include <string>

#include "common/rpc/call_context.h"
#include "common/time/clock.h"
#include "services/gateway/consult/domain/access_grants.h"
#include "services/gateway/consult/domain/consult_store.h"
#include "services/gateway/consult/domain/saga.h"

namespace lumbar::gateway {

// Each method promises what the contract says of it.
class ConsultDesk {
 public:
  // All must outlive it.
  ConsultDesk(ConsultStore& cases, AccessGrants& grants, Saga& saga, Booking& booking, const Clock& clock)
      : cases_(cases), grants_(grants), saga_(saga), booking_(booking), clock_(clock) {}

  absl::StatusOr<consult::v1::RequestConsultResponse> RequestConsult(const rpc::CallContext& context,
                                                                     const consult::v1::RequestConsultRequest& request);
  absl::StatusOr<consult::v1::GetConsultResponse> GetConsult(const rpc::CallContext& context,
                                                             const consult::v1::GetConsultRequest& request);
  absl::StatusOr<consult::v1::ListConsultsResponse> ListConsults(const rpc::CallContext& context,
                                                                 const consult::v1::ListConsultsRequest& request);
  absl::StatusOr<consult::v1::ChooseSlotResponse> ChooseSlot(const rpc::CallContext& context,
                                                             const consult::v1::ChooseSlotRequest& request);
  absl::StatusOr<consult::v1::AcceptConsultResponse> AcceptConsult(const rpc::CallContext& context,
                                                                   const consult::v1::AcceptConsultRequest& request);
  absl::StatusOr<consult::v1::DeclineConsultResponse> DeclineConsult(const rpc::CallContext& context,
                                                                     const consult::v1::DeclineConsultRequest& request);
  absl::StatusOr<consult::v1::CancelConsultResponse> CancelConsult(const rpc::CallContext& context,
                                                                   const consult::v1::CancelConsultRequest& request);

 private:
  Errand ErrandOf(const rpc::CallContext& context) const;
  // As the saga's Advance, and again from what is stored if somebody else moved the consult meanwhile, as the resumer
  // does.
  absl::StatusOr<Case> MoveOn(Case moved, const Errand& errand);
  // `found` as it is when it is called off, its visit first.
  absl::StatusOr<Case> CallOff(const rpc::CallContext& context, const consult::v1::CancelConsultRequest& request,
                               const Case& found);
  // The visit that is to be called off with the consult; empty: there is none.
  absl::StatusOr<std::string> LiveVisit(const rpc::CallContext& context,
                                        const consult::v1::CancelConsultRequest& request, const Case& found);
  // OK if `visit` is called off now, whoever did it. FAILED_PRECONDITION/CONSULT_OVER: it took place.
  absl::Status CancelVisit(const rpc::CallContext& context, const std::string& request_id, const std::string& visit,
                           bool by_practice);
  // FAILED_PRECONDITION/EMERGENCY_NOT_BOOKABLE: the patient has told of an emergency since.
  absl::Status CheckNoEmergencySince(const consult::v1::Consult& consult);
  // `found`, with what became of its visit without it.
  Case AfterVisit(const rpc::CallContext& context, Case found);

  ConsultStore& cases_;
  AccessGrants& grants_;
  Saga& saga_;
  Booking& booking_;
  const Clock& clock_;
};

}  // namespace lumbar::gateway
