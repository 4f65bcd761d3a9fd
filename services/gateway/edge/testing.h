// What the edge's tests share.
#pragma once

#include <string>
#include <vector>

#include "lumbar/booking/v1/booking_service.pb.h"
#include "lumbar/booking/v1/calendar_service.pb.h"
#include "lumbar/booking/v1/clinician_service.pb.h"
#include "lumbar/booking/v1/routing_service.pb.h"
#include "lumbar/consult/v1/consult_service.pb.h"
#include "lumbar/content/v1/content_service.pb.h"
#include "lumbar/content/v1/editorial_service.pb.h"
#include "lumbar/notification/v1/alert_service.pb.h"
#include "lumbar/notification/v1/notification_service.pb.h"
#include "lumbar/triage/v1/triage_service.pb.h"

namespace lumbar::gateway {

// Full names of every service of the contracts. Naming a message of each keeps the linker from dropping its file.
inline std::vector<std::string> AllServices() {
  std::vector<std::string> names;
  for (const auto* message :
       {booking::v1::CreateHoldRequest::descriptor(), booking::v1::GetClinicianRequest::descriptor(),
        booking::v1::GetCalendarFileRequest::descriptor(), booking::v1::FindCandidatesRequest::descriptor(),
        consult::v1::GetConsultRequest::descriptor(), content::v1::GetArticleRequest::descriptor(),
        content::v1::PublishArticleRequest::descriptor(), notification::v1::GetMessageRequest::descriptor(),
        notification::v1::RaiseAlertRequest::descriptor(), triage::v1::AssessRequest::descriptor()}) {
    names.push_back(message->file()->service(0)->full_name());
  }
  return names;
}

}  // namespace lumbar::gateway
