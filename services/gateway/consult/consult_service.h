// consult.v1.ConsultService on the wire; ConsultDesk does the work.
#pragma once

#include "common/rpc/endpoint.h"
#include "lumbar/consult/v1/consult_service.grpc.pb.h"
#include "services/gateway/consult/domain/consult_desk.h"

namespace lumbar::gateway {

class ConsultService final : public rpc::Endpoint<consult::v1::ConsultService::CallbackService, ConsultDesk> {
 public:
  using Endpoint::Endpoint;

  grpc::ServerUnaryReactor* RequestConsult(grpc::CallbackServerContext* context,
                                           const consult::v1::RequestConsultRequest* request,
                                           consult::v1::RequestConsultResponse* response) override;
  grpc::ServerUnaryReactor* GetConsult(grpc::CallbackServerContext* context,
                                       const consult::v1::GetConsultRequest* request,
                                       consult::v1::GetConsultResponse* response) override;
  grpc::ServerUnaryReactor* ListConsults(grpc::CallbackServerContext* context,
                                         const consult::v1::ListConsultsRequest* request,
                                         consult::v1::ListConsultsResponse* response) override;
  grpc::ServerUnaryReactor* ChooseSlot(grpc::CallbackServerContext* context,
                                       const consult::v1::ChooseSlotRequest* request,
                                       consult::v1::ChooseSlotResponse* response) override;
  grpc::ServerUnaryReactor* CancelConsult(grpc::CallbackServerContext* context,
                                          const consult::v1::CancelConsultRequest* request,
                                          consult::v1::CancelConsultResponse* response) override;
};

}  // namespace lumbar::gateway
