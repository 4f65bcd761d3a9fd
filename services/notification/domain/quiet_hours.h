// The hours of the night, on a patient's wall clock, at which nothing that can wait makes a noise.
#pragma once

#include <absl/time/time.h>

#include <optional>

#include "lumbar/booking/v1/appointment.pb.h"
#include "lumbar/notification/v1/message.pb.h"

namespace lumbar::notification {

class QuietHours {
 public:
  // From `start` until `end`, each since midnight; they may span midnight. The same: never.
  QuietHours(absl::Duration start, absl::Duration end, absl::TimeZone zone) : start_(start), end_(end), zone_(zone) {}
  // Those of a patient: what `preferences` don't say is 21:00 to 08:00, in the zone of the visit's contact.
  static QuietHours Of(const v1::Preferences& preferences, const booking::v1::Appointment& appointment);

  bool Contain(absl::Time time) const;
  // When the quiet that contains `time` ends: the first moment after it that isn't quiet. `time` itself if it isn't.
  absl::Time EndFrom(absl::Time time) const;
  // The moment that belongs to `time`'s evening: an hour before the quiet that contains it began, or as early as the
  // quiet before that leaves. `time` itself if it isn't quiet.
  absl::Time EveningBefore(absl::Time time) const;

 private:
  // When the quiet that contains `time` began.
  absl::Time BeginOf(absl::Time time) const;

  absl::Duration start_, end_;
  absl::TimeZone zone_;
};

}  // namespace lumbar::notification
