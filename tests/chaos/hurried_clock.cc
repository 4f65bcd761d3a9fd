// Stands in for common/server/clock.cc when lumbar-notification-hurried is linked: time goes faster, so that leases,
// backoffs and reminders of minutes and hours take seconds. How long a peer is waited for stays as it is. What ships is
// linked with clock.cc and has none of this.
#include <absl/strings/numbers.h>
#include <absl/time/clock.h>

#include <cstdlib>
#include <string>

#include "common/server/clock.h"

namespace lumbar::server {
namespace {

double Setting(const char* name) {
  // No other thread runs yet.
  const char* const text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  double value = 0;
  return text != nullptr && absl::SimpleAtod(text, &value) ? value : 0;
}

// At LUMBAR_EPOCH_MILLIS it is the real time; from then on it goes LUMBAR_TIME_SCALE times as fast. Processes that
// share a store have the same of both.
class HurriedClock final : public Clock {
 public:
  absl::Time Now() const override { return epoch_ + (absl::Now() - epoch_) * scale_; }

 private:
  const absl::Time epoch_ = absl::FromUnixMillis(static_cast<int64_t>(Setting("LUMBAR_EPOCH_MILLIS")));
  const double scale_ = Setting("LUMBAR_TIME_SCALE");
};

}  // namespace

std::unique_ptr<const Clock> MakeClock() { return std::make_unique<HurriedClock>(); }

}  // namespace lumbar::server
