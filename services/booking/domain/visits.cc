#include "services/booking/domain/visits.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/store/errors.h"
#include "common/store/page_token.h"
#include "common/time/proto_time.h"
#include "services/booking/domain/lifecycle.h"
#include "services/booking/domain/outside_hours.h"
#include "services/booking/errors.h"

namespace lumbar::booking {
namespace {

// Everything in the request that decides which appointments the list has.
std::string QueryOf(const v1::ListAppointmentsRequest& request) {
  return absl::StrCat(request.patient(), " ", request.clinician(), request.outside_hours() ? " outside" : "");
}

std::string TokenAfter(const v1::Appointment& last, const v1::ListAppointmentsRequest& request) {
  const int64_t micros = absl::ToUnixMicros(FromProto(last.slot().start_time()));
  return store::EncodePageToken(absl::StrCat(micros, " ", last.name()), QueryOf(request));
}

absl::StatusOr<std::optional<AppointmentQuery::Position>> PositionOf(const v1::ListAppointmentsRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string key, store::DecodePageToken(request.page_token(), QueryOf(request)));
  if (key.empty()) return std::nullopt;
  const std::pair<std::string, std::string> parts = absl::StrSplit(key, absl::MaxSplits(' ', 1));
  int64_t micros = 0;
  if (!absl::SimpleAtoi(parts.first, &micros)) return store::InvalidPageToken();
  return AppointmentQuery::Position{absl::FromUnixMicros(micros), parts.second};
}

// `before` moved to `offer`. Everything that can change while a call is on its way is judged here, at `now`.
absl::StatusOr<Booked> Move(const Booked& before, const v1::RescheduleAppointmentRequest& request,
                            const std::optional<Admission>& admission, const absl::StatusOr<Offer>& offer,
                            absl::Time now) {
  LUMBAR_ASSIGN_OR_RETURN(v1::Appointment after, Reschedule(before.appointment, request.etag(), now));
  const absl::Time act_by = admission ? admission->act_by : ActBy(before.appointment);
  LUMBAR_RETURN_IF_ERROR(offer.status());
  LUMBAR_RETURN_IF_ERROR(CheckWhen(*offer, now, act_by));
  const bool stays = request.clinician().empty();
  if (stays && offer->slot.clinician() != before.appointment.slot().clinician()) return EtagMismatch();
  *after.mutable_slot() = offer->slot;
  if (admission) {
    after.set_level(admission->level);
    after.clear_act_by_time();
    if (act_by != absl::InfiniteFuture()) *after.mutable_act_by_time() = ToProtoTime(act_by);
  }
  return Booked{std::move(after), offer->ticks, offer->daily_limit};
}

// A clinician has a part in the own visits alone. NOT_YOURS.
absl::Status CheckWhoseVisit(const rpc::CallContext& context, const v1::Appointment& visit) {
  const bool another =
      context.caller().role == options::v1::ROLE_CLINICIAN && context.caller().subject != visit.slot().clinician();
  return another ? NotYourVisit() : absl::OkStatus();
}

RoomPass PassFor(const v1::Appointment& visit, bool leads) {
  return {visit.name(), leads ? visit.slot().clinician_display_name() : "Patient", leads,
          FromProto(visit.slot().start_time()) - kRoomOpensBefore,
          FromProto(visit.slot().end_time()) + kRoomClosesAfter};
}

}  // namespace

absl::StatusOr<v1::Appointment> Visits::Find(const rpc::CallContext& context, absl::string_view name) {
  LUMBAR_ASSIGN_OR_RETURN(v1::Appointment appointment, appointments_.GetAppointment(name));
  LUMBAR_RETURN_IF_ERROR(context.CheckOwner(appointment.patient()));
  return appointment;
}

absl::StatusOr<v1::Appointment> Visits::Change(const rpc::CallContext& context, absl::string_view name,
                                               AppointmentStep step) {
  LUMBAR_ASSIGN_OR_RETURN(v1::Appointment after, appointments_.Change(context.mutation(), name, step));
  on_change_();
  return after;
}

absl::StatusOr<v1::GetAppointmentResponse> Visits::GetAppointment(const rpc::CallContext& context,
                                                                  const v1::GetAppointmentRequest& request) {
  v1::GetAppointmentResponse response;
  LUMBAR_ASSIGN_OR_RETURN(*response.mutable_appointment(), Find(context, request.name()));
  return response;
}

absl::StatusOr<v1::ListAppointmentsResponse> Visits::ListAppointments(const rpc::CallContext&,
                                                                      const v1::ListAppointmentsRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const int page_size, store::PageSize(request.page_size(), 50, 200));
  AppointmentQuery query{request.patient(), request.clinician(), std::nullopt, page_size + 1};
  LUMBAR_ASSIGN_OR_RETURN(query.after, PositionOf(request));
  LUMBAR_ASSIGN_OR_RETURN(std::vector<v1::Appointment> found,
                          request.outside_hours() ? FindOutsideHours(query) : appointments_.ListAppointments(query));

  v1::ListAppointmentsResponse response;
  const bool more = static_cast<int>(found.size()) > page_size;
  if (more) found.pop_back();
  if (more) response.set_next_page_token(TokenAfter(found.back(), request));
  for (v1::Appointment& appointment : found) *response.add_appointments() = std::move(appointment);
  return response;
}

absl::StatusOr<std::vector<v1::Appointment>> Visits::FindOutsideHours(const AppointmentQuery& query) {
  if (query.clinician.empty()) return InvalidField("clinician", "must be set with outside_hours");
  LUMBAR_ASSIGN_OR_RETURN(const v1::Clinician clinician, clinicians_.Get(query.clinician));
  const std::shared_ptr<const OfficeHours> hours = OfficeHours::Of(clinician);
  // Without the zone nobody knows what lies outside.
  if (hours == nullptr) return UnknownZone();
  return ListOutsideHours(appointments_, *hours, query, clock_.Now());
}

absl::StatusOr<Offer> Visits::OfferFor(const v1::Appointment& found, const v1::RescheduleAppointmentRequest& request) {
  const bool stays = request.clinician().empty();
  LUMBAR_ASSIGN_OR_RETURN(const v1::Clinician clinician,
                          clinicians_.Get(stays ? found.slot().clinician() : request.clinician()));
  const PatientScope patient{found.contact().state(), found.contact().age_years()};
  return FindOffer(clinician, found.slot().visit_type(), patient, FromProto(request.start_time()));
}

absl::StatusOr<v1::RescheduleAppointmentResponse> Visits::RescheduleAppointment(
    const rpc::CallContext& context, const v1::RescheduleAppointmentRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const v1::Appointment found, Find(context, request.name()));
  absl::StatusOr<std::optional<Admission>> admission = std::nullopt;
  if (!request.signed_assessment().empty()) {
    admission = AdmitAssessed(request.signed_assessment(), found.patient(), verifier_);
  }
  const absl::StatusOr<Offer> offer = OfferFor(found, request);
  // Refusals wait for the step, because a repeat of what was done gets its answer, whatever is true by now.
  const auto step = [&](const Booked& before, absl::Time now) -> absl::StatusOr<Booked> {
    LUMBAR_RETURN_IF_ERROR(admission.status());
    return Move(before, request, *admission, offer, now);
  };
  v1::RescheduleAppointmentResponse response;
  LUMBAR_ASSIGN_OR_RETURN(*response.mutable_appointment(), Change(context, request.name(), step));
  return response;
}

absl::StatusOr<v1::FeeWaiver> Visits::WaiverFor(const rpc::CallContext& context,
                                                const v1::CancelAppointmentRequest& request,
                                                absl::string_view patient) const {
  const options::v1::Role role = context.caller().role;
  if (request.by_practice() && role == options::v1::ROLE_PATIENT) return PracticeOnly();
  const bool practice = role == options::v1::ROLE_CLINICIAN || role == options::v1::ROLE_STAFF || request.by_practice();
  if (practice) return v1::FEE_WAIVER_PRACTICE;
  if (request.signed_assessment().empty()) return v1::FEE_WAIVER_UNSPECIFIED;
  LUMBAR_ASSIGN_OR_RETURN(const bool emergency, IsEmergency(request.signed_assessment(), patient, verifier_));
  return emergency ? v1::FEE_WAIVER_EMERGENCY : v1::FEE_WAIVER_UNSPECIFIED;
}

absl::StatusOr<v1::CancelAppointmentResponse> Visits::CancelAppointment(const rpc::CallContext& context,
                                                                        const v1::CancelAppointmentRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const v1::Appointment found, Find(context, request.name()));
  const absl::StatusOr<v1::FeeWaiver> waiver = WaiverFor(context, request, found.patient());
  const auto step = [&](const Booked& before, absl::Time now) -> absl::StatusOr<Booked> {
    LUMBAR_RETURN_IF_ERROR(CheckWhoseVisit(context, before.appointment));
    LUMBAR_RETURN_IF_ERROR(waiver.status());
    const CancellationTerms terms{cancellation_window_, *waiver};
    LUMBAR_ASSIGN_OR_RETURN(v1::Appointment after, Cancel(before.appointment, request.etag(), terms, now));
    return Booked{std::move(after), before.ticks};
  };
  v1::CancelAppointmentResponse response;
  LUMBAR_ASSIGN_OR_RETURN(*response.mutable_appointment(), Change(context, request.name(), step));
  return response;
}

absl::StatusOr<v1::JoinAppointmentResponse> Visits::JoinAppointment(const rpc::CallContext& context,
                                                                    const v1::JoinAppointmentRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const v1::Appointment found, Find(context, request.name()));
  LUMBAR_RETURN_IF_ERROR(CheckWhoseVisit(context, found));
  const std::string& with = found.slot().clinician();
  const bool leads = context.caller().role == options::v1::ROLE_CLINICIAN;
  if (rooms_ == nullptr) return VideoNotConfigured();
  const absl::StatusOr<v1::Clinician> clinician = clinicians_.Get(with);
  const auto step = [&](const Booked& before, absl::Time now) -> absl::StatusOr<Booked> {
    if (before.appointment.slot().clinician() != with) return EtagMismatch();
    LUMBAR_ASSIGN_OR_RETURN(const v1::Appointment after, Join(before.appointment, now));
    LUMBAR_RETURN_IF_ERROR(clinician.status());
    const absl::Time end = std::max(now, FromProto(after.slot().end_time()));
    LUMBAR_RETURN_IF_ERROR(CheckLicences(*clinician, request.patient_state(), {now, end}));
    // A clinician alone in the room says nothing about the patient.
    return Booked{leads ? before.appointment : after, before.ticks};
  };
  LUMBAR_ASSIGN_OR_RETURN(const v1::Appointment visit, Change(context, request.name(), step));
  v1::JoinAppointmentResponse response;
  response.set_join_uri(rooms_->JoinUri(PassFor(visit, leads)));
  return response;
}

absl::StatusOr<v1::Appointment> Visits::Take(const rpc::CallContext& context, absl::string_view name,
                                             absl::string_view etag, PlainStep step) {
  return Change(context, name, [&](const Booked& before, absl::Time now) -> absl::StatusOr<Booked> {
    LUMBAR_RETURN_IF_ERROR(CheckWhoseVisit(context, before.appointment));
    LUMBAR_ASSIGN_OR_RETURN(v1::Appointment after, step(before.appointment, etag, now));
    return Booked{std::move(after), before.ticks};
  });
}

absl::StatusOr<v1::CheckInAppointmentResponse> Visits::CheckInAppointment(
    const rpc::CallContext& context, const v1::CheckInAppointmentRequest& request) {
  LUMBAR_RETURN_IF_ERROR(Find(context, request.name()).status());
  v1::CheckInAppointmentResponse response;
  LUMBAR_ASSIGN_OR_RETURN(*response.mutable_appointment(), Take(context, request.name(), request.etag(), CheckIn));
  return response;
}

absl::StatusOr<v1::CompleteAppointmentResponse> Visits::CompleteAppointment(
    const rpc::CallContext& context, const v1::CompleteAppointmentRequest& request) {
  v1::CompleteAppointmentResponse response;
  LUMBAR_ASSIGN_OR_RETURN(*response.mutable_appointment(), Take(context, request.name(), request.etag(), Complete));
  return response;
}

absl::StatusOr<v1::MarkNoShowResponse> Visits::MarkNoShow(const rpc::CallContext& context,
                                                          const v1::MarkNoShowRequest& request) {
  v1::MarkNoShowResponse response;
  LUMBAR_ASSIGN_OR_RETURN(*response.mutable_appointment(),
                          Take(context, request.name(), request.etag(), booking::MarkNoShow));
  return response;
}

}  // namespace lumbar::booking
