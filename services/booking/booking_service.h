// Who calls us: the wire methods of booking.
#pragma once

#include "common/rpc/endpoint.h"
#include "lumbar/booking/v1/booking_service.grpc.pb.h"
#include "lumbar/booking/v1/calendar_service.grpc.pb.h"
#include "lumbar/booking/v1/clinician_service.grpc.pb.h"
#include "services/booking/domain/calendar_desk.h"
#include "services/booking/domain/prices.h"
#include "services/booking/domain/roster.h"
#include "services/booking/domain/scheduler.h"
#include "services/booking/domain/visits.h"
#include "services/booking/domain/waitlist.h"
#include "services/booking/domain/watch.h"

namespace lumbar::booking {

class BookingService final
    : public rpc::Endpoint<v1::BookingService::CallbackService, Scheduler, Visits, Prices, Waitlist, Watch> {
 public:
  using Endpoint::Endpoint;

  grpc::ServerUnaryReactor* SearchSlots(grpc::CallbackServerContext* context, const v1::SearchSlotsRequest* request,
                                        v1::SearchSlotsResponse* response) override {
    return Serve(context, request, response, &Scheduler::SearchSlots);
  }
  grpc::ServerUnaryReactor* QuotePrice(grpc::CallbackServerContext* context, const v1::QuotePriceRequest* request,
                                       v1::QuotePriceResponse* response) override {
    return Serve(context, request, response, &Prices::QuotePrice);
  }
  grpc::ServerUnaryReactor* CreateHold(grpc::CallbackServerContext* context, const v1::CreateHoldRequest* request,
                                       v1::CreateHoldResponse* response) override {
    return Serve(context, request, response, &Scheduler::CreateHold);
  }
  grpc::ServerUnaryReactor* ReleaseHold(grpc::CallbackServerContext* context, const v1::ReleaseHoldRequest* request,
                                        v1::ReleaseHoldResponse* response) override {
    return Serve(context, request, response, &Scheduler::ReleaseHold);
  }
  grpc::ServerUnaryReactor* ConfirmHold(grpc::CallbackServerContext* context, const v1::ConfirmHoldRequest* request,
                                        v1::ConfirmHoldResponse* response) override {
    return Serve(context, request, response, &Scheduler::ConfirmHold);
  }
  grpc::ServerUnaryReactor* GetAppointment(grpc::CallbackServerContext* context,
                                           const v1::GetAppointmentRequest* request,
                                           v1::GetAppointmentResponse* response) override {
    return Serve(context, request, response, &Visits::GetAppointment);
  }
  grpc::ServerUnaryReactor* ListAppointments(grpc::CallbackServerContext* context,
                                             const v1::ListAppointmentsRequest* request,
                                             v1::ListAppointmentsResponse* response) override {
    return Serve(context, request, response, &Visits::ListAppointments);
  }
  grpc::ServerUnaryReactor* RescheduleAppointment(grpc::CallbackServerContext* context,
                                                  const v1::RescheduleAppointmentRequest* request,
                                                  v1::RescheduleAppointmentResponse* response) override {
    return Serve(context, request, response, &Visits::RescheduleAppointment);
  }
  grpc::ServerUnaryReactor* CancelAppointment(grpc::CallbackServerContext* context,
                                              const v1::CancelAppointmentRequest* request,
                                              v1::CancelAppointmentResponse* response) override {
    return Serve(context, request, response, &Visits::CancelAppointment);
  }
  grpc::ServerUnaryReactor* CheckInAppointment(grpc::CallbackServerContext* context,
                                               const v1::CheckInAppointmentRequest* request,
                                               v1::CheckInAppointmentResponse* response) override {
    return Serve(context, request, response, &Visits::CheckInAppointment);
  }
  grpc::ServerUnaryReactor* JoinAppointment(grpc::CallbackServerContext* context,
                                            const v1::JoinAppointmentRequest* request,
                                            v1::JoinAppointmentResponse* response) override {
    return Serve(context, request, response, &Visits::JoinAppointment);
  }
  grpc::ServerUnaryReactor* CompleteAppointment(grpc::CallbackServerContext* context,
                                                const v1::CompleteAppointmentRequest* request,
                                                v1::CompleteAppointmentResponse* response) override {
    return Serve(context, request, response, &Visits::CompleteAppointment);
  }
  grpc::ServerUnaryReactor* MarkNoShow(grpc::CallbackServerContext* context, const v1::MarkNoShowRequest* request,
                                       v1::MarkNoShowResponse* response) override {
    return Serve(context, request, response, &Visits::MarkNoShow);
  }
  grpc::ServerUnaryReactor* JoinWaitlist(grpc::CallbackServerContext* context, const v1::JoinWaitlistRequest* request,
                                         v1::JoinWaitlistResponse* response) override {
    return Serve(context, request, response, &Waitlist::JoinWaitlist);
  }
  grpc::ServerUnaryReactor* GetWaitlistEntry(grpc::CallbackServerContext* context,
                                             const v1::GetWaitlistEntryRequest* request,
                                             v1::GetWaitlistEntryResponse* response) override {
    return Serve(context, request, response, &Waitlist::GetWaitlistEntry);
  }
  grpc::ServerUnaryReactor* ListWaitlistEntries(grpc::CallbackServerContext* context,
                                                const v1::ListWaitlistEntriesRequest* request,
                                                v1::ListWaitlistEntriesResponse* response) override {
    return Serve(context, request, response, &Waitlist::ListWaitlistEntries);
  }
  grpc::ServerUnaryReactor* LeaveWaitlist(grpc::CallbackServerContext* context, const v1::LeaveWaitlistRequest* request,
                                          v1::LeaveWaitlistResponse* response) override {
    return Serve(context, request, response, &Waitlist::LeaveWaitlist);
  }
  grpc::ServerUnaryReactor* AcceptOffer(grpc::CallbackServerContext* context, const v1::AcceptOfferRequest* request,
                                        v1::AcceptOfferResponse* response) override {
    return Serve(context, request, response, &Waitlist::AcceptOffer);
  }
  grpc::ServerUnaryReactor* DeclineOffer(grpc::CallbackServerContext* context, const v1::DeclineOfferRequest* request,
                                         v1::DeclineOfferResponse* response) override {
    return Serve(context, request, response, &Waitlist::DeclineOffer);
  }
  grpc::ServerWriteReactor<v1::WatchAppointmentsResponse>* WatchAppointments(
      grpc::CallbackServerContext* context, const v1::WatchAppointmentsRequest* request) override {
    return ServeStream<v1::WatchAppointmentsResponse>(context, request, &Watch::WatchAppointments);
  }
};

class CalendarService final : public rpc::Endpoint<v1::CalendarService::CallbackService, CalendarDesk> {
 public:
  using Endpoint::Endpoint;

  grpc::ServerUnaryReactor* GetCalendarFile(grpc::CallbackServerContext* context,
                                            const v1::GetCalendarFileRequest* request,
                                            v1::GetCalendarFileResponse* response) override {
    return Serve(context, request, response, &CalendarDesk::GetCalendarFile);
  }
  grpc::ServerUnaryReactor* DownloadCalendarFile(grpc::CallbackServerContext* context,
                                                 const v1::DownloadCalendarFileRequest* request,
                                                 v1::DownloadCalendarFileResponse* response) override {
    return Serve(context, request, response, &CalendarDesk::DownloadCalendarFile);
  }
};

class ClinicianService final : public rpc::Endpoint<v1::ClinicianService::CallbackService, Roster> {
 public:
  using Endpoint::Endpoint;

  grpc::ServerUnaryReactor* CreateClinician(grpc::CallbackServerContext* context,
                                            const v1::CreateClinicianRequest* request,
                                            v1::CreateClinicianResponse* response) override {
    return Serve(context, request, response, &Roster::CreateClinician);
  }
  grpc::ServerUnaryReactor* UpdateClinician(grpc::CallbackServerContext* context,
                                            const v1::UpdateClinicianRequest* request,
                                            v1::UpdateClinicianResponse* response) override {
    return Serve(context, request, response, &Roster::UpdateClinician);
  }
  grpc::ServerUnaryReactor* GetClinician(grpc::CallbackServerContext* context, const v1::GetClinicianRequest* request,
                                         v1::GetClinicianResponse* response) override {
    return Serve(context, request, response, &Roster::GetClinician);
  }
  grpc::ServerUnaryReactor* ListClinicians(grpc::CallbackServerContext* context,
                                           const v1::ListCliniciansRequest* request,
                                           v1::ListCliniciansResponse* response) override {
    return Serve(context, request, response, &Roster::ListClinicians);
  }
};

}  // namespace lumbar::booking
