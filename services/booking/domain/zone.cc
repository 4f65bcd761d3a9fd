#include "services/booking/domain/zone.h"

#include <absl/time/time.h>
#include <re2/re2.h>

#include <string>

namespace lumbar::booking {

bool IsKnownZone(absl::string_view name) {
  static const RE2* const kShape = new RE2("(UTC|[A-Z][A-Za-z_]+(/[A-Z][A-Za-z0-9_+-]+){1,2})");
  const std::string text(name);
  absl::TimeZone zone;
  return RE2::FullMatch(text, *kShape) && text.rfind("Fixed/", 0) != 0 && absl::LoadTimeZone(text, &zone);
}

}  // namespace lumbar::booking
