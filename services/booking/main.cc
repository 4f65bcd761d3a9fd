// The booking service: clinicians, free times, holds and appointments.
#include <memory>
#include <optional>
#include <string>

#include "common/auth/assessment_token.h"
#include "common/concurrency/batch_task.h"
#include "common/concurrency/periodic.h"
#include "common/server/command_line.h"
#include "common/server/host.h"
#include "common/status/macros.h"
#include "common/store/database.h"
#include "common/store/idempotency.h"
#include "services/booking/adapters/calendar_settings.h"
#include "services/booking/adapters/fee_schedule_file.h"
#include "services/booking/adapters/jitsi_rooms.h"
#include "services/booking/adapters/notification_client.h"
#include "services/booking/booking_service.h"
#include "services/booking/domain/outbox_relay.h"
#include "services/booking/domain/waitlist_matcher.h"
#include "services/booking/store/change_table.h"
#include "services/booking/store/migrations.h"
#include "services/booking/store/outbox_table.h"
#include "services/booking/store/sql_appointment_store.h"
#include "services/booking/store/sql_clinician_store.h"
#include "services/booking/store/sql_waitlist_queue.h"
#include "services/booking/store/sql_waitlist_store.h"
#include "services/booking/store/sweep.h"

namespace lumbar::booking {
namespace {

// A back can change a lot in a week, whatever triage once wrote.
constexpr absl::Duration kOldestAssessment = absl::Hours(24 * 7);
// How often outbox, waitlist and changes are looked at without being woken: for what was postponed, ran out, or was
// left behind or changed by another process.
constexpr absl::Duration kPeriod = absl::Seconds(1);

struct Options {
  std::string database;
  std::string assessment_jwks_file;
  std::string notification;
  int cancellation_hours = 24;
  int hold_seconds = static_cast<int>(absl::ToInt64Seconds(kHoldLifetime));
  std::string fee_schedule_file;
  JitsiRooms::Config video;
  CalendarConfig calendar;
};

void AddFlags(server::CommandLine& line, Options& options) {
  line.RequiredText("database", options.database,
                    "where bookings are kept: sqlite:///var/lib/lumbar/booking.db or postgresql://user@host/booking");
  line.RequiredText("assessment-jwks-file", options.assessment_jwks_file, "public keys of triage (JWKS)");
  line.RequiredText("notification", options.notification, "address of the notification service, e.g. 127.0.0.1:9094");
  line.Text("fee-schedule-file", options.fee_schedule_file, "what visits cost (JSON); without it no price is quoted");
  line.Number("cancellation-hours", options.cancellation_hours, 0, 24 * 14,
              "calling a visit off less than so many hours before it is late");
  line.Number("hold-seconds", options.hold_seconds, 2, 3600,
              "how long a time is kept for a patient; half of it for one who must be seen within a day");
}

void AddVideoFlags(server::CommandLine& line, JitsiRooms::Config& video) {
  line.Text("video-domain", video.domain, "host of a Jitsi Meet; without it nobody joins");
  line.Text("video-app-id", video.app_id, "its app_id");
  line.Text("video-secret-file", video.secret_file, "a file with its app_secret");
  line.Needs("video-domain", {"video-app-id", "video-secret-file"});
  line.Needs("video-app-id", {"video-domain"});
  line.Needs("video-secret-file", {"video-domain"});
}

void AddCalendarFlags(server::CommandLine& line, CalendarConfig& calendar) {
  line.Text("practice", calendar.practice, "the clinic's name, as patients know it");
  line.Text("organizer-email", calendar.email,
            "e-mail address that calendars know the clinic by; without it no calendar files");
  line.Text("visit-uri", calendar.visit_uri, "address where visits are joined, to which an appointment's id is added");
  line.Text("calendar-secret-file", calendar.secret_file,
            "a file with the secret of links to calendar files; without it no links");
  line.Needs("organizer-email", {"practice"});
  line.Needs("visit-uri", {"organizer-email"});
  line.Needs("calendar-secret-file", {"organizer-email"});
}

// Null without video rooms.
absl::StatusOr<std::unique_ptr<JitsiRooms>> RoomsOf(const Options& options) {
  if (options.video.domain.empty()) return nullptr;
  return JitsiRooms::Open(options.video);
}

absl::StatusOr<std::optional<v1::FeeSchedule>> FeesOf(const Options& options) {
  if (options.fee_schedule_file.empty()) return std::nullopt;
  return ReadFeeSchedule(options.fee_schedule_file);
}

absl::Status Serve(server::Host& host, const Options& options) {
  const Clock& clock = host.clock();
  LUMBAR_RETURN_IF_ERROR(host.NeedTimeZones());
  LUMBAR_ASSIGN_OR_RETURN(auto fees, FeesOf(options));
  LUMBAR_ASSIGN_OR_RETURN(const auto rooms, RoomsOf(options));
  LUMBAR_ASSIGN_OR_RETURN(auto calendar, ReadCalendarSettings(options.calendar));
  LUMBAR_ASSIGN_OR_RETURN(const auto database, store::Database::Open({.url = options.database}));
  LUMBAR_RETURN_IF_ERROR(MigrateBooking(*database, clock));
  LUMBAR_ASSIGN_OR_RETURN(auth::FollowedKeys* const assessment_keys,
                          host.FollowKeys("assessments", {.file = options.assessment_jwks_file}));
  LUMBAR_ASSIGN_OR_RETURN(auth::ServiceIdentity* const identity, host.Identity());
  const auth::AssessmentVerifier verifier(*assessment_keys, clock, kOldestAssessment);

  SqlClinicianStore clinicians(*database, clock);
  SqlAppointmentStore appointments(*database, clock);
  SqlOutbox outbox(*database, clock);
  NotificationClient notification(options.notification, host.certificates(), *identity);
  OutboxRelay relay(outbox, notification, clock);
  BatchTask relaying("outbox", kPeriod, [&] { return relay.RelayBatch(); });
  SqlWaitlistStore places(*database, clock);
  SqlWaitlistQueue queue(*database, clock);
  WaitlistMatcher matcher(clinicians, appointments, queue, clock, [&] { relaying.Wake(); });
  BatchTask matching("waitlist", kPeriod, [&] { return matcher.RunBatch(); });
  LUMBAR_ASSIGN_OR_RETURN(const auto pipeline, host.MakePipeline({&BookingContract(), &ClinicianContract(),
                                                                  &CalendarContract(), &RoutingContract()}));
  PeriodicTask watching("watch", kPeriod, [&] { pipeline->streams().WakeAll(); });
  host.OnDrain([&](absl::Duration) { pipeline->streams().EndAll(); });

  const auto on_booked = [&] {
    relaying.Wake();
    watching.Wake();
  };
  const auto on_change = [&] {
    on_booked();
    matching.Wake();
  };
  const absl::Duration hold_lifetime = absl::Seconds(options.hold_seconds);
  Roster roster(clinicians);
  Scheduler scheduler(clinicians, appointments, verifier, clock, on_booked, hold_lifetime);
  Visits visits(clinicians, appointments, verifier, clock, absl::Hours(options.cancellation_hours), rooms.get(),
                on_change);
  Waitlist waitlist(
      clinicians, places, verifier, clock, [&] { matching.Wake(); }, hold_lifetime);
  Prices prices(std::move(fees), clock);
  Candidates candidates(clinicians, appointments, clock);
  CalendarDesk desk(clinicians, appointments, std::move(calendar.organizer), std::move(calendar.links), clock);
  SqlChangeLog changes(*database);
  Watch watch(changes, clock);
  BatchTask sweep("sweep", store::kSweepPeriod, [&] {
    const bool more_responses = store::SweepResponses(*database, clock);
    return Sweep(*database, clock).value_or(false) || more_responses;
  });
  host.OnDrain([&](absl::Duration) { sweep.Stop(); });
  host.AddReadiness("database", [&] { return database->Ping(); });
  return host.Serve(*pipeline, {BookingMethods(scheduler, visits, prices, waitlist, watch), ClinicianMethods(roster),
                                CalendarMethods(desk), RoutingMethods(candidates)});
}

}  // namespace
}  // namespace lumbar::booking

int main(int argc, char** argv) {
  lumbar::server::CommandLine line("lumbar-booking: clinicians, free times, holds and appointments");
  lumbar::server::Flags flags;
  flags.service = "booking";
  flags.port = 9093;
  flags.ops_port = 10093;
  flags.metrics_port = 11093;
  // Whoever writes waits for the disk with others: the more of them, the more share a commit.
  flags.threads = 64;
  lumbar::booking::Options options;
  lumbar::booking::AddFlags(line, options);
  lumbar::booking::AddVideoFlags(line, options.video);
  lumbar::booking::AddCalendarFlags(line, options.calendar);
  return lumbar::server::Main(argc, argv, line, flags,
                              [&](lumbar::server::Host& host) { return lumbar::booking::Serve(host, options); });
}
