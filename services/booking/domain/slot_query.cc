#include "services/booking/domain/slot_query.h"

#include <absl/algorithm/container.h>
#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <utility>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/store/errors.h"
#include "common/store/page_token.h"
#include "common/time/proto_time.h"
#include "common/time/zone.h"
#include "services/booking/domain/eligibility.h"

namespace lumbar::booking {
namespace {

constexpr absl::Duration kUsualWindow = absl::Hours(24 * 14);
constexpr absl::Duration kLongestWindow = absl::Hours(24 * 31);

absl::StatusOr<Reach> WindowOf(const v1::SearchSlotsRequest& request, absl::Time now) {
  const absl::Time first = request.has_start_time() ? FromProto(request.start_time()) : now;
  const absl::Time last = request.has_end_time() ? FromProto(request.end_time()) : first + kUsualWindow;
  if (last < first) return InvalidField("end_time", "must not be before start_time");
  if (last - first > kLongestWindow) return InvalidField("end_time", "must be at most 31 days after start_time");
  if (last < now) return InvalidField("end_time", "must not be over");
  if (first > now + kLongestHorizon) return InvalidField("start_time", "must be at most 365 days ahead");
  return Reach{first, last};
}

std::string QueryOf(v1::SearchSlotsRequest request) {
  request.clear_page_token();
  request.clear_page_size();
  return request.SerializeAsString();
}

absl::StatusOr<SlotPosition> PositionOf(const v1::SearchSlotsRequest& request) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string key, store::DecodePageToken(request.page_token(), QueryOf(request)));
  if (key.empty()) return SlotPosition{};
  const std::pair<std::string, std::string> parts = absl::StrSplit(key, absl::MaxSplits(' ', 1));
  int64_t micros = 0;
  if (!absl::SimpleAtoi(parts.first, &micros)) return store::InvalidPageToken();
  return SlotPosition{absl::FromUnixMicros(micros), parts.second};
}

absl::StatusOr<std::optional<absl::TimeZone>> ZoneOf(const std::string& name) {
  if (name.empty()) return std::nullopt;
  const std::optional<absl::TimeZone> zone = FindZone(name);
  if (!zone) return InvalidField("patient_time_zone", "must be an IANA zone such as America/New_York");
  return zone;
}

// Basic filtering of RFC 4647: a range fits itself and whatever goes on from it after a hyphen.
bool Fits(absl::string_view tag, absl::string_view range) {
  return absl::StartsWithIgnoreCase(tag, range) && (tag.size() == range.size() || tag[range.size()] == '-');
}

}  // namespace

absl::StatusOr<SlotQuery> Understand(const v1::SearchSlotsRequest& request, absl::Time now) {
  SlotQuery query;
  LUMBAR_ASSIGN_OR_RETURN(query.window, WindowOf(request, now));
  LUMBAR_ASSIGN_OR_RETURN(query.after, PositionOf(request));
  LUMBAR_ASSIGN_OR_RETURN(query.page_size, store::PageSize(request.page_size(), 50, 200));
  LUMBAR_ASSIGN_OR_RETURN(query.patient_zone, ZoneOf(request.patient_time_zone()));
  return query;
}

std::string TokenAfter(const v1::Slot& last, const v1::SearchSlotsRequest& request) {
  const int64_t micros = absl::ToUnixMicros(FromProto(last.start_time()));
  return store::EncodePageToken(absl::StrCat(micros, " ", last.clinician()), QueryOf(request));
}

bool Speaks(const v1::Clinician& clinician, absl::string_view language) {
  const auto speaks = [&](const std::string& code) { return Fits(code, language); };
  return language.empty() || absl::c_any_of(clinician.language_codes(), speaks);
}

bool IsWanted(const v1::Clinician& clinician, const v1::SearchSlotsRequest& request) {
  const std::string& specialty = request.specialty();
  const auto is = [&](const std::string& field) { return absl::EqualsIgnoreCase(field, specialty); };
  if (!IsLicensedIn(clinician, request.patient_state())) return false;
  if (!Speaks(clinician, request.language_code())) return false;
  if (!specialty.empty() && absl::c_none_of(clinician.specialties(), is)) return false;
  const PatientScope patient{request.patient_state(), request.patient_age_years()};
  return CheckScope(clinician, patient, request.visit_type()).ok();
}

}  // namespace lumbar::booking
