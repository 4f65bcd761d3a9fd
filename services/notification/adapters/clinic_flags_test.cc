#include "services/notification/adapters/clinic_flags.h"

#include <gmock/gmock.h>

#include "common/status/matchers.h"

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
  EXPECT_THAT(CheckClinic({"", "America/Los_Angeles"}), IsOk());
  for (const char* zone : {"", "America/Nowhere", "EST5 ", "localtime", "../UTC"}) {
    EXPECT_THAT(CheckClinic({"", zone}), FailsWith(absl::StatusCode::kInvalidArgument, "TIME_ZONE")) << zone;
  }
}

}  // namespace
}  // namespace lumbar::notification
