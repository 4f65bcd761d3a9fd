#include "services/notification/testing/samples.h"

#include "common/time/proto_time.h"

namespace lumbar::notification {

booking::v1::Appointment SampleAppointment(absl::Time start, absl::string_view name) {
  booking::v1::Appointment appointment;
  appointment.set_name(std::string(name));
  appointment.set_patient("patients/ada");
  appointment.set_state(booking::v1::APPOINTMENT_STATE_BOOKED);
  appointment.set_version(1);
  booking::v1::Slot& slot = *appointment.mutable_slot();
  slot.set_clinician_display_name("Grace Moss, PT");
  *slot.mutable_start_time() = ToProtoTime(start);
  *slot.mutable_end_time() = ToProtoTime(start + absl::Minutes(30));
  slot.set_time_zone("America/Chicago");
  booking::v1::PatientContact& contact = *appointment.mutable_contact();
  contact.set_display_name("Ada Birch");
  contact.set_email("ada@example.com");
  contact.set_phone_number("+12125550123");
  contact.set_time_zone("America/New_York");
  contact.set_state("NY");
  return appointment;
}

booking::v1::WaitlistEntry SampleOffer(absl::Time start, absl::Time expires) {
  const booking::v1::Appointment visit = SampleAppointment(start);
  booking::v1::WaitlistEntry entry;
  entry.set_name("waitlistEntries/6f1b1f0e-0000-4000-8000-000000000002");
  entry.set_patient(visit.patient());
  *entry.mutable_contact() = visit.contact();
  entry.set_state(booking::v1::WAITLIST_STATE_OFFERED);
  entry.set_version(2);
  *entry.mutable_offer()->mutable_slot() = visit.slot();
  *entry.mutable_offer()->mutable_expire_time() = ToProtoTime(expires);
  return entry;
}

booking::v1::Appointment NextVersion(booking::v1::Appointment appointment, booking::v1::AppointmentState state) {
  appointment.set_version(appointment.version() + 1);
  appointment.set_state(state);
  return appointment;
}

}  // namespace lumbar::notification
