#include "services/notification/adapters/clinic_flags.h"

#include <gmock/gmock.h>

#include "common/status/matchers.h"
#include "common/time/zone.h"
#include "common/time/zone_testing.h"

namespace lumbar::notification {
namespace {

TEST(ClinicFlagsTest, AreFineByThemselves) { EXPECT_THAT(CheckClinic({}), IsOk()); }

// An alert to none of these would arrive, and nobody would know before somebody waits.
TEST(ClinicFlagsTest, WantOneMailboxForTheStaff) {
  EXPECT_THAT(CheckClinic({"desk@clinic.example"}), IsOk());
  for (const char* address : {"desk", "desk@", "@clinic.example", "the desk@clinic.example",
                              "a@clinic.example,b@clinic.example", "Desk <desk@clinic.example>"}) {
    EXPECT_THAT(CheckClinic({address}), FailsWith(absl::StatusCode::kInvalidArgument, "STAFF_EMAIL")) << address;
  }
}

TEST(ClinicFlagsTest, WantAZoneThatThisMachineKnows) {
  for (const std::string& name : ZoneNames()) EXPECT_THAT(CheckClinic({"", name}), IsOk()) << name;
  const auto refused = FailsWith(absl::StatusCode::kInvalidArgument, "TIME_ZONE");
  const ZoneRecorder recorder;
  for (const char* zone : kNoZones) EXPECT_THAT(CheckClinic({"", zone}), refused) << zone;
  EXPECT_THAT(CheckClinic({"", ""}), refused);
  EXPECT_THAT(recorder.opened(), testing::IsEmpty());
}

}  // namespace
}  // namespace lumbar::notification
