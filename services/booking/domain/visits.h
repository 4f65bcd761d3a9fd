// Decides about booked visits: who may see them, and what becomes of them.
#pragma once

#include <absl/status/statusor.h>

#include <functional>
#include <vector>

#include "common/auth/assessment_token.h"
#include "common/rpc/call_context.h"
#include "common/time/clock.h"
#include "lumbar/booking/v1/booking_service.pb.h"
#include "services/booking/domain/admission.h"
#include "services/booking/domain/appointment_store.h"
#include "services/booking/domain/clinician_store.h"
#include "services/booking/domain/offer.h"
#include "services/booking/domain/video_rooms.h"

namespace lumbar::booking {

// The handlers of BookingService once a time is booked; what each refuses is in its contract. Thread safe.
class Visits {
 public:
  // The first four must outlive it. Calling a visit off later than `cancellation_window` before its begin is late.
  // `rooms` may be null: then nobody joins.
  // `on_change` is called after each change of an appointment is on disk; it must not block.
  Visits(ClinicianStore& clinicians, AppointmentStore& appointments, const auth::AssessmentVerifier& verifier,
         const Clock& clock, absl::Duration cancellation_window, const VideoRooms* rooms,
         std::function<void()> on_change)
      : clinicians_(clinicians),
        appointments_(appointments),
        verifier_(verifier),
        clock_(clock),
        cancellation_window_(cancellation_window),
        rooms_(rooms),
        on_change_(std::move(on_change)) {}

  absl::StatusOr<v1::GetAppointmentResponse> GetAppointment(const rpc::CallContext& context,
                                                            const v1::GetAppointmentRequest& request);
  absl::StatusOr<v1::ListAppointmentsResponse> ListAppointments(const rpc::CallContext& context,
                                                                const v1::ListAppointmentsRequest& request);
  absl::StatusOr<v1::RescheduleAppointmentResponse> RescheduleAppointment(
      const rpc::CallContext& context, const v1::RescheduleAppointmentRequest& request);
  absl::StatusOr<v1::CancelAppointmentResponse> CancelAppointment(const rpc::CallContext& context,
                                                                  const v1::CancelAppointmentRequest& request);
  absl::StatusOr<v1::CheckInAppointmentResponse> CheckInAppointment(const rpc::CallContext& context,
                                                                    const v1::CheckInAppointmentRequest& request);
  absl::StatusOr<v1::JoinAppointmentResponse> JoinAppointment(const rpc::CallContext& context,
                                                              const v1::JoinAppointmentRequest& request);
  absl::StatusOr<v1::CompleteAppointmentResponse> CompleteAppointment(const rpc::CallContext& context,
                                                                      const v1::CompleteAppointmentRequest& request);
  absl::StatusOr<v1::MarkNoShowResponse> MarkNoShow(const rpc::CallContext& context,
                                                    const v1::MarkNoShowRequest& request);

 private:
  // The appointment, if the caller may touch it.
  absl::StatusOr<v1::Appointment> Find(const rpc::CallContext& context, absl::string_view name);
  absl::StatusOr<v1::Appointment> Change(const rpc::CallContext& context, absl::string_view name, AppointmentStep step);
  // A step of lifecycle.h that needs nothing but the time: CheckIn, Complete or MarkNoShow.
  using PlainStep = absl::StatusOr<v1::Appointment> (*)(const v1::Appointment&, absl::string_view etag, absl::Time now);
  absl::StatusOr<v1::Appointment> Take(const rpc::CallContext& context, absl::string_view name, absl::string_view etag,
                                       PlainStep step);
  // What waives the fee for calling the patient's visit off.
  absl::StatusOr<v1::FeeWaiver> WaiverFor(const rpc::CallContext& context, const v1::CancelAppointmentRequest& request,
                                          absl::string_view patient) const;
  // Those of `query` that the clinician's present hours don't cover.
  absl::StatusOr<std::vector<v1::Appointment>> FindOutsideHours(const AppointmentQuery& query);
  // The time that `request` wants for `found`.
  absl::StatusOr<Offer> OfferFor(const v1::Appointment& found, const v1::RescheduleAppointmentRequest& request);

  ClinicianStore& clinicians_;
  AppointmentStore& appointments_;
  const auth::AssessmentVerifier& verifier_;
  const Clock& clock_;
  const absl::Duration cancellation_window_;
  const VideoRooms* const rooms_;
  const std::function<void()> on_change_;
};

}  // namespace lumbar::booking
