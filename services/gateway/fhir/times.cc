#include "services/gateway/fhir/times.h"

#include <absl/strings/ascii.h>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/time/proto_time.h"

namespace lumbar::gateway::fhir {
namespace {

constexpr size_t kDayLength = 10;
constexpr size_t kLongestTime = 40;

// What absl reads besides, such as "infinite-future", doesn't begin with a digit.
bool MayBeTime(absl::string_view text) {
  return text.size() <= kLongestTime && !text.empty() && absl::ascii_isdigit(static_cast<unsigned char>(text.front()));
}

}  // namespace

std::string Instant(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%E*SZ", FromProto(time), absl::UTCTimeZone());
}

absl::StatusOr<Moments> ReadDateTime(absl::string_view text, absl::string_view path) {
  absl::Time time;
  std::string ignored;
  if (MayBeTime(text)) {
    if (absl::ParseTime(absl::RFC3339_full, text, &time, &ignored)) return Moments{time, time};
    if (text.size() == kDayLength && absl::ParseTime("%E4Y-%m-%d", text, &time, &ignored)) {
      return Moments{time, time + absl::Hours(24) - absl::Microseconds(1)};
    }
  }
  return InvalidField(path, "must be a day or a time with its zone, like 2026-11-28 or 2026-11-28T09:00:00Z");
}

absl::StatusOr<google::protobuf::Timestamp> ReadInstant(const Element& element) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string text, element.Text());
  LUMBAR_ASSIGN_OR_RETURN(const Moments moments, ReadDateTime(text, element.path()));
  if (moments.first != moments.last) return element.Wrong("must be a time with its zone, like 2026-11-28T09:00:00Z");
  return ToProtoTime(moments.first);
}

}  // namespace lumbar::gateway::fhir
