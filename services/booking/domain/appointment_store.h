// The port to holds and appointments. Every failure of a port that isn't named at its function is the database's own
// (common/store/errors.h): UNAVAILABLE may be retried with the same request_id.
//
// Guarantees, whatever crashes, retries or races, and from any number of replicas:
// - No two live holds or appointments of one clinician own the same tick.
// - No daily limit is passed by holds or moves, however they race.
// - What was answered is on disk. The answer to a mutation is kept with its effect: the same request_id gets the same
//   answer; with another body INVALID_ARGUMENT/REQUEST_ID_REUSED.
// - Each change of an appointment leaves one AppointmentEvent in the outbox, in the same transaction.
// - Time is read inside the transaction, so that a call that waited for its turn is judged by when it acts.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/functional/function_ref.h>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <optional>
#include <string>
#include <vector>

#include "common/store/mutation.h"
#include "lumbar/booking/v1/booking_service.pb.h"
#include "services/booking/domain/tick.h"

namespace lumbar::booking {

// A hold that the rules allow, to be had if the time is free.
struct NewHold {
  // Patient, slot, contact and level; the store adds name, state and expire_time.
  v1::Hold hold;
  // What must be free: the visit with its buffers.
  TickRange ticks;
  // Of the clinician's local day; nothing: no limit.
  std::optional<DailyLimit> daily_limit;
  // How long it is kept at most; never beyond the begin of the visit.
  absl::Duration lifetime;
  // How many live holds the patient may have, this one included. Those of offers don't count, and have no limit.
  int live_limit = 0;
  // Why staff booked without an assessment; kept for the audit, empty otherwise.
  std::string override_reason;
  // For whom it is put on offer; empty of any other hold.
  std::string waitlist_entry;
};

// An appointment and what must be free for it: the visit with its buffers.
struct Booked {
  v1::Appointment appointment;
  TickRange ticks;
  // What the gain of a new time must keep; a limit that is passed already is none of a visit's that stays.
  std::optional<DailyLimit> daily_limit = {};
};

// What becomes of an appointment at `now`, or why nothing does.
using AppointmentStep = absl::FunctionRef<absl::StatusOr<Booked>(const Booked& before, absl::Time now)>;

// Whether the caller may touch what belongs to `patient`; may be asked more than once.
using OwnerCheck = absl::FunctionRef<absl::Status(const std::string& patient)>;

// Which appointments to list, by begin and then by name.
struct AppointmentQuery {
  // Only this patient's, only this clinician's; empty: anybody's.
  std::string patient;
  std::string clinician;
  // After this one; nothing: from the first.
  struct Position {
    absl::Time start_time;
    std::string name;
  };
  std::optional<Position> after;
  int limit = 50;
};

// The ticks that are taken, ascending, by clinician. Who has none is left out.
using TakenTicks = absl::flat_hash_map<std::string, std::vector<int64_t>>;

// How much a clinician has to do.
struct Workload {
  // Booked or held, buffers included.
  absl::Duration busy = absl::ZeroDuration();
  // When a visit was last booked; nothing: not lately.
  std::optional<absl::Time> last_booked;
};
// By clinician. Who has nothing to do is left out.
using Workloads = absl::flat_hash_map<std::string, Workload>;

class AppointmentStore {
 public:
  virtual ~AppointmentStore() = default;

  // Takes the time for the patient. The time of an expired hold is free, whether or not anybody swept it away.
  // If `wanted` is a refusal: the earlier answer to this request, or that refusal.
  // ALREADY_EXISTS/SLOT_TAKEN, RESOURCE_EXHAUSTED/TOO_MANY_HOLDS, FAILED_PRECONDITION/NOT_A_SLOT: it has begun,
  // FAILED_PRECONDITION/DAY_FULL.
  virtual absl::StatusOr<v1::CreateHoldResponse> CreateHold(const store::Mutation& mutation,
                                                            const absl::StatusOr<NewHold>& wanted) = 0;
  // NOT_FOUND/HOLD_NOT_FOUND.
  virtual absl::StatusOr<v1::Hold> GetHold(absl::string_view name) = 0;
  // Frees the time at once. Answers the offer, if the hold is one: so does ConfirmHold. As Release in lifecycle.h, and
  // NOT_FOUND/HOLD_NOT_FOUND.
  virtual absl::StatusOr<v1::ReleaseHoldResponse> ReleaseHold(const store::Mutation& mutation,
                                                              absl::string_view name) = 0;
  // As Confirm in lifecycle.h, and NOT_FOUND/HOLD_NOT_FOUND. Nothing happens, and nothing is told, unless `may` is OK.
  virtual absl::StatusOr<v1::ConfirmHoldResponse> ConfirmHold(const store::Mutation& mutation, absl::string_view name,
                                                              OwnerCheck may) = 0;

  // NOT_FOUND/APPOINTMENT_NOT_FOUND.
  virtual absl::StatusOr<v1::Appointment> GetAppointment(absl::string_view name) = 0;
  virtual absl::StatusOr<std::vector<v1::Appointment>> ListAppointments(const AppointmentQuery& query) = 0;
  // Saves what `step` makes of the appointment, with the time that it needs then: a new one is gained and the old one
  // freed, a cancelled one's is freed at once, or nothing happens at all. If the step leaves the version as it is,
  // nothing is saved and nobody is told. `step` may run more than once.
  // Fails as `step` does. NOT_FOUND/APPOINTMENT_NOT_FOUND. ALREADY_EXISTS/SLOT_TAKEN: the new time isn't free.
  // FAILED_PRECONDITION/DAY_FULL: the new day is.
  virtual absl::StatusOr<v1::Appointment> Change(const store::Mutation& mutation, absl::string_view name,
                                                 AppointmentStep step) = 0;

  // The ticks of live holds and appointments in `range`, of one clinician or, if empty, of all.
  virtual absl::StatusOr<TakenTicks> Taken(absl::string_view clinician, TickRange range) = 0;
  // How many live holds and appointments of the clinician begin in `day`.
  virtual absl::StatusOr<int64_t> CountVisits(absl::string_view clinician, const Interval& day) = 0;
  // What live holds and appointments take of `range`, and who was booked at `booked_since` or later.
  virtual absl::StatusOr<Workloads> WorkloadsIn(TickRange range, absl::Time booked_since) = 0;
  // The patient's appointments that began before `before`, called off or not, the latest first.
  virtual absl::StatusOr<std::vector<v1::Appointment>> ListPast(absl::string_view patient, absl::Time before,
                                                                int limit) = 0;
};

}  // namespace lumbar::booking
