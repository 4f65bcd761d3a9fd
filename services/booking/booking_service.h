// Who calls us: the methods of booking's contracts, each with the function that answers it.
#pragma once

#include "common/rpc/method_table.h"
#include "lumbar/booking/v1/booking_service.pb.h"
#include "lumbar/booking/v1/calendar_service.pb.h"
#include "lumbar/booking/v1/clinician_service.pb.h"
#include "lumbar/booking/v1/routing_service.pb.h"
#include "services/booking/domain/calendar_desk.h"
#include "services/booking/domain/candidates.h"
#include "services/booking/domain/prices.h"
#include "services/booking/domain/roster.h"
#include "services/booking/domain/scheduler.h"
#include "services/booking/domain/visits.h"
#include "services/booking/domain/waitlist.h"
#include "services/booking/domain/watch.h"

namespace lumbar::booking {

inline const google::protobuf::ServiceDescriptor& BookingContract() {
  return *v1::CreateHoldRequest::descriptor()->file()->FindServiceByName("BookingService");
}
inline const google::protobuf::ServiceDescriptor& ClinicianContract() {
  return *v1::GetClinicianRequest::descriptor()->file()->FindServiceByName("ClinicianService");
}
inline const google::protobuf::ServiceDescriptor& CalendarContract() {
  return *v1::GetCalendarFileRequest::descriptor()->file()->FindServiceByName("CalendarService");
}
inline const google::protobuf::ServiceDescriptor& RoutingContract() {
  return *v1::FindCandidatesRequest::descriptor()->file()->FindServiceByName("RoutingService");
}

inline rpc::MethodTable BookingMethods(Scheduler& scheduler, Visits& visits, Prices& prices, Waitlist& waitlist,
                                       Watch& watch) {
  return rpc::ServiceMethods(BookingContract(), scheduler, visits, prices, waitlist, watch)
      .Add("SearchSlots", &Scheduler::SearchSlots)
      .Add("QuotePrice", &Prices::QuotePrice)
      .Add("CreateHold", &Scheduler::CreateHold)
      .Add("ReleaseHold", &Scheduler::ReleaseHold)
      .Add("ConfirmHold", &Scheduler::ConfirmHold)
      .Add("GetAppointment", &Visits::GetAppointment)
      .Add("ListAppointments", &Visits::ListAppointments)
      .Add("RescheduleAppointment", &Visits::RescheduleAppointment)
      .Add("CancelAppointment", &Visits::CancelAppointment)
      .Add("CheckInAppointment", &Visits::CheckInAppointment)
      .Add("JoinAppointment", &Visits::JoinAppointment)
      .Add("CompleteAppointment", &Visits::CompleteAppointment)
      .Add("MarkNoShow", &Visits::MarkNoShow)
      .Add("JoinWaitlist", &Waitlist::JoinWaitlist)
      .Add("GetWaitlistEntry", &Waitlist::GetWaitlistEntry)
      .Add("ListWaitlistEntries", &Waitlist::ListWaitlistEntries)
      .Add("LeaveWaitlist", &Waitlist::LeaveWaitlist)
      .Add("AcceptOffer", &Waitlist::AcceptOffer)
      .Add("DeclineOffer", &Waitlist::DeclineOffer)
      .AddStream<v1::WatchAppointmentsResponse>("WatchAppointments", &Watch::WatchAppointments);
}

inline rpc::MethodTable ClinicianMethods(Roster& roster) {
  return rpc::ServiceMethods(ClinicianContract(), roster)
      .Add("CreateClinician", &Roster::CreateClinician)
      .Add("UpdateClinician", &Roster::UpdateClinician)
      .Add("GetClinician", &Roster::GetClinician)
      .Add("ListClinicians", &Roster::ListClinicians);
}

inline rpc::MethodTable CalendarMethods(CalendarDesk& desk) {
  return rpc::ServiceMethods(CalendarContract(), desk)
      .Add("GetCalendarFile", &CalendarDesk::GetCalendarFile)
      .Add("DownloadCalendarFile", &CalendarDesk::DownloadCalendarFile);
}

inline rpc::MethodTable RoutingMethods(Candidates& candidates) {
  return rpc::ServiceMethods(RoutingContract(), candidates).Add("FindCandidates", &Candidates::FindCandidates);
}

}  // namespace lumbar::booking
