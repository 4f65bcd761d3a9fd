// A walk through the free times of clinicians: what their schedules offer, minus what is taken.
#pragma once

#include <absl/functional/function_ref.h>
#include <absl/status/status.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <memory>
#include <vector>

#include "services/booking/domain/appointment_store.h"
#include "services/booking/domain/clinician_directory.h"
#include "services/booking/domain/schedule.h"

namespace lumbar::booking {

// A clinician whose free times are wanted.
struct Searched {
  std::shared_ptr<const ListedClinician> listed;
  const v1::VisitType* type;
  Schedule schedule;
  // Begins that can be booked now.
  Reach reach;
  // Set by the walk when it was told that this is enough.
  bool done = false;
  const v1::Clinician& clinician() const { return listed->clinician; }
};
// `listed` offers that type of visit, and its hours are known.
Searched SearchedOf(std::shared_ptr<const ListedClinician> listed, absl::string_view visit_type, absl::Time now);

// A visit that nobody has booked or held.
struct FreeVisit {
  Interval time;
  const Searched& who;
};

// What the walk does next.
enum class Walk { kOn, kEnoughOfThisClinician, kStop };

// Calls `see` with each free visit that begins in `window`, both ends included, and that a licence in `patient_state`
// covers: by begin, then as `searched` is ordered; until there are none or it says kStop. Fails as `appointments` does.
absl::Status WalkFreeVisits(AppointmentStore& appointments, std::vector<Searched>& searched,
                            absl::string_view patient_state, Reach window,
                            absl::FunctionRef<Walk(const FreeVisit&)> see);

}  // namespace lumbar::booking
