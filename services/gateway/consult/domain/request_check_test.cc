#include "services/gateway/consult/domain/request_check.h"

#include <gmock/gmock.h>

#include "common/status/matchers.h"
#include "common/time/zone.h"
#include "common/time/zone_testing.h"

namespace lumbar::gateway {
namespace {

absl::Status CheckZone(const std::string& zone) {
  consult::v1::RequestConsultRequest request;
  request.mutable_contact()->set_state("CA");
  request.mutable_contact()->set_time_zone(zone);
  return CheckRequest(request);
}

TEST(RequestCheckTest, TakesEveryZoneThatBookingTakes) {
  for (const std::string& name : ZoneNames()) EXPECT_THAT(CheckZone(name), IsOk()) << name;
}

TEST(RequestCheckTest, OpensNoFileForAZoneThatThereIsNot) {
  const ZoneRecorder recorder;
  for (const char* name : kNoZones) {
    EXPECT_THAT(CheckZone(name), FailsWith(absl::StatusCode::kInvalidArgument, "INVALID_FIELD")) << name;
  }
  EXPECT_THAT(recorder.opened(), testing::IsEmpty());
}

}  // namespace
}  // namespace lumbar::gateway
