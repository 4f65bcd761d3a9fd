#include "tools/cli/commands/slot_text.h"

#include <absl/strings/str_cat.h>

#include "tools/cli/text.h"

namespace lumbar::cli {
namespace {

std::string WallClock(const booking::v1::Slot& slot, const std::string& time_zone) {
  return LocalTime(slot.start_time(), time_zone.empty() ? slot.time_zone() : time_zone);
}

}  // namespace

std::string SlotTable(const google::protobuf::RepeatedPtrField<booking::v1::Slot>& slots,
                      const std::string& time_zone) {
  std::vector<std::vector<std::string>> rows = {{"CLINICIAN", "NAME", "LOCAL TIME", "UTC"}};
  for (const auto& slot : slots) {
    rows.push_back(
        {slot.clinician(), slot.clinician_display_name(), WallClock(slot, time_zone), UtcTime(slot.start_time())});
  }
  return Table(rows);
}

std::string SlotText(const booking::v1::Slot& slot, const std::string& time_zone) {
  return Plain(absl::StrCat(slot.clinician_display_name(), " (", slot.clinician(), "), ", WallClock(slot, time_zone),
                            ", ", UtcTime(slot.start_time())));
}

std::string MoreText(const std::string& next_page_token) {
  if (next_page_token.empty()) return "";
  return absl::StrCat("There is more: add --page-token ", Plain(next_page_token), "\n");
}

}  // namespace lumbar::cli
