// A rate as GCRA has it: one each interval, and some at once.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <absl/time/time.h>

#include <optional>

namespace lumbar::gateway {

struct Rate {
  absl::Duration interval = absl::Seconds(1);
  int burst = 1;

  // How far ahead of time somebody may be who came all at once.
  absl::Duration Ahead() const { return interval * burst; }
};

// "20:100" is twenty a second and a hundred at once; "off", which gives nothing, is no limit. A second may have a
// fraction: "0.1:5". INVALID_ARGUMENT/INVALID_FIELD, naming `field`, for anything else.
absl::StatusOr<std::optional<Rate>> ParseRate(absl::string_view field, absl::string_view text);

}  // namespace lumbar::gateway
