// Who calls us: the wire methods of triage.
#pragma once

#include "common/rpc/arena_messages.h"
#include "common/rpc/endpoint.h"
#include "lumbar/triage/v1/triage_service.grpc.pb.h"
#include "services/triage/domain/assessor.h"

namespace lumbar::triage {

class TriageService final : public rpc::Endpoint<v1::TriageService::CallbackService, Assessor> {
 public:
  TriageService(rpc::Pipeline& pipeline, Assessor& assessor) : Endpoint(pipeline, assessor) {
    SetMessageAllocatorFor_Assess(&assess_messages_);
  }

  grpc::ServerUnaryReactor* Assess(grpc::CallbackServerContext* context, const v1::AssessRequest* request,
                                   v1::AssessResponse* response) override {
    return Serve(context, request, response, &Assessor::Assess);
  }
  grpc::ServerUnaryReactor* NextQuestion(grpc::CallbackServerContext* context, const v1::NextQuestionRequest* request,
                                         v1::NextQuestionResponse* response) override {
    return Serve(context, request, response, &Assessor::NextQuestion);
  }
  grpc::ServerUnaryReactor* ReplayAssessment(grpc::CallbackServerContext* context,
                                             const v1::ReplayAssessmentRequest* request,
                                             v1::ReplayAssessmentResponse* response) override {
    return Serve(context, request, response, &Assessor::ReplayAssessment);
  }
  grpc::ServerUnaryReactor* GetProtocol(grpc::CallbackServerContext* context, const v1::GetProtocolRequest* request,
                                        v1::GetProtocolResponse* response) override {
    return Serve(context, request, response, &Assessor::GetProtocol);
  }
  grpc::ServerUnaryReactor* ListProtocols(grpc::CallbackServerContext* context, const v1::ListProtocolsRequest* request,
                                          v1::ListProtocolsResponse* response) override {
    return Serve(context, request, response, &Assessor::ListProtocols);
  }

 private:
  rpc::ArenaMessages<v1::AssessRequest, v1::AssessResponse> assess_messages_;
};

}  // namespace lumbar::triage
