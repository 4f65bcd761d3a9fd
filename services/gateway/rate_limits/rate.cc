#include "services/gateway/rate_limits/rate.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_split.h>

#include <utility>

#include "common/status/errors.h"

namespace lumbar::gateway {
namespace {

// Once in a day to a million a second: intervals that Redis counts in whole microseconds.
constexpr double kLeastPerSecond = 1.0 / 86'400;
constexpr double kMostPerSecond = 1e6;
constexpr int kMostAtOnce = 1'000'000;

}  // namespace

absl::StatusOr<std::optional<Rate>> ParseRate(absl::string_view field, absl::string_view text) {
  if (text == "off") return std::nullopt;
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(text, absl::MaxSplits(':', 1));
  double per_second = 0;
  Rate rate;
  const bool numbers = absl::SimpleAtod(parts.first, &per_second) && absl::SimpleAtoi(parts.second, &rate.burst);
  const bool sensible = numbers && per_second >= kLeastPerSecond && per_second <= kMostPerSecond && rate.burst >= 1 &&
                        rate.burst <= kMostAtOnce;
  if (!sensible) return InvalidField(field, "give how many a second and how many at once, like 20:100; or off");
  rate.interval = absl::Microseconds(1e6 / per_second);
  return rate;
}

}  // namespace lumbar::gateway
