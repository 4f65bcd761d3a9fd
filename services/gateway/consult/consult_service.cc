#include "services/gateway/consult/consult_service.h"

namespace lumbar::gateway {

namespace v1 = consult::v1;

grpc::ServerUnaryReactor* ConsultService::RequestConsult(grpc::CallbackServerContext* context,
                                                         const v1::RequestConsultRequest* request,
                                                         v1::RequestConsultResponse* response) {
  return Serve(context, request, response, &ConsultDesk::RequestConsult);
}

grpc::ServerUnaryReactor* ConsultService::GetConsult(grpc::CallbackServerContext* context,
                                                     const v1::GetConsultRequest* request,
                                                     v1::GetConsultResponse* response) {
  return Serve(context, request, response, &ConsultDesk::GetConsult);
}

grpc::ServerUnaryReactor* ConsultService::ListConsults(grpc::CallbackServerContext* context,
                                                       const v1::ListConsultsRequest* request,
                                                       v1::ListConsultsResponse* response) {
  return Serve(context, request, response, &ConsultDesk::ListConsults);
}

grpc::ServerUnaryReactor* ConsultService::ChooseSlot(grpc::CallbackServerContext* context,
                                                     const v1::ChooseSlotRequest* request,
                                                     v1::ChooseSlotResponse* response) {
  return Serve(context, request, response, &ConsultDesk::ChooseSlot);
}

grpc::ServerUnaryReactor* ConsultService::CancelConsult(grpc::CallbackServerContext* context,
                                                        const v1::CancelConsultRequest* request,
                                                        v1::CancelConsultResponse* response) {
  return Serve(context, request, response, &ConsultDesk::CancelConsult);
}

}  // namespace lumbar::gateway
