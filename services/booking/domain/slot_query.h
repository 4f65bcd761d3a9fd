// What a search for slots asks: understood once, refused with the field at fault.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <optional>
#include <string>

#include "lumbar/booking/v1/booking_service.pb.h"
#include "services/booking/domain/schedule.h"

namespace lumbar::booking {

// A place in the order of slots: by begin, then by clinician.
struct SlotPosition {
  absl::Time start = absl::InfinitePast();
  std::string clinician;
  bool Precedes(absl::Time other_start, absl::string_view other_clinician) const {
    return start != other_start ? start < other_start : clinician < other_clinician;
  }
};

struct SlotQuery {
  // Begins that may be listed; nothing if the first is after the last.
  Reach window;
  // Where the page before ended.
  SlotPosition after;
  int page_size = 0;
  // Whose wall clock is told too.
  std::optional<absl::TimeZone> patient_zone;
};

// INVALID_ARGUMENT/INVALID_FIELD: the window is empty, longer than 31 days, over, or begins beyond every horizon; the
// patient's zone is unknown. INVALID_ARGUMENT/INVALID_PAGE_TOKEN.
absl::StatusOr<SlotQuery> Understand(const v1::SearchSlotsRequest& request, absl::Time now);

// For the page that begins after `last`.
std::string TokenAfter(const v1::Slot& last, const v1::SearchSlotsRequest& request);

// Whether the clinician speaks `language`: who speaks es-MX speaks es, and everybody speaks the empty one.
bool Speaks(const v1::Clinician& clinician, absl::string_view language);

// Whether the clinician may see the patient at some time and is what the request asks for.
bool IsWanted(const v1::Clinician& clinician, const v1::SearchSlotsRequest& request);

}  // namespace lumbar::booking
