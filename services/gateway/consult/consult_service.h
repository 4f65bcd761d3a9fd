// Who calls us: the methods of consult's contracts, each with the function that answers it.
#pragma once

#include "common/rpc/method_table.h"
#include "lumbar/consult/v1/access_service.pb.h"
#include "lumbar/consult/v1/consult_service.pb.h"
#include "services/gateway/consult/domain/access_desk.h"
#include "services/gateway/consult/domain/consult_desk.h"
#include "services/gateway/consult/domain/consult_watch.h"
#include "services/gateway/consult/domain/list_watch.h"

namespace lumbar::gateway {

inline const google::protobuf::ServiceDescriptor& ConsultContract() {
  return *consult::v1::RequestConsultRequest::descriptor()->file()->FindServiceByName("ConsultService");
}

inline rpc::MethodTable ConsultMethods(ConsultDesk& desk, ConsultWatch& watch, ListWatch& lists) {
  return rpc::ServiceMethods(ConsultContract(), desk, watch, lists)
      .Add("RequestConsult", &ConsultDesk::RequestConsult)
      .Add("GetConsult", &ConsultDesk::GetConsult)
      .Add("ListConsults", &ConsultDesk::ListConsults)
      .Add("ChooseSlot", &ConsultDesk::ChooseSlot)
      .Add("AcceptConsult", &ConsultDesk::AcceptConsult)
      .Add("DeclineConsult", &ConsultDesk::DeclineConsult)
      .Add("CancelConsult", &ConsultDesk::CancelConsult)
      .AddStream<consult::v1::WatchConsultResponse>("WatchConsult", &ConsultWatch::WatchConsult)
      .AddStream<consult::v1::WatchConsultsResponse>("WatchConsults", &ListWatch::WatchConsults);
}

inline const google::protobuf::ServiceDescriptor& AccessContract() {
  return *consult::v1::BreakGlassRequest::descriptor()->file()->FindServiceByName("AccessService");
}

inline rpc::MethodTable AccessMethods(AccessDesk& access) {
  return rpc::ServiceMethods(AccessContract(), access)
      .Add("BreakGlass", &AccessDesk::BreakGlass)
      .Add("ListAccessGrants", &AccessDesk::ListAccessGrants)
      .Add("RevokeAccessGrant", &AccessDesk::RevokeAccessGrant);
}

}  // namespace lumbar::gateway
